//! Text that was typed like a number. Where a schema takes text and no number, the plain scalar
//! `1.10` or `007` is that text, with every digit as it was typed. A number that nobody typed, as in
//! JSON, stays a number.

use super::node::{Node, NodeId, Rules, Type};
use super::values::equal;
use super::{Schema, SchemaError, Steps};
use crate::yaml::pointer_to;
use serde_json::Value;
use std::collections::BTreeMap;

/// How deep settings are looked into; the language of settings nests no deeper.
const DEEPEST: usize = 128;

/// Put text in for the numbers and booleans that stand where text is meant; `typed` has them as they
/// were typed, by JSON pointer.
pub fn restate(
    schema: &Schema,
    id: NodeId,
    value: &mut Value,
    typed: &BTreeMap<String, String>,
    steps: &mut Steps<'_>,
) -> Result<(), SchemaError> {
    Restate { schema, typed, steps }.value(vec![id], value, String::new(), DEEPEST)
}

struct Restate<'a, 'l> {
    schema: &'a Schema,
    typed: &'a BTreeMap<String, String>,
    steps: &'a mut Steps<'l>,
}

/// The word of a node on a scalar.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Word {
    /// It takes the scalar as it is.
    Takes,
    /// It takes text instead.
    WantsText,
    /// It says nothing of its type.
    Nothing,
}

impl<'a> Restate<'a, '_> {
    /// Look at a value to which some nodes apply.
    fn value(
        &mut self,
        ids: Vec<NodeId>,
        value: &mut Value,
        place: String,
        depth: usize,
    ) -> Result<(), SchemaError> {
        let Some(depth) = depth.checked_sub(1) else { return Ok(()) };
        let rules = self.applied(ids)?;
        match value {
            Value::Object(members) => {
                for (name, member) in members {
                    self.steps.take_bytes(name.len() * rules.len())?;
                    let ids = rules.iter().flat_map(|rules| of_member(rules, name)).collect();
                    self.value(ids, member, pointer_to(&place, name), depth)?;
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter_mut().enumerate() {
                    let ids = rules.iter().filter_map(|rules| rules.item(index)).collect();
                    self.value(ids, item, pointer_to(&place, &index.to_string()), depth)?;
                }
            }
            Value::Bool(_) | Value::Number(_) => {
                let Some(text) = self.typed.get(&place) else { return Ok(()) };
                let mut words = Vec::with_capacity(rules.len());
                for rules in rules {
                    words.push(self.word(rules, value, text)?);
                }
                if words.contains(&Word::WantsText) && !words.contains(&Word::Takes) {
                    *value = Value::String(text.clone());
                }
            }
            Value::Null | Value::String(_) => {}
        }
        Ok(())
    }

    /// The rules of nodes, with those of all that they refer to for the same value.
    fn applied(&mut self, mut ids: Vec<NodeId>) -> Result<Vec<&'a Rules>, SchemaError> {
        let schema = self.schema;
        let mut seen: Vec<NodeId> = Vec::new();
        while let Some(id) = ids.pop() {
            self.steps.take(1 + seen.len())?;
            if seen.contains(&id) {
                continue;
            }
            seen.push(id);
            let Node::Rules(rules) = schema.node(id) else { continue };
            let parts = [&rules.all_of, &rules.any_of, &rules.one_of].into_iter().flatten();
            let single = [rules.reference, rules.then, rules.otherwise].into_iter().flatten();
            ids.extend(parts.copied().chain(single));
        }
        let rules = seen.into_iter().filter_map(|id| match schema.node(id) {
            Node::Rules(rules) => Some(&**rules),
            Node::Any(_) => None,
        });
        Ok(rules.collect())
    }

    fn word(&mut self, rules: &Rules, value: &Value, text: &str) -> Result<Word, SchemaError> {
        if let Some(types) = &rules.types {
            return Ok(if types.iter().any(|kind| kind.fits(value)) {
                Word::Takes
            } else if types.contains(&Type::String) {
                Word::WantsText
            } else {
                Word::Nothing
            });
        }
        let Some(values) = &rules.one_of_values else { return Ok(Word::Nothing) };
        self.steps.take(values.len())?;
        Ok(if values.iter().any(|known| equal(known, value)) {
            Word::Takes
        } else if values.iter().any(|known| known == text) {
            Word::WantsText
        } else {
            Word::Nothing
        })
    }
}

/// The nodes that apply to a member of a mapping.
fn of_member(rules: &Rules, name: &str) -> Vec<NodeId> {
    let patterns = rules.pattern_properties.iter().filter(|(pattern, _)| pattern.is_match(name));
    let named: Vec<NodeId> =
        rules.property(name).into_iter().chain(patterns.map(|(_, id)| *id)).collect();
    if named.is_empty() { rules.additional_properties.into_iter().collect() } else { named }
}
