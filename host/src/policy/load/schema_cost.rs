//! The cost of validating settings against a schema, counted before it is done: a small schema can
//! ask for endless work. Every part of the schema that is checked against a part of the settings is
//! a step, and only references within the schema are followed.

use crate::policy::{Exceeded, Limit, Limits};
use serde_json::{Map, Value};

/// The depth to which parts of a schema may apply one within the other, whether to one value or to
/// values within.
const DEEPEST: usize = 256;
/// The steps that a regular expression counts for, because it is compiled.
const PATTERN: usize = 500;
/// The most bytes that one compiled regular expression may take.
pub const PATTERN_BYTES: usize = 256 << 10;

/// The reason why a schema is not used.
#[derive(Debug, PartialEq, Eq)]
pub enum SchemaError {
    /// It would exceed the limit of steps.
    Exceeds(Exceeded),
    /// It cannot be used; a sentence.
    Wrong(String),
}

impl From<Exceeded> for SchemaError {
    fn from(exceeded: Exceeded) -> Self {
        Self::Exceeds(exceeded)
    }
}

/// A counter of steps.
pub struct Steps<'l> {
    limits: &'l Limits,
    taken: usize,
}

impl<'l> Steps<'l> {
    /// A counter at zero.
    pub fn new(limits: &'l Limits) -> Self {
        Self { limits, taken: 0 }
    }

    /// Count some more steps.
    pub fn take(&mut self, steps: usize) -> Result<(), Exceeded> {
        self.taken = self.taken.saturating_add(steps);
        if self.taken <= self.limits.count(Limit::SchemaSteps) {
            Ok(())
        } else {
            Err(self.limits.exceeded(Limit::SchemaSteps, None))
        }
    }

    /// Check the cost of compiling the schema: its references stay within it, and its regular
    /// expressions are few.
    pub fn compile(&mut self, part: &Value, root: &Value) -> Result<(), SchemaError> {
        match part {
            Value::Object(members) => {
                for (key, value) in members {
                    self.keyword(key, value, std::ptr::eq(part, root), root)?;
                    self.compile(value, root)?;
                }
                Ok(())
            }
            Value::Array(items) => items.iter().try_for_each(|item| self.compile(item, root)),
            _ => Ok(()),
        }
    }

    fn keyword(
        &mut self,
        key: &str,
        value: &Value,
        is_root: bool,
        root: &Value,
    ) -> Result<(), SchemaError> {
        match (key, value) {
            ("$ref", Value::String(place)) if target(place, root).is_none() => {
                Err(SchemaError::Wrong(format!(
                    "its settings schema refers to `{place}`: only references within it, \
                     `#/…`, are followed"
                )))
            }
            ("$dynamicRef" | "$recursiveRef", Value::String(_)) => Err(SchemaError::Wrong(
                format!("its settings schema uses `{key}`: use `$ref` instead"),
            )),
            ("$id" | "id", Value::String(_)) if !is_root => Err(SchemaError::Wrong(format!(
                "its settings schema uses `{key}` below its root: use references of the form \
                 `#/…` instead"
            ))),
            ("pattern", Value::String(_)) => Ok(self.take(PATTERN)?),
            ("patternProperties", Value::Object(patterns)) => {
                Ok(self.take(PATTERN.saturating_mul(patterns.len()))?)
            }
            _ => Ok(()),
        }
    }

    /// Count the steps of checking a value against a schema.
    pub fn hold(&mut self, value: &Value, schema: &Value, root: &Value) -> Result<(), SchemaError> {
        self.descend(value, schema, root, DEEPEST)
    }

    fn descend(
        &mut self,
        value: &Value,
        schema: &Value,
        root: &Value,
        depth: usize,
    ) -> Result<(), SchemaError> {
        self.take(1)?;
        let Value::Object(schema) = schema else { return Ok(()) };
        let deep = || {
            SchemaError::Wrong(format!(
                "its settings schema is nested deeper than {DEEPEST} levels"
            ))
        };
        let depth = depth.checked_sub(1).ok_or_else(deep)?;
        // To find the unevaluated members, the validator walks the neighbouring parts once more.
        let is_twice = ["unevaluatedProperties", "unevaluatedItems"]
            .iter()
            .any(|key| schema.contains_key(*key));
        for part in beside(schema, root) {
            for _ in 0..=usize::from(is_twice) {
                self.descend(value, part, root, depth)?;
            }
        }
        for (part, child) in within(schema, value) {
            self.descend(child, part, root, depth)?;
        }
        Ok(())
    }
}

/// The target of a reference within the schema.
pub fn target<'s>(place: &str, root: &'s Value) -> Option<&'s Value> {
    root.pointer(place.strip_prefix('#')?)
}

