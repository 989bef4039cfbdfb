//! What is secret among values: marked `writeOnly` or `format: password` by any part of the schema
//! that can apply to it.

use super::check::SCANNED;
use super::node::{Node, NodeId, Rules};
use super::{Schema, SchemaError, Steps};
use crate::job::Pointer;
use serde_json::{Map, Value};
use std::collections::HashSet;

/// How deep parts of a schema are followed; a check refuses what is deeper.
const DEEPEST: usize = 256;
/// What stands in the place of a value that is not shown.
pub const HIDDEN: &str = "(not shown)";
/// The keywords of a schema that hold values.
const VALUES: [&str; 4] = ["default", "examples", "const", "enum"];

/// A value by its identity, which it keeps as long as it is borrowed.
pub type Identity = *const Value;

/// The secret values within a value, outermost first, each with its place.
pub fn secrets(
    schema: &Schema,
    id: NodeId,
    value: &Value,
    steps: &mut Steps<'_>,
) -> Result<Vec<(Pointer, Identity)>, SchemaError> {
    let mut search = Search { schema, steps, seen: HashSet::new(), found: Vec::new() };
    let marks = |node: &Node| matches!(node, Node::Rules(rules) if rules.is_secret);
    if schema.nodes.iter().any(marks) {
        search.node(id, value, &Pointer::root(), DEEPEST)?;
    }
    Ok(search.found)
}

struct Search<'a, 'l> {
    schema: &'a Schema,
    steps: &'a mut Steps<'l>,
    /// Each part looks at a value once.
    seen: HashSet<(usize, Identity)>,
    found: Vec<(Pointer, Identity)>,
}

impl Search<'_, '_> {
    fn node(
        &mut self,
        id: NodeId,
        value: &Value,
        place: &Pointer,
        depth: usize,
    ) -> Result<(), SchemaError> {
        self.steps.take(1)?;
        let schema = self.schema;
        let (Some(depth), Node::Rules(rules)) = (depth.checked_sub(1), schema.node(id)) else {
            return Ok(());
        };
        if !self.seen.insert((id.0, value)) {
            return Ok(());
        }
        if rules.is_secret {
            self.found.push((place.clone(), value));
            return Ok(());
        }
        let conditions = [rules.reference, rules.not, rules.condition, rules.then, rules.otherwise];
        let choices = [&rules.all_of, &rules.any_of, &rules.one_of].into_iter().flatten().copied();
        let of_members = rules.dependent_schemas.iter().map(|(_, id)| *id);
        for part in conditions.into_iter().flatten().chain(choices).chain(of_members) {
            self.node(part, value, place, depth)?;
        }
        match value {
            Value::Object(members) => self.members(rules, members, place, depth),
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    for part in rules.item(index).into_iter().chain(rules.contains) {
                        self.node(part, item, &place.index(index), depth)?;
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
        members: &Map<String, Value>,
        place: &Pointer,
        depth: usize,
    ) -> Result<(), SchemaError> {
        for (name, member) in members {
            self.steps.take(1 + rules.properties.len() / 16)?;
            let place = place.key(name);
            let own = rules.property(name);
            let mut is_known = own.is_some();
            if let Some(id) = own {
                self.node(id, member, &place, depth)?;
            }
            for (pattern, id) in &rules.pattern_properties {
                self.steps.take(1 + name.len() / SCANNED)?;
                if pattern.is_match(name) {
                    is_known = true;
                    self.node(*id, member, &place, depth)?;
                }
            }
            if let Some(others) = rules.additional_properties.filter(|_| !is_known) {
                self.node(others, member, &place, depth)?;
            }
        }
        Ok(())
    }
}

/// Hide the secret values that a schema itself holds, such as defaults. `json` is its text as JSON.
pub fn hide_own(
    schema: &Schema,
    json: &mut Value,
    steps: &mut Steps<'_>,
) -> Result<(), SchemaError> {
    for (id, place) in schema.places.iter().enumerate() {
        for keyword in VALUES {
            let place = format!("{place}/{keyword}");
            let Some(held) = json.pointer(&place) else { continue };
            let is_list = matches!(keyword, "examples" | "enum");
            let values: Vec<(String, &Value)> = match held {
                Value::Array(items) if is_list => {
                    let numbered = items.iter().enumerate();
                    numbered.map(|(index, item)| (format!("{place}/{index}"), item)).collect()
                }
                value => vec![(place, value)],
            };
            let mut hidden = Vec::new();
            for (place, value) in values {
                let secrets = secrets(schema, NodeId(id), value, steps)?;
                hidden.extend(secrets.iter().map(|(below, _)| format!("{place}{below}")));
            }
            for place in hidden {
                if let Some(value) = json.pointer_mut(&place) {
                    *value = HIDDEN.into();
                }
            }
        }
    }
    hide_marked(json, false);
    Ok(())
}

/// Hide the values of parts that are marked, and of all within them, also where nothing refers to
/// them.
pub fn hide_marked(json: &mut Value, is_within: bool) {
    match json {
        Value::Array(items) => items.iter_mut().for_each(|item| hide_marked(item, is_within)),
        Value::Object(members) => {
            let is = |keyword: &str, value: Value| members.get(keyword) == Some(&value);
            let is_within =
                is_within || is("writeOnly", true.into()) || is("format", "password".into());
            for (keyword, value) in members {
                if is_within && VALUES.contains(&keyword.as_str()) {
                    *value = HIDDEN.into();
                } else {
                    hide_marked(value, is_within);
                }
            }
        }
        _ => {}
    }
}
