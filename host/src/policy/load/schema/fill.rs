//! The defaults of a schema, put into settings.

use super::node::{Node, NodeId, Rules};
use super::{Schema, SchemaError, Steps};
use crate::policy::guest::evaluation::size;
use serde_json::{Map, Value};

/// How deep defaults are looked for; a schema that refers to itself has no end.
const DEEPEST: usize = 32;

/// Put in the defaults of members that are absent, at every depth that the settings reach or that
/// defaults make.
pub fn fill(
    schema: &Schema,
    id: NodeId,
    value: &mut Value,
    steps: &mut Steps<'_>,
) -> Result<(), SchemaError> {
    Fill { schema, steps }.node(id, value, DEEPEST)
}

struct Fill<'a, 'l> {
    schema: &'a Schema,
    steps: &'a mut Steps<'l>,
}

impl Fill<'_, '_> {
    fn node(&mut self, id: NodeId, value: &mut Value, depth: usize) -> Result<(), SchemaError> {
        let Some(depth) = depth.checked_sub(1) else { return Ok(()) };
        self.steps.take(1)?;
        let schema = self.schema;
        let Node::Rules(rules) = schema.node(id) else { return Ok(()) };
        for part in rules.reference.iter().chain(&rules.all_of) {
            self.node(*part, value, depth)?;
        }
        match value {
            Value::Object(members) => self.members(rules, members, depth),
            Value::Array(items) => {
                for (index, item) in items.iter_mut().enumerate() {
                    if let Some(id) = rules.item(index) {
                        self.node(id, item, depth)?;
                    }
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn members(
        &mut self,
        rules: &Rules,
        members: &mut Map<String, Value>,
        depth: usize,
    ) -> Result<(), SchemaError> {
        for (name, id) in &rules.properties {
            if !members.contains_key(name)
                && let Some(default) = self.default(*id, depth)?
            {
                members.insert(name.clone(), default);
            }
        }
        for (name, value) in members {
            if let Some(id) = rules.property(name).or(rules.additional_properties) {
                self.node(id, value, depth)?;
            }
        }
        Ok(())
    }

    /// The default of an absent member: its own, else a mapping of the defaults within it, where
    /// these are all that it requires.
    fn default(&mut self, id: NodeId, depth: usize) -> Result<Option<Value>, SchemaError> {
        let Some(depth) = depth.checked_sub(1) else { return Ok(None) };
        self.steps.take(1)?;
        let schema = self.schema;
        let Node::Rules(rules) = schema.node(id) else { return Ok(None) };
        if let Some(default) = &rules.default {
            self.steps.take_bytes(size(default))?;
            return Ok(Some(default.clone()));
        }
        let mut members = Map::new();
        for (name, id) in &rules.properties {
            if let Some(default) = self.default(*id, depth)? {
                members.insert(name.clone(), default);
            }
        }
        let is_complete = rules.required.iter().all(|name| members.contains_key(name));
        Ok(Some(Value::Object(members))
            .filter(|made| is_complete && made != &Value::Object(Map::new())))
    }
}