/// The parts of a schema that apply to the same value.
fn beside<'s>(schema: &'s Map<String, Value>, root: &'s Value) -> Vec<&'s Value> {
    let parts = |(key, value): (&'s String, &'s Value)| -> Vec<&'s Value> {
        match (key.as_str(), value) {
            ("$ref", Value::String(place)) => target(place, root).into_iter().collect(),
            ("allOf" | "anyOf" | "oneOf", Value::Array(parts)) => parts.iter().collect(),
            ("not" | "if" | "then" | "else", part) => vec![part],
            ("dependentSchemas" | "dependencies", Value::Object(parts)) => parts.values().collect(),
            _ => Vec::new(),
        }
    };
    schema.iter().flat_map(parts).collect()
}

/// The parts of a schema that apply to the members or items of a value, each with its member or
/// item.
fn within<'s>(schema: &'s Map<String, Value>, value: &'s Value) -> Vec<(&'s Value, &'s Value)> {
    let of_all = |keys: &[&str]| -> Vec<&'s Value> {
        keys.iter().filter_map(|key| schema.get(*key)).collect()
    };
    let mut pairs = Vec::new();
    match value {
        Value::Object(members) => {
            let mut parts =
                of_all(&["additionalProperties", "unevaluatedProperties", "propertyNames"]);
            parts.extend(
                schema
                    .get("patternProperties")
                    .and_then(Value::as_object)
                    .into_iter()
                    .flat_map(Map::values),
            );
            for (name, member) in members {
                let own = schema.get("properties").and_then(|properties| properties.get(name));
                pairs.extend(
                    own.into_iter().chain(parts.iter().copied()).map(|part| (part, member)),
                );
            }
        }
        Value::Array(items) => {
            let parts = of_all(&["items", "additionalItems", "unevaluatedItems", "contains"]);
            let lists = of_all(&["items", "prefixItems"]);
            for (index, item) in items.iter().enumerate() {
                let own = lists.iter().filter_map(|list| list.get(index));
                pairs.extend(own.chain(parts.iter().copied()).map(|part| (part, item)));
            }
        }
        _ => {}
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn steps_are_counted_where_schema_and_settings_meet() {
        let tree = json!({"properties": {"l": {"$ref": "#"}, "r": {"$ref": "#"}}});
        let doubled = json!({
            "anyOf": [{"$ref": "#/$defs/a"}, {"$ref": "#/$defs/a"}],
            "$defs": {"a": {"not": true}},
        });
        let rows = [
            (json!(true), json!({}), 1),
            (json!({"properties": {"a": true}}), json!({"b": 1}), 1),
            (
                json!({"properties": {"a": true}, "additionalProperties": true}),
                json!({"a": 1, "b": 1}),
                4,
            ),
            (json!({"items": true}), json!([1, 2, 3]), 4),
            (json!({"items": [true]}), json!([1, 2, 3]), 5),
            (json!({"pattern": "x"}), json!(""), PATTERN + 1),
            (doubled.clone(), json!(0), 7),
            (json!({"unevaluatedItems": false, "allOf": [true]}), json!(0), 3),
            (tree, json!({"l": {"l": {}}, "r": 0}), 7),
        ];
        for (schema, settings, expected) in rows {
            let limits = Limits::default();
            let mut steps = Steps::new(&limits);
            steps
                .compile(&schema, &schema)
                .and_then(|()| steps.hold(&settings, &schema, &schema))
                .expect("it is short");
            assert_eq!(steps.taken, expected, "{schema}");
        }
    }

    #[test]
    fn what_leads_out_or_nowhere_is_refused() {
        let rows = [
            (
                json!({"$ref": "http://example.org/s"}),
                "refers to `http://example.org/s`: only references within it",
            ),
            (json!({"$ref": "#/no"}), "refers to `#/no`"),
            (json!({"$ref": "#anchor"}), "refers to `#anchor`"),
            (json!({"items": {"$id": "x"}}), "uses `$id` below its root"),
            (json!({"items": {"$dynamicRef": "#x"}}), "uses `$dynamicRef`"),
            (json!({"$ref": "#"}), "is nested deeper than 256 levels"),
        ];
        for (schema, expected) in rows {
            let limits = Limits::default();
            let mut steps = Steps::new(&limits);
            let found = steps
                .compile(&schema, &schema)
                .and_then(|()| steps.hold(&json!({}), &schema, &schema));
            assert!(
                matches!(&found, Err(SchemaError::Wrong(why)) if why.contains(expected)),
                "{schema}: {found:?}"
            );
        }
    }
}
