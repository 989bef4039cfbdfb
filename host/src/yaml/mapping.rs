//! A mapping while it is read: keys and values in turn, and YAML 1.1's merge key `<<`.
//!
//! A key of the mapping itself wins over a merged one, and an earlier merged mapping over a later
//! one.

use super::error::{ConfigError, Fault, Position};
use super::limits::quote;
use super::node::{Data, Entry, Map, Node};

/// A mapping whose end was not reached yet.
#[derive(Default)]
pub struct OpenMap {
    own: Map,
    /// Mappings to merge, the weakest first.
    merged: Vec<Map>,
    key: Option<Key>,
}

enum Key {
    Name(String, Position),
    Merge(Position),
}

impl OpenMap {
    /// Whether the next node is a key.
    pub fn wants_key(&self) -> bool {
        self.key.is_none()
    }

    /// Take the next node, a key or a value; `merge` says that this key is a plain `<<`.
    pub fn put(&mut self, node: Node, merge: bool) -> Result<(), ConfigError> {
        match self.key.take() {
            None if merge => self.key = Some(Key::Merge(node.at)),
            None => self.key = Some(self.name(node)?),
            Some(Key::Name(name, at)) => {
                self.own.insert(Entry { key: name.into(), at, value: node })
            }
            Some(Key::Merge(at)) => self.merge(node, &at)?,
        }
        Ok(())
    }

    /// The mapping with all that was merged into it.
    pub fn close(self) -> Result<Map, ConfigError> {
        if self.merged.is_empty() {
            return Ok(self.own);
        }
        let mut map = Map::default();
        for entry in self.merged.into_iter().chain([self.own]).flat_map(Map::into_entries) {
            map.insert(entry);
        }
        Ok(map)
    }

    fn name(&self, node: Node) -> Result<Key, ConfigError> {
        let Data::Text(name) = node.data else {
            let message = format!("expected a name as the key, found {}", node.kind());
            return Err(ConfigError::new(Fault::Syntax, message).at(&node.at));
        };
        if let Some(first) = self.own.get(&name) {
            let message =
                format!("duplicate key `{}`: the first is at `{}`", quote(&name), first.at);
            let error = ConfigError::new(Fault::Syntax, message).at(&node.at);
            return Err(error.with_hint("keep one of the two"));
        }
        Ok(Key::Name(name, node.at))
    }

    fn merge(&mut self, node: Node, at: &Position) -> Result<(), ConfigError> {
        match node.data {
            Data::Map(map) => self.merged.push(map),
            Data::List(items) => {
                for item in items.into_iter().rev() {
                    let Data::Map(map) = item.data else { return Err(not_mergeable(&item, at)) };
                    self.merged.push(map);
                }
            }
            _ => return Err(not_mergeable(&node, at)),
        }
        Ok(())
    }
}

fn not_mergeable(node: &Node, at: &Position) -> ConfigError {
    let found = node.kind();
    let message = format!("`<<`: expected a mapping or a list of mappings, found {found}");
    let error = ConfigError::new(Fault::Syntax, message).at(at);
    error.with_hint("quote the key (`\"<<\"`) if it is meant as a name")
}
