//! A policy's settings against its own JSON Schema, before the policy sees them: checked, and
//! completed by the schema's defaults. Schema and settings are foreign: no reference is fetched,
//! and patterns take linear time.

use super::schema_cost::{PATTERN_BYTES, SchemaError, Steps, target};
use crate::job::PolicyId;
use crate::policy::artifact::guard::guarded;
use crate::policy::guest::evaluation::size;
use crate::policy::{Exceeded, Limits, PolicyError};
use jsonschema::error::ValidationErrorKind;
use jsonschema::{PatternOptions, ValidationError};
use serde_json::{Map, Value};
use std::thread;

/// The depth to which defaults are searched; a schema that refers to itself has no end.
const DEEPEST: usize = 32;
/// The most errors that are reported at once.
const MOST_REPORTED: usize = 20;
/// The bytes of a default that count as a step.
const BYTES_OF_A_STEP: usize = 64;
/// The stack for each byte of a schema: enough to walk it, however references nest it.
const STACK: usize = 1 << 10;

/// Fill in the defaults and check the result. All errors are reported at once.
pub fn complete(
    policy: &PolicyId,
    limits: &Limits,
    schema: &str,
    settings: &Value,
) -> Result<Value, PolicyError> {
    let work = || checked(policy, limits, schema, settings);
    thread::scope(|scope| {
        let stack = (1 << 20) + STACK * schema.len();
        let thread = thread::Builder::new().stack_size(stack).spawn_scoped(scope, || guarded(work));
        let failed = |error: std::io::Error| PolicyError::Engine { source: error.into() };
        let result = thread.map_err(failed)?.join();
        result
            .ok()
            .and_then(Result::ok)
            .unwrap_or_else(|| Err(wrong(policy, limits, "its settings schema is damaged")))
    })
}

fn checked(
    policy: &PolicyId,
    limits: &Limits,
    schema: &str,
    settings: &Value,
) -> Result<Value, PolicyError> {
    let wrong = |why: String| wrong(policy, limits, &why);
    let unusable = |error| match error {
        SchemaError::Exceeds(exceeded) => {
            PolicyError::Limit { policy: policy.clone(), call: "describe", exceeded }
        }
        SchemaError::Wrong(why) => wrong(why),
    };
    let schema: Value = serde_json::from_str(schema)
        .map_err(|error| wrong(format!("its settings schema is not JSON: {error}")))?;
    let mut steps = Steps::new(limits);
    let mut settings = settings.clone();
    steps.compile(&schema, &schema).map_err(unusable)?;
    fill(&mut settings, &schema, &schema, DEEPEST, &mut steps)
        .map_err(|exceeded| unusable(exceeded.into()))?;
    steps.hold(&settings, &schema, &schema).map_err(unusable)?;
    let patterns = PatternOptions::regex().size_limit(PATTERN_BYTES).dfa_size_limit(PATTERN_BYTES);
    let options = jsonschema::options().with_pattern_options(patterns);
    let validator = options
        .build(&schema)
        .map_err(|error| wrong(format!("its settings schema is not a JSON Schema: {error}")))?;
    // An error quotes the schema, which is text of the policy.
    let message = |error: ValidationError<'_>| limits.clean(&sentence(&error, &schema));
    let errors: Vec<String> =
        validator.iter_errors(&settings).take(MOST_REPORTED).map(message).collect();
    if errors.is_empty() {
        Ok(settings)
    } else {
        Err(PolicyError::Settings { policy: policy.clone(), errors })
    }
}

fn wrong(policy: &PolicyId, limits: &Limits, why: &str) -> PolicyError {
    PolicyError::Description { policy: policy.clone(), why: limits.clean(why) }
}

/// Insert the schema's defaults for missing members, at every depth that the settings reach.
fn fill(
    value: &mut Value,
    schema: &Value,
    root: &Value,
    depth: usize,
    steps: &mut Steps<'_>,
) -> Result<(), Exceeded> {
    let Some(depth) = depth.checked_sub(1) else { return Ok(()) };
    steps.take(1)?;
    if let Some(target) =
        schema.get("$ref").and_then(Value::as_str).and_then(|place| target(place, root))
    {
        fill(value, target, root, depth, steps)?;
    }
    for part in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
        fill(value, part, root, depth, steps)?;
    }
    match (value, schema.get("items")) {
        (Value::Object(members), _) => fill_members(members, schema, root, depth, steps),
        (Value::Array(items), Some(schema)) => {
            items.iter_mut().try_for_each(|item| fill(item, schema, root, depth, steps))
        }
        _ => Ok(()),
    }
}

