//! A policy's settings against its own JSON Schema, before the policy sees them: checked, and completed by the schema's
//! defaults. Schema and settings are foreign: no reference is fetched, and patterns take linear time.

use super::evaluation::size;
use super::guard::guarded;
use super::schema::{PATTERN_BYTES, Steps, Unfit, target};
use super::{Exceeded, Limit, Limits, PolicyError};
use crate::job::PolicyId;
use crate::text::clean;
use jsonschema::error::ValidationErrorKind;
use jsonschema::{PatternOptions, ValidationError};
use serde_json::{Map, Value};
use std::thread;

/// How deep defaults are looked for; a schema that refers to itself has no end.
const DEEPEST: usize = 32;
/// How many faults are told at once.
const MOST_TOLD: usize = 20;
/// A default of this many bytes is a step.
const BYTES_OF_A_STEP: usize = 64;
/// The stack for each byte of a schema: however it is nested by references, it is read through on it.
const STACK: usize = 1 << 10;

/// Fill in the defaults and check the result. All that is wrong is said at once.
pub fn complete(policy: &PolicyId, limits: &Limits, schema: &str, settings: &Value) -> Result<Value, PolicyError> {
    let failed = |why: &str| PolicyError::Engine { why: why.to_owned() };
    let work = || checked(policy, limits, schema, settings);
    thread::scope(|scope| {
        let stack = (1 << 20) + STACK * schema.len();
        let thread = thread::Builder::new().stack_size(stack).spawn_scoped(scope, || guarded(work));
        let result = thread.map_err(|error| failed(&error.to_string()))?.join();
        result.ok().and_then(Result::ok).unwrap_or_else(|| Err(wrong(policy, limits, "its settings schema is damaged")))
    })
}

fn checked(policy: &PolicyId, limits: &Limits, schema: &str, settings: &Value) -> Result<Value, PolicyError> {
    let wrong = |why: String| wrong(policy, limits, &why);
    let unfit = |unfit| match unfit {
        Unfit::Exceeds(exceeded) => PolicyError::Limit { policy: policy.clone(), call: "describe", exceeded },
        Unfit::Wrong(why) => wrong(why),
    };
    let schema: Value =
        serde_json::from_str(schema).map_err(|error| wrong(format!("its settings schema is no JSON: {error}")))?;
    let (mut steps, mut settings) = (Steps::new(limits), settings.clone());
    steps.compile(&schema, &schema).map_err(unfit)?;
    fill(&mut settings, &schema, &schema, DEEPEST, &mut steps).map_err(|exceeded| unfit(exceeded.into()))?;
    steps.hold(&settings, &schema, &schema).map_err(unfit)?;
    let patterns = PatternOptions::regex().size_limit(PATTERN_BYTES).dfa_size_limit(PATTERN_BYTES);
    let options = jsonschema::options().with_pattern_options(patterns);
    let validator = options.build(&schema).map_err(|error| wrong(format!("its settings schema is none: {error}")))?;
    // What is wrong is told in words of the schema: text of the policy.
    let tell = |error: ValidationError<'_>| clean(&sentence(&error, &schema), limits.count(Limit::Text));
    let errors: Vec<String> = validator.iter_errors(&settings).take(MOST_TOLD).map(tell).collect();
    match errors.is_empty() {
        true => Ok(settings),
        false => Err(PolicyError::Settings { policy: policy.clone(), errors }),
    }
}

fn wrong(policy: &PolicyId, limits: &Limits, why: &str) -> PolicyError {
    PolicyError::Description { policy: policy.clone(), why: clean(why, limits.count(Limit::Text)) }
}

/// Put in what the schema says of members that are not there, at every depth that the settings reach.
fn fill(value: &mut Value, schema: &Value, root: &Value, depth: usize, steps: &mut Steps<'_>) -> Result<(), Exceeded> {
    let Some(depth) = depth.checked_sub(1) else { return Ok(()) };
    steps.take(1)?;
    if let Some(target) = schema.get("$ref").and_then(Value::as_str).and_then(|place| target(place, root)) {
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

/// What is wrong, where, and for an unknown key which keys there are.
fn sentence(error: &ValidationError<'_>, schema: &Value) -> String {
    let place = match error.instance_path().as_str() {
        "" => String::new(),
        path => format!(" at `{path}`"),
    };
    let known = match error.kind() {
        ValidationErrorKind::AdditionalProperties { .. } => known_keys(error.schema_path().as_str(), schema),
        _ => String::new(),
    };
    format!("{error}{place}{known}")
}

/// The keys that stand beside the `additionalProperties` that refused another one.
fn known_keys(refused_by: &str, schema: &Value) -> String {
    let parent = refused_by.rsplit_once('/').map_or("", |(parent, _)| parent);
    let properties = schema.pointer(parent).and_then(|schema| schema.get("properties")).and_then(Value::as_object);
    let names: Vec<_> = properties.into_iter().flat_map(Map::keys).map(|name| format!("`{name}`")).collect();
    if names.is_empty() { String::new() } else { format!("; known are {}", names.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn defaults_are_filled_in() {
        let rule = json!({"type": "object", "properties": {"mode": {"default": "keep"}, "deep": {"$ref": "#"}}});
        let rows = [
            (json!({"properties": {"max": {"default": 4}}}), json!({}), json!({"max": 4})),
            (json!({"properties": {"max": {"default": 4}}}), json!({"max": 1}), json!({"max": 1})),
            (
                json!({"properties": {"a": {"default": {}, "properties": {"b": {"default": 1}}}}}),
                json!({}),
                json!({"a": {"b": 1}}),
            ),
            (json!({"properties": {"a": {"properties": {"b": {"default": 1}}}}}), json!({}), json!({})),
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
            (json!({"$defs": {"r": rule}, "allOf": [{"$ref": "#/$defs/r"}]}), json!({}), json!({"mode": "keep"})),
            (json!({"allOf": [{"$ref": "#"}]}), json!({}), json!({})),
            (json!(true), json!({}), json!({})),
        ];
        for (schema, mut settings, expected) in rows {
            let limits = Limits::default();
            fill(&mut settings, &schema, &schema, DEEPEST, &mut Steps::new(&limits)).expect("it is short");
            assert_eq!(settings, expected, "{schema}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place_and_the_choice() {
        let schema = json!({
            "properties": {"mode": {"enum": ["keep", "reject"]}, "name": {"pattern": "^(a+)+$"}, "count": {"minimum": 1}},
            "additionalProperties": false,
        });
        let rows = [
            (json!({"mode": "drop"}), r#""drop" is not one of "keep" or "reject" at `/mode`"#),
            (json!({"count": 0}), "0 is less than the minimum of 1 at `/count`"),
            (
                json!({"max": 0}),
                "Additional properties are not allowed ('max' was unexpected); known are `mode`, `name`, `count`",
            ),
            (json!({"name": format!("{}!", "a".repeat(40))}), r#"aaa!" does not match "^(a+)+$" at `/name`"#),
        ];
        let policy = PolicyId::parse("p").expect("a name");
        for (settings, expected) in rows {
            let error = complete(&policy, &Limits::default(), &schema.to_string(), &settings);
            let error = error.expect_err("they are refused").to_string();
            assert!(error.ends_with(expected), "{error}");
        }
    }
}
