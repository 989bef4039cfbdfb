//! The schema language: its steps, its refusals, its defaults, and that it agrees with the
//! reference implementation of the tests where both understand a schema.

use super::{Schema, SchemaError, Steps};
use crate::policy::Limits;
use proptest::prelude::*;
use serde_json::{Value, json};

fn parse(schema: &Value) -> Result<Schema, SchemaError> {
    let limits = Limits::default();
    Schema::parse(&schema.to_string(), &mut Steps::new(&limits))
}

fn check(schema: &Value, value: &Value) -> Result<Vec<String>, SchemaError> {
    let limits = Limits::default();
    parse(schema)?.check(value, &mut Steps::new(&limits))
}

#[test]
fn schemas_that_are_not_understood_are_refused() {
    let rows = [
        (json!({"$ref": "http://example.org/s"}), "`http://example.org/s` does not lead to"),
        (json!({"$ref": "#/no"}), "`#/no` does not lead to a part of this schema"),
        (json!({"$ref": "#anchor"}), "`#anchor` does not lead to"),
        (json!({"$defs": {"a%41": true}, "$ref": "#/$defs/a%2541"}), "does not lead to"),
        (json!({"items": {"$id": "x"}}), "`/items/$id`: it may stand only at the root"),
        (json!({"$dynamicRef": "#x"}), "`/$dynamicRef`: this keyword is not supported"),
        (json!({"minimun": 1}), "did you mean `minimum`?"),
        (json!({"type": "thing"}), "`/type`: expected one of `null`, `boolean`"),
        (json!({"items": [true]}), "`/items`: expected a schema"),
        (json!({"properties": 5}), "`/properties`: expected a mapping"),
        (json!({"pattern": "(?=a)b"}), "is not a regular expression of linear time"),
        (json!({"pattern": "((((a{100}){100}){100}){100})"}), "bytes when compiled"),
        (json!({"multipleOf": 0}), "expected a number above 0"),
        (json!({"anyOf": []}), "expected at least one schema"),
        (json!(5), "`its root`: expected a schema"),
        (json!({"$schema": "http://example.org/none"}), "expected a dialect of json-schema.org"),
    ];
    for (schema, expected) in rows {
        let found = parse(&schema).err();
        let is_expected = matches!(&found, Some(SchemaError::Wrong(why)) if why.contains(expected));
        assert!(is_expected, "{schema}: {found:?}");
    }
    let endless = check(&json!({"$ref": "#"}), &json!({}));
    assert!(matches!(endless, Err(SchemaError::Wrong(why)) if why.contains("within each other")));
}

#[test]
fn steps_are_counted_before_they_are_taken() {
    let doubled = |levels: usize| {
        let mut defs = json!({"q0": {"type": "string"}});
        for level in 0..levels {
            let below = json!({"$ref": format!("#/$defs/q{level}")});
            defs[format!("q{}", level + 1)] = json!({"anyOf": [below, below]});
        }
        json!({"$defs": defs, "$ref": format!("#/$defs/q{levels}")})
    };
    let pattern = json!({"items": {"pattern": "a[ab]{60}a[ab]{60}c"}});
    let rows = [
        ("doubling", doubled(20), json!(0)),
        ("regular expressions", pattern, json!(vec!["a".repeat(30_000); 100])),
        ("choices", json!({"items": {"enum": (0..5000).collect::<Vec<_>>()}}), json!(vec![0; 100])),
        ("a long list", json!({"items": {"minimum": 0}}), json!(vec![0; 100_000])),
    ];
    for (name, schema, value) in rows {
        let found = check(&schema, &value);
        assert!(matches!(found, Err(SchemaError::Exceeds(_))), "{name}: {found:?}");
    }
    assert_eq!(check(&doubled(5), &json!("x")), Ok(Vec::new()));
}

#[test]
fn defaults_are_filled_in() {
    let rule = json!({
        "type": "object",
        "properties": {"mode": {"default": "keep"}, "deep": {"$ref": "#"}},
    });
    let kept = json!({"mode": "keep"});
    let rows = [
        (json!({"properties": {"max": {"default": 4}}}), json!({}), json!({"max": 4})),
        (json!({"properties": {"max": {"default": 4}}}), json!({"max": 1}), json!({"max": 1})),
        (
            json!({"properties": {"a": {"default": {}, "properties": {"b": {"default": 1}}}}}),
            json!({}),
            json!({"a": {"b": 1}}),
        ),
        // What is listed as a default is one, also in a mapping that was left out.
        (
            json!({"properties": {"a": {"properties": {"b": {"default": 1}}}}}),
            json!({}),
            json!({"a": {"b": 1}}),
        ),
        // But a mapping that asks for more stays out.
        (
            json!({"properties": {"a": {
                "properties": {"b": {"default": 1}, "c": {}}, "required": ["c"],
            }}}),
            json!({}),
            json!({}),
        ),
        // Wherever its parts stand.
        (
            json!({
                "$defs": {"a": {"properties": {"b": {"default": 1}}}},
                "properties": {"a": {"$ref": "#/$defs/a"}, "c": {"allOf": [{"default": 2}]}},
            }),
            json!({}),
            json!({"a": {"b": 1}, "c": 2}),
        ),
        (
            json!({"properties": {"a": {
                "allOf": [{"required": ["c"]}], "properties": {"b": {"default": 1}},
            }}}),
            json!({}),
            json!({}),
        ),
        (
            json!({"patternProperties": {"^x": {"properties": {"b": {"default": 1}}}}}),
            json!({"x1": {}, "y": {}}),
            json!({"x1": {"b": 1}, "y": {}}),
        ),
        (
            json!({"additionalProperties": rule}),
            json!({"x": {}, "y": {"mode": "z"}}),
            json!({"x": kept, "y": {"mode": "z"}}),
        ),
        (json!({"items": rule}), json!([{}]), json!([kept])),
        (
            rule.clone(),
            json!({"deep": {"deep": {}}}),
            json!({"deep": {"deep": {"mode": "keep"}, "mode": "keep"}, "mode": "keep"}),
        ),
        (json!({"$defs": {"r": rule}, "allOf": [{"$ref": "#/$defs/r"}]}), json!({}), kept),
        (json!({"allOf": [{"$ref": "#"}]}), json!({}), json!({})),
        (json!(true), json!({}), json!({})),
    ];
    for (schema, mut settings, expected) in rows {
        let limits = Limits::default();
        let mut steps = Steps::new(&limits);
        let parsed = Schema::parse(&schema.to_string(), &mut steps).expect("a schema");
        parsed.fill(&mut settings, &mut steps).expect("it is short");
        assert_eq!(settings, expected, "{schema}");
    }
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(Value::from),
        (-3i64..9).prop_map(Value::from),
        prop::sample::select(vec![json!(1.0), json!(1.5), json!(-2.0)]),
        "[abé]{0,4}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[abc]", inner, 0..4).prop_map(|map| json!(map)),
        ]
    })
}

