//! A policy's settings, before the policy sees them: completed by the defaults of its schema, and
//! checked against it.

use super::schema::{Schema, SchemaError, Steps, hide_marked};
use crate::job::Pointer;
use crate::policy::{Limits, PolicyError, PolicySource};
use serde_json::{Number, Value};
use std::collections::BTreeMap;

/// Read the settings of a policy by its schema: defaults are filled in, the result is checked, and
/// text that looks like a number is text. All faults are reported at once.
pub fn complete(
    source: &PolicySource,
    limits: &Limits,
    schema: &str,
) -> Result<Value, PolicyError> {
    let policy = &source.name;
    let unusable = |error| match error {
        SchemaError::Exceeds(exceeded) => {
            PolicyError::Limit { policy: policy.clone(), call: "describe", exceeded }
        }
        SchemaError::Wrong(why) => PolicyError::Description {
            policy: policy.clone(),
            why: limits.clean(&format!("its settings schema: {why}")),
        },
    };
    let mut steps = Steps::new(limits);
    let schema = Schema::parse(schema, &mut steps).map_err(unusable)?;
    let mut settings = source.settings.clone();
    schema.fill(&mut settings, &mut steps).map_err(unusable)?;
    let mut faults = schema.check(&settings, &mut steps).map_err(unusable)?;
    if !faults.is_empty() && !source.typed.is_empty() {
        schema.restate(&mut settings, &source.typed, &mut steps).map_err(unusable)?;
        faults = schema.check(&settings, &mut steps).map_err(unusable)?;
    }
    if faults.is_empty() {
        make_whole(&mut settings);
        return Ok(settings);
    }
    // The sentences quote the schema, which is text of the policy.
    let errors = faults.iter().map(|fault| limits.clean(fault)).collect();
    Err(PolicyError::Settings { policy: policy.clone(), errors })
}

/// The places of secret settings. Everything is one where the schema cannot tell.
pub fn secrets(limits: &Limits, schema: &str, settings: &Value) -> Vec<Pointer> {
    let mut steps = Steps::new(limits);
    let schema = Schema::parse(schema, &mut steps);
    let found = schema.and_then(|schema| schema.secrets(settings, &mut steps));
    found.unwrap_or_else(|_| vec![Pointer::root()])
}

/// A schema without the secret values that it holds.
pub fn without_secrets(limits: &Limits, text: &str, json: &mut Value) {
    let mut steps = Steps::new(limits);
    let schema = Schema::parse(text, &mut steps);
    if schema.and_then(|schema| schema.hide_own_secrets(json, &mut steps)).is_err() {
        hide_marked(json, false);
    }
}

/// What a schema fills in where nothing is set, by the place in the schema of settings of any name
/// or number, and at its root; nothing where the schema cannot tell.
pub fn defaults(limits: &Limits, schema: &Value) -> BTreeMap<String, Value> {
    let mut steps = Steps::new(limits);
    let schema = Schema::parse(&schema.to_string(), &mut steps);
    schema.and_then(|schema| schema.defaults(&mut steps)).unwrap_or_default()
}