fn fill_members(
    members: &mut Map<String, Value>,
    schema: &Value,
    root: &Value,
    depth: usize,
    steps: &mut Steps<'_>,
) -> Result<(), Exceeded> {
    let properties = schema.get("properties").and_then(Value::as_object);
    for (name, schema) in properties.into_iter().flatten() {
        if let (false, Some(default)) = (members.contains_key(name), schema.get("default")) {
            steps.take(size(default) / BYTES_OF_A_STEP)?;
            members.insert(name.clone(), default.clone());
        }
    }
    for (name, value) in members {
        let own = properties.and_then(|properties| properties.get(name));
        if let Some(schema) = own.or_else(|| schema.get("additionalProperties")) {
            fill(value, schema, root, depth, steps)?;
        }
    }
    Ok(())
}

/// The error with its place, and for an unknown key the keys that are known.
fn sentence(error: &ValidationError<'_>, schema: &Value) -> String {
    let place = match error.instance_path().as_str() {
        "" => String::new(),
        path => format!(" at `{path}`"),
    };
    let known = match error.kind() {
        ValidationErrorKind::AdditionalProperties { .. } => {
            known_keys(error.schema_path().as_str(), schema)
        }
        _ => String::new(),
    };
    format!("{error}{place}{known}")
}

/// The keys that stand beside the `additionalProperties` that refused another one.
fn known_keys(refused_by: &str, schema: &Value) -> String {
    let parent = refused_by.rsplit_once('/').map_or("", |(parent, _)| parent);
    let properties = schema
        .pointer(parent)
        .and_then(|schema| schema.get("properties"))
        .and_then(Value::as_object);
    let names: Vec<_> =
        properties.into_iter().flat_map(Map::keys).map(|name| format!("`{name}`")).collect();
    if names.is_empty() { String::new() } else { format!("; expected one of {}", names.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn defaults_are_filled_in() {
        let rule = json!({
            "type": "object",
            "properties": {"mode": {"default": "keep"}, "deep": {"$ref": "#"}},
        });
        let rows = [
            (json!({"properties": {"max": {"default": 4}}}), json!({}), json!({"max": 4})),
            (json!({"properties": {"max": {"default": 4}}}), json!({"max": 1}), json!({"max": 1})),
            (
                json!({"properties": {"a": {"default": {}, "properties": {"b": {"default": 1}}}}}),
                json!({}),
                json!({"a": {"b": 1}}),
            ),
            (
                json!({"properties": {"a": {"properties": {"b": {"default": 1}}}}}),
                json!({}),
                json!({}),
            ),
            (
                json!({"additionalProperties": rule}),
                json!({"x": {}, "y": {"mode": "z"}}),
                json!({"x": {"mode": "keep"}, "y": {"mode": "z"}}),
            ),
            (json!({"items": rule}), json!([{}]), json!([{"mode": "keep"}])),
            (
                rule.clone(),
                json!({"deep": {"deep": {}}}),
                json!({"deep": {"deep": {"mode": "keep"}, "mode": "keep"}, "mode": "keep"}),
            ),
            (
                json!({"$defs": {"r": rule}, "allOf": [{"$ref": "#/$defs/r"}]}),
                json!({}),
                json!({"mode": "keep"}),
            ),
            (json!({"allOf": [{"$ref": "#"}]}), json!({}), json!({})),
            (json!(true), json!({}), json!({})),
        ];
        for (schema, mut settings, expected) in rows {
            let limits = Limits::default();
            fill(&mut settings, &schema, &schema, DEEPEST, &mut Steps::new(&limits))
                .expect("it is short");
            assert_eq!(settings, expected, "{schema}");
        }
    }

    #[test]
    fn an_error_has_its_place_and_the_choice() {
        let schema = json!({
            "properties": {
                "mode": {"enum": ["keep", "reject"]},
                "name": {"pattern": "^(a+)+$"},
                "count": {"minimum": 1},
            },
            "additionalProperties": false,
        });
        let rows = [
            (json!({"mode": "drop"}), r#""drop" is not one of "keep" or "reject" at `/mode`"#),
            (json!({"count": 0}), "0 is less than the minimum of 1 at `/count`"),
            (
                json!({"max": 0}),
                "Additional properties are not allowed ('max' was unexpected); \
                 expected one of `mode`, `name`, `count`",
            ),
            (
                json!({"name": format!("{}!", "a".repeat(40))}),
                r#"aaa!" does not match "^(a+)+$" at `/name`"#,
            ),
        ];
        let policy = PolicyId::parse("p").expect("a name");
        for (settings, expected) in rows {
            let error = complete(&policy, &Limits::default(), &schema.to_string(), &settings);
            let error = error.expect_err("they are refused").to_string();
            assert!(error.ends_with(expected), "{error}");
        }
    }
}
