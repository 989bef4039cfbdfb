//! A reader of one cube: values by key, and the warnings that gather on the way.

use crate::omegaconf::{Resolver, Spot};
use crate::yaml::{ConfigError, Node, Position, nearest, typed};

/// A reader of one cube.
pub struct Reader<'r, 't> {
    pub(super) resolver: &'r mut Resolver<'t>,
    /// The file of the cube, for what is missing from it.
    pub(super) file: Position,
    pub(super) warnings: Vec<String>,
}

impl<'r, 't> Reader<'r, 't> {
    /// A reader of the cube in `file`.
    pub fn new(resolver: &'r mut Resolver<'t>, file: Position) -> Self {
        Self { resolver, file, warnings: Vec::new() }
    }

    /// The faults that are worth telling and stop nothing.
    pub fn into_warnings(self) -> Vec<String> {
        self.warnings
    }

    /// The value of a key, followed; nothing when it is absent or null.
    pub(super) fn get(
        &mut self,
        spot: &Spot<'t>,
        key: &str,
    ) -> Result<Option<Spot<'t>>, ConfigError> {
        let Some(child) = spot.child(key) else { return Ok(None) };
        let found = self.resolver.follow(child)?;
        Ok(if found.node().is_null() { None } else { Some(found) })
    }

    /// The value of a key, resolved as a whole; nothing when it is absent or null.
    pub(super) fn value(
        &mut self,
        spot: &Spot<'t>,
        key: &str,
    ) -> Result<Option<Node>, ConfigError> {
        let Some(child) = spot.child(key) else { return Ok(None) };
        let node = self.resolver.resolve(child)?;
        Ok(if node.is_null() { None } else { Some(node) })
    }

    /// Warn of the keys that are not known. One that probably means a `vital` key, without which
    /// the Job would be another, is an error.
    pub(super) fn check_keys(
        &mut self,
        label: &str,
        spot: &Spot<'_>,
        known: &[&str],
        vital: &[&str],
    ) -> Result<(), ConfigError> {
        let Some(map) = spot.node().as_map() else { return Ok(()) };
        let is_missing = |key: &str| vital.contains(&key) && map.get(key).is_none();
        for entry in map.iter().filter(|entry| !known.contains(&&*entry.key)) {
            if nearest::meant(&entry.key, known.iter().copied()).is_some_and(is_missing) {
                return Err(typed::unknown_key(label, entry, known));
            }
        }
        let keys = map.iter().map(|entry| (&*entry.key, &entry.at));
        typed::warn_of_keys(label, keys, known, &mut self.warnings);
        Ok(())
    }
}
