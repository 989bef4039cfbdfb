//! The defaults of a schema, put into settings.

use super::check::SCANNED;
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
    Fill { schema, steps, open: Vec::new() }.node(id, value, DEEPEST)
}

struct Fill<'a, 'l> {
    schema: &'a Schema,
    steps: &'a mut Steps<'l>,
    /// The parts that are looked at, each within the one before it.
    open: Vec<NodeId>,
}

/// What is known of a member that is absent.
#[derive(Default)]
struct Absent<'a> {
    default: Option<&'a Value>,
    members: Map<String, Value>,
    required: Vec<&'a str>,
}

impl<'a> Fill<'a, '_> {
    fn node(&mut self, id: NodeId, value: &mut Value, depth: usize) -> Result<(), SchemaError> {
        let Some(depth) = depth.checked_sub(1) else { return Ok(()) };
        self.steps.take(1)?;
        let schema = self.schema;
        let Node::Rules(rules) = schema.node(id) else { return Ok(()) };
        self.open.push(id);
        for part in rules.reference.iter().chain(&rules.all_of) {
            self.node(*part, value, depth)?;
        }
        match value {
            Value::Object(members) => self.members(rules, members, depth)?,
            Value::Array(items) => {
                for (index, item) in items.iter_mut().enumerate() {
                    if let Some(id) = rules.item(index) {
                        self.node(id, item, depth)?;
                    }
                }
            }
            _ => {}
        }
        self.open.pop();
        Ok(())
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
            let own = rules.property(name);
            let mut is_known = own.is_some();
            if let Some(id) = own {
                self.node(id, value, depth)?;
            }
            for (pattern, id) in &rules.pattern_properties {
                self.steps.take(1 + name.len() / SCANNED)?;
                if pattern.is_match(name) {
                    is_known = true;
                    self.node(*id, value, depth)?;
                }
            }
            if let Some(id) = rules.additional_properties.filter(|_| !is_known) {
                self.node(id, value, depth)?;
            }
        }
        Ok(())
    }

    /// The default of an absent member: its own, else a mapping of the defaults within it, where
    /// these are all that it requires.
    fn default(&mut self, id: NodeId, depth: usize) -> Result<Option<Value>, SchemaError> {
        let mut absent = Absent::default();
        self.gather(id, &mut absent, depth)?;
        if let Some(default) = absent.default {
            self.steps.take_bytes(size(default))?;
            return Ok(Some(default.clone()));
        }
        let Absent { members, required, .. } = absent;
        let is_complete = required.iter().all(|name| members.contains_key(*name));
        Ok((is_complete && !members.is_empty()).then_some(Value::Object(members)))
    }

    /// Gather the defaults of an absent member from all parts that apply to it. A part within
    /// itself would make mappings without an end.
    fn gather(
        &mut self,
        id: NodeId,
        absent: &mut Absent<'a>,
        depth: usize,
    ) -> Result<(), SchemaError> {
        let Some(depth) = depth.checked_sub(1) else { return Ok(()) };
        self.steps.take(1)?;
        let schema = self.schema;
        let Node::Rules(rules) = schema.node(id) else { return Ok(()) };
        if absent.default.is_none() {
            absent.default = rules.default.as_ref();
        }
        if self.open.contains(&id) {
            return Ok(());
        }
        self.open.push(id);
        absent.required.extend(rules.required.iter().map(String::as_str));
        for (name, id) in &rules.properties {
            if !absent.members.contains_key(name)
                && let Some(default) = self.default(*id, depth)?
            {
                absent.members.insert(name.clone(), default);
            }
        }
        for part in rules.reference.iter().chain(&rules.all_of) {
            self.gather(*part, absent, depth)?;
        }
        self.open.pop();
        Ok(())
    }
}
