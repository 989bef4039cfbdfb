//! The settings schema of a policy: a part of JSON Schema 2020-12 that takes linear time.
//!
//! A schema is foreign: a policy brings it. So the language is this program's own: every keyword
//! that is understood stands in the table of [`parse`](parse::KEYWORDS), any other is refused by
//! name; `$ref` leads to `#/…` within the schema; regular expressions are those of the crate
//! `regex`. Each step is counted before it is taken, by the length of what the keyword looks at.

mod check;
mod contents;
mod fill;
mod formats;
mod message;
mod node;
mod parse;
mod read;
mod restate;
mod secrets;
mod steps;
#[cfg(test)]
mod tests;
mod values;

pub use secrets::{HIDDEN, hide_marked};
pub use steps::{SchemaError, Steps};

use crate::job::Pointer;
use node::{Node, NodeId};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// A schema that was parsed and is sound.
pub struct Schema {
    nodes: Vec<Node>,
    /// The place of each node in the schema, as a JSON pointer.
    places: Vec<String>,
}

impl Schema {
    /// The node of the whole schema.
    const ROOT: NodeId = NodeId(0);

    /// Parse a schema from JSON text.
    pub fn parse(text: &str, steps: &mut Steps<'_>) -> Result<Self, SchemaError> {
        let json: Value = serde_json::from_str(text)
            .map_err(|error| SchemaError::Wrong(format!("it is not JSON: {error}")))?;
        parse::parse(&json, steps).map(|(nodes, places)| Self { nodes, places })
    }

    /// Put text in for the numbers and booleans that stand where it takes text alone; `typed` has
    /// them as they were typed, by JSON pointer.
    pub fn restate(
        &self,
        settings: &mut Value,
        typed: &BTreeMap<String, String>,
        steps: &mut Steps<'_>,
    ) -> Result<(), SchemaError> {
        restate::restate(self, Self::ROOT, settings, typed, steps)
    }

    /// Put in the defaults of members that are absent, at every depth.
    pub fn fill(&self, settings: &mut Value, steps: &mut Steps<'_>) -> Result<(), SchemaError> {
        fill::fill(self, Self::ROOT, settings, steps)
    }

    /// What is filled in for an empty mapping at each place of the schema that describes settings of
    /// any name or number, and at the root: by the place in the schema, as a JSON pointer.
    pub fn defaults(&self, steps: &mut Steps<'_>) -> Result<BTreeMap<String, Value>, SchemaError> {
        let mut defaults = BTreeMap::new();
        for (index, place) in self.places.iter().enumerate() {
            let of_many = ["/items", "/additionalProperties"];
            if place.is_empty() || of_many.iter().any(|end| place.ends_with(end)) {
                let mut filled = Value::Object(Map::new());
                fill::fill(self, NodeId(index), &mut filled, steps)?;
                defaults.insert(place.clone(), filled);
            }
        }
        Ok(defaults)
    }

    /// Everything in which a value does not match, as sentences; none where it does.
    pub fn check(&self, value: &Value, steps: &mut Steps<'_>) -> Result<Vec<String>, SchemaError> {
        check::faults(self, Self::ROOT, value, steps)
    }

    /// The places in a value that are secret, outermost first.
    pub fn secrets(
        &self,
        value: &Value,
        steps: &mut Steps<'_>,
    ) -> Result<Vec<Pointer>, SchemaError> {
        let found = secrets::secrets(self, Self::ROOT, value, steps)?;
        Ok(found.into_iter().map(|(place, _)| place).collect())
    }

    /// Hide the secret values, such as defaults, that this schema holds. `json` is its text as JSON.
    pub fn hide_own_secrets(
        &self,
        json: &mut Value,
        steps: &mut Steps<'_>,
    ) -> Result<(), SchemaError> {
        secrets::hide_own(self, json, steps)
    }

    fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0]
    }
}
