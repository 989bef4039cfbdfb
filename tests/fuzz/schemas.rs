//! Owns arbitrary settings schemas that mean harm, and settings for them: short ones that ask for
//! much. Invariant: a seed gives the same schema and settings in every run.

use std::collections::BTreeMap;

use mlcube_k8s::policy::{Limit, Limits, Schema, SchemaError, Steps};
use serde_json::{Map, Value, json};

use crate::support::dice::Dice;

/// The most bytes of text about what does not match.
const TOLD: usize = 1 << 20;
/// The definitions of a schema, which refer to each other.
const DEFINITIONS: usize = 14;

/// Do everything with a schema that is done with a policy's; in a few words what came of it.
pub fn try_one(seed: u64) -> String {
    let mut dice = Dice(seed.wrapping_mul(0x9fb2_1c65_1e98_df25));
    let schema = schema(&mut dice);
    let settings = value(&mut dice, 3, 2000);
    let limits = Limits::default();
    match check(&schema.to_string(), settings, &limits) {
        Ok(faults) => {
            let told: usize = faults.iter().map(String::len).sum();
            assert!(told <= TOLD, "{told} bytes are told of {schema}");
            format!("{} faults", faults.len())
        }
        Err(SchemaError::Exceeds(exceeded)) => exceeded.to_string(),
        Err(SchemaError::Wrong(why)) => {
            assert!(why.len() <= TOLD, "{} bytes are told of {schema}", why.len());
            why
        }
    }
}

fn check(schema: &str, mut settings: Value, limits: &Limits) -> Result<Vec<String>, SchemaError> {
    limits.check(Limit::Schema, schema.len())?;
    let mut steps = Steps::new(limits);
    let parsed = Schema::parse(schema, &mut steps)?;
    parsed.restate(&mut settings, &BTreeMap::new(), &mut steps)?;
    parsed.fill(&mut settings, &mut steps)?;
    parsed.secrets(&settings, &mut steps)?;
    parsed.check(&settings, &mut steps)
}

fn schema(dice: &mut Dice) -> Value {
    let definitions: Map<String, Value> = (0..DEFINITIONS)
        .map(|number| {
            // Some lead only onwards, so that they end; some lead anywhere.
            let first = if dice.below(8) == 0 { 0 } else { number + 1 };
            (name(number), part(dice, first, 2))
        })
        .collect();
    let mut schema = json!({"type": "object", "$defs": definitions});
    let root = part(dice, 0, 3);
    if let (Some(schema), Value::Object(root)) = (schema.as_object_mut(), root) {
        schema.extend(root);
    }
    schema
}

fn name(number: usize) -> String {
    ["q", "a/b", "a~1b", " ", "ä"][number % 5].to_owned() + &number.to_string()
}

/// A part of a schema; its references lead to definitions from `first` on.
fn part(dice: &mut Dice, first: usize, depth: usize) -> Value {
    if depth == 0 || dice.below(3) == 0 {
        return leaf(dice, first);
    }
    let mut inner = || part(dice, first, depth - 1);
    let (a, b, c) = (inner(), inner(), inner());
    let many = |part: &Value, times: usize| vec![part.clone(); times];
    let times = 1 + dice.below(12);
    match dice.below(16) {
        0 => json!({"allOf": many(&a, times)}),
        1 => json!({"anyOf": many(&a, times)}),
        2 => json!({"oneOf": [a, b, c]}),
        3 => json!({"if": a, "then": b, "else": c}),
        4 => json!({"not": a}),
        5 => json!({"items": a}),
        6 => json!({"prefixItems": many(&a, times), "items": b}),
        7 => json!({"contains": a, "minContains": times}),
        8 => json!({"additionalProperties": a, "propertyNames": b}),
        9 => json!({"patternProperties": {"^a": a, "[ab]{40}c": b, ".*": c}}),
        10 => json!({"properties": {"a": a, "b": b, "c": {"default": value(dice, 2, 30)}}}),
        11 => json!({"dependentSchemas": {"a": a, "b": b}}),
        12 => json!({"default": value(dice, 3, 30), "anyOf": many(&a, times)}),
        13 => {
            json!({"properties": {"a": {"properties": {"b": {"default": value(dice, 2, 30)}}, "allOf": [a]}}})
        }
        14 => json!({"enum": many(&value(dice, 2, 30), times)}),
        _ => json!({"allOf": [a, b], "title": "t".repeat(times * 100)}),
    }
}

fn leaf(dice: &mut Dice, first: usize) -> Value {
    match dice.below(14) {
        0..=5 if first < DEFINITIONS => {
            let target = name(first + dice.below(DEFINITIONS - first));
            let target = target.replace('~', "~0").replace('/', "~1");
            json!({"$ref": format!("#/$defs/{target}")})
        }
        6 => json!({"pattern": "a[ab]{60}a[ab]{60}c"}),
        7 => json!({"uniqueItems": true}),
        8 => json!({"format": "quantity", "writeOnly": true}),
        9 => json!({"const": value(dice, 2, 30)}),
        10 => json!({"maxLength": 3, "minProperties": 2, "maxItems": 1}),
        11 => json!({"required": ["a", "b", "a".repeat(1 + dice.below(3000))]}),
        12 => json!({"multipleOf": 0.1, "minimum": 1e300}),
        _ => json!({"type": (["string", "object", "array", "null"][dice.below(4)])}),
    }
}

/// Some value; what lies innermost may have so many items.
fn value(dice: &mut Dice, depth: usize, most: usize) -> Value {
    let is_long = depth <= 1 && dice.below(6) == 0;
    let count = dice.below(if is_long { most } else { 6 });
    match dice.below(if depth == 0 { 4 } else { 7 }) {
        0 if depth > 0 => json!("ab".repeat(count)),
        0 | 1 => json!(dice.below(9)),
        2 => json!(["8000m", "1e97532", "", "\u{202e}"][dice.below(4)]),
        3 => json!(null),
        4 => Value::Array(vec![value(dice, depth - 1, most); count]),
        5 => {
            let inner = value(dice, depth - 1, most);
            (0..count).map(|number| (format!("a{number}"), inner.clone())).collect()
        }
        _ => json!({"a": value(dice, depth - 1, most), "b": value(dice, depth - 1, most)}),
    }
}