/// Write integers as integers: to JSON Schema `4.0` is one, so a policy reads it as one.
fn make_whole(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(make_whole),
        Value::Object(members) => members.values_mut().for_each(make_whole),
        Value::Number(number) => {
            // Beyond this, floats skip integers.
            let most = 2_f64.powi(53);
            let whole = number.as_f64().filter(|float| {
                let is_negative_zero = *float == 0.0 && float.is_sign_negative();
                number.is_f64() && float.fract() == 0.0 && float.abs() <= most && !is_negative_zero
            });
            if let Some(whole) = whole {
                *number = Number::from(whole as i64);
            }
        }
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::PolicyId;
    use crate::yaml::{self, Origin, yaml12};
    use serde_json::json;
    use std::path::PathBuf;

    fn completed(schema: &Value, settings: &Value) -> Result<Value, String> {
        complete(&source(settings), &Limits::default(), &schema.to_string())
            .map_err(|error| error.to_string())
    }

    fn source(settings: &Value) -> PolicySource {
        let name = PolicyId::parse("p").expect("a name");
        PolicySource::new(name, PathBuf::from("p.wasm")).with_settings(settings.clone())
    }

    #[test]
    fn text_is_what_was_typed() {
        let text = json!({"properties": {"x": {"type": "string"}}});
        let label = json!({"properties": {"x": {"$ref": "#/$defs/label"}},
            "$defs": {"label": {"type": "string", "format": "label-value"}}});
        let choice = json!({"properties": {"x": {"enum": ["1.10", "2"]}}});
        let number = json!({"properties": {"x": {"type": "number"}}});
        let either =
            json!({"properties": {"x": {"anyOf": [{"type": "integer"}, {"type": "string"}]}}});
        let list = json!({"properties": {"x": {"items": {"type": "string"}}}});
        let map = json!({"properties": {"x": {"additionalProperties": {"type": "string"}}}});
        let rows = [
            (&text, "x: 007", json!("007")),
            (&text, "x: 1.10", json!("1.10")),
            (&text, "x: 5", json!("5")),
            (&text, "x: True", json!("True")),
            (&text, "x: on", json!("on")),
            (&text, "x: 1e97532", json!("1e97532")),
            (&text, "x: 123456789012345678901234567890", json!("123456789012345678901234567890")),
            (&text, "x: .inf", json!(".inf")),
            (&text, "x: 0x1F", json!("0x1F")),
            (&text, "x: +1", json!("+1")),
            (&label, "x: 1e5", json!("1e5")),
            (&choice, "x: 1.10", json!("1.10")),
            (&choice, "x: 2", json!("2")),
            (&number, "x: 1.10", json!(1.1)),
            (&either, "x: 007", json!(7)),
            (&either, "x: 1.50", json!("1.50")),
            (&list, "x: [1.0, a]", json!(["1.0", "a"])),
            (&map, "x: {a/b: 0o7}", json!({"a/b": "0o7"})),
        ];
        for (schema, typed, expected) in rows {
            let origin = Origin::Argument("a row".into());
            let node = yaml::read(typed, &origin, yaml12::plain).expect(typed);
            let source = PolicySource { typed: node.typed_scalars(), ..source(&node.to_json()) };
            let found = complete(&source, &Limits::default(), &schema.to_string());
            let found = found.map_err(|error| error.to_string());
            assert_eq!(found, Ok(json!({"x": expected})), "{typed}");
        }
        let many = "x: 123456789012345678901234567890";
        let origin = Origin::Argument("a row".into());
        let node = yaml::read(many, &origin, yaml12::plain).expect(many);
        let error = completed(&number, &node.to_json()).expect_err("it is never a float");
        assert!(error.contains("expected a number of at most 64 bits"), "{error}");
        let error = completed(&text, &json!({"x": null})).expect_err("nothing is not text");
        assert!(error.contains("put quotes around it"), "{error}");
    }

    #[test]
    fn integers_are_written_as_integers() {
        let rows = [
            (json!({"max": 4.0}), json!({"max": 4})),
            (json!({"max": 4}), json!({"max": 4})),
            (json!({"max": -0.0, "list": [1e3, 1.5]}), json!({"max": -0.0, "list": [1000, 1.5]})),
            (json!({"max": 1e300}), json!({"max": 1e300})),
        ];
        for (settings, expected) in rows {
            assert_eq!(completed(&json!({}), &settings), Ok(expected), "{settings}");
        }
    }

    #[test]
    fn faults_name_the_place_and_the_choice() {
        let schema = json!({
            "properties": {
                "mode": {"enum": ["keep", "reject"]},
                "name": {"pattern": "^(a+)+$"},
                "count": {"minimum": 1},
                "token": {"type": "string", "writeOnly": true, "minLength": 9},
            },
            "additionalProperties": false,
        });
        let rows = [
            (json!({"mode": "drop"}), "`/mode`: expected one of `keep`, `reject`, found `drop`"),
            (json!({"count": 0}), "`/count`: expected at least 1, found 0"),
            (
                json!({"max": 0}),
                "unknown key `max`; expected one of `mode`, `name`, `count`, `token`",
            ),
            (json!({"cuont": 0}), "unknown key `cuont`; did you mean `count`? expected one of"),
            (
                json!({"name": format!("{}!", "a".repeat(10))}),
                "`/name`: `aaaaaaaaaa!` does not match the pattern `^(a+)+$`",
            ),
            (json!({"token": "hunter2"}), "`/token`: the value does not match (it is not shown)"),
        ];
        for (settings, expected) in rows {
            let error = completed(&schema, &settings).expect_err("they do not match");
            assert!(error.contains(expected), "{error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
    }
}