fn schema() -> impl Strategy<Value = Value> {
    let number = || (-2i64..6).prop_map(Value::from);
    let count = || (0u64..4).prop_map(Value::from);
    let types = ["null", "boolean", "integer", "number", "string", "array", "object"];
    let names = || prop::collection::vec("[abc]", 0..3).prop_map(|names| json!(names));
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::from),
        prop::sample::select(types.to_vec()).prop_map(|name| json!({"type": name})),
        prop::collection::vec(value(), 1..4).prop_map(|values| json!({"enum": values})),
        value().prop_map(|value| json!({"const": value})),
        (number(), number()).prop_map(|(a, b)| json!({"minimum": a, "exclusiveMaximum": b})),
        (number(), number()).prop_map(|(a, b)| json!({"exclusiveMinimum": a, "maximum": b})),
        (1u64..4).prop_map(|by| json!({"multipleOf": by})),
        (count(), count()).prop_map(|(a, b)| json!({"minLength": a, "maxLength": b})),
        prop::sample::select(vec!["^a", "b$", "é", "^[ab]*$"]).prop_map(|p| json!({"pattern": p})),
        (count(), count()).prop_map(|(a, b)| json!({"minItems": a, "maxItems": b})),
        any::<bool>().prop_map(|unique| json!({"uniqueItems": unique})),
        (count(), count()).prop_map(|(a, b)| json!({"minProperties": a, "maxProperties": b})),
        names().prop_map(|names| json!({"required": names})),
        ("[abc]", names()).prop_map(|(name, names)| json!({"dependentRequired": {name: names}})),
    ];
    leaf.prop_recursive(4, 24, 4, move |inner| {
        let many = || prop::collection::vec(inner.clone(), 1..4);
        let map = || prop::collection::btree_map("[abc]", inner.clone(), 0..3);
        let (one, two, three) = (inner.clone(), inner.clone(), inner.clone());
        let items = (many(), inner.clone());
        prop_oneof![
            many().prop_map(|all| json!({"allOf": all})),
            many().prop_map(|any| json!({"anyOf": any})),
            many().prop_map(|one| json!({"oneOf": one})),
            inner.clone().prop_map(|not| json!({"not": not})),
            (one, two, three).prop_map(|(a, b, c)| json!({"if": a, "then": b, "else": c})),
            items.prop_map(|(first, rest)| json!({"prefixItems": first, "items": rest})),
            (inner.clone(), 0u64..3, 0u64..3).prop_map(|(part, least, most)| {
                json!({"contains": part, "minContains": least, "maxContains": most})
            }),
            (map(), inner.clone()).prop_map(|(known, others)| {
                json!({"properties": known, "additionalProperties": others})
            }),
            (map(), inner.clone()).prop_map(|(known, names)| {
                json!({"patternProperties": known, "propertyNames": names})
            }),
            map().prop_map(|parts| json!({"dependentSchemas": parts})),
            (inner.clone(), inner.clone()).prop_map(|(part, beside)| {
                json!({"$defs": {"part": part}, "$ref": "#/$defs/part", "allOf": [beside]})
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Where the reference says that a value matches, it does here, and the other way round. A part
    /// that refers is kept at the root, because its `#` is the root of the schema.
    #[test]
    fn it_agrees_with_the_reference(schema in schema(), value in value()) {
        let references = schema.to_string().matches("$ref").count();
        prop_assume!(references == usize::from(schema.get("$ref").is_some()));
        let Ok(reference) = jsonschema::draft202012::new(&schema) else { return Ok(()) };
        let ours = match check(&schema, &value) {
            Ok(faults) => faults.is_empty(),
            Err(error) => return Err(TestCaseError::fail(format!("{error:?}"))),
        };
        prop_assert_eq!(ours, reference.is_valid(&value), "{}", schema);
    }
}
