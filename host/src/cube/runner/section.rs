//! The merged section `runner`: its values by key.

use crate::omegaconf::{Resolver, Spot};
use crate::yaml::{ConfigError, Node, typed};

/// The largest number that Kubernetes takes for a 32-bit field.
const MOST: u32 = i32::MAX as u32;

/// The section and a resolver for its values.
pub struct Section<'r, 't> {
    pub resolver: &'r mut Resolver<'t>,
    pub spot: Spot<'t>,
}

impl Section<'_, '_> {
    /// The resolved value of a key; nothing when it is absent or null.
    pub fn value(&mut self, key: &str) -> Result<Option<Node>, ConfigError> {
        let Some(child) = self.spot.child(key) else { return Ok(None) };
        let node = self.resolver.resolve(child)?;
        Ok(if node.is_null() { None } else { Some(node) })
    }

    /// The value of a key, read by a function that gets its label too.
    pub fn with<T>(
        &mut self,
        key: &str,
        read: impl FnOnce(&str, &Node) -> Result<T, ConfigError>,
    ) -> Result<Option<T>, ConfigError> {
        self.value(key)?.map(|node| read(&label(key), &node)).transpose()
    }

    /// The text of a key, and its node.
    pub fn text(&mut self, key: &str) -> Result<Option<(String, Node)>, ConfigError> {
        self.with(key, |label, node| Ok((typed::text(label, node)?.to_owned(), node.clone())))
    }

    /// The whole number of a key.
    pub fn number(&mut self, key: &str, least: u32) -> Result<Option<u32>, ConfigError> {
        self.with(key, |label, node| typed::number(label, node, least, MOST))
    }
}

/// The label of a setting, for messages.
pub fn label(key: &str) -> String {
    format!("runner setting `{key}`")
}
