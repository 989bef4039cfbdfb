//! Schemas of settings that are none, lead elsewhere, or ask for endless work.

use super::{ADMITTED, Case, stopped_in};
use crate::hostile::guest::Guest;
use serde_json::{Value, json};

fn wrong(why: &str) -> String {
    format!("not loaded: policy `hostile` has an invalid description: {why}")
}

fn refused(why: &str) -> String {
    format!("not loaded: invalid settings for policy `hostile`: {why}")
}

fn steps() -> String {
    stopped_in("describe", "`schema-steps` limit of 50000: it used all of it")
}

fn case(name: &str, schema: impl ToString, settings: Value, outcome: impl Into<String>) -> Case {
    let guest = Guest::new().describing(3, schema.to_string());
    Case::new(format!("schema: {name}"), guest, outcome).settings(settings)
}

pub fn cases() -> Vec<Case> {
    let mut cases = damaged();
    cases.extend(references());
    cases.extend(endless());
    cases.extend(patterns());
    cases
}

fn damaged() -> Vec<Case> {
    let none = json!({});
    let nested = |open: &str, close: &str, depth: usize| {
        format!("{}true{}", open.repeat(depth), close.repeat(depth))
    };
    vec![
        case(
            "empty",
            "",
            none.clone(),
            wrong(
                "its settings schema: it is not JSON: EOF while parsing a value at line 1 column 0",
            ),
        ),
        case(
            "cut off",
            r#"{"type": "obj"#,
            none.clone(),
            wrong(
                "its settings schema: it is not JSON: EOF while parsing a string at line 1 column 13",
            ),
        ),
        case(
            "a number",
            "5",
            none.clone(),
            wrong(
                "its settings schema: `its root`: expected a schema: a mapping, `true` or `false`",
            ),
        ),
        case(
            "a list",
            "[]",
            none.clone(),
            wrong(
                "its settings schema: `its root`: expected a schema: a mapping, `true` or `false`",
            ),
        ),
        case(
            "unknown type",
            json!({"type": "thing"}),
            none.clone(),
            wrong(
                "its settings schema: `/type`: expected one of `null`, `boolean`, `integer`, `number`, `string`, `array`, `object`",
            ),
        ),
        case(
            "wrong keyword",
            json!({"properties": 5}),
            none.clone(),
            wrong("its settings schema: `/properties`: expected a mapping"),
        ),
        case(
            "number out of range",
            r#"{"minimum": 1e999}"#,
            none.clone(),
            wrong("its settings schema: it is not JSON: number out of range at line 1 column 17"),
        ),
        case("nobody", "false", none.clone(), refused("nothing may be set here")),
        case(
            "deep lists",
            nested("[", "]", 20_000),
            none.clone(),
            wrong(
                "its settings schema: it is not JSON: recursion limit exceeded at line 1 column 128",
            ),
        ),
        case(
            "deep negation",
            nested(r#"{"not":"#, "}", 5_000),
            none.clone(),
            wrong(
                "its settings schema: it is not JSON: recursion limit exceeded at line 1 column 890",
            ),
        ),
        case("deep, and not too deep", nested(r#"{"not":"#, "}", 120), none.clone(), ADMITTED),
        case(
            "giant",
            json!({"description": "x".repeat(70_000)}),
            none.clone(),
            stopped_in("describe", "`schema` limit of 64Ki: it asked for 70018"),
        ),
        case("many parts", json!({"anyOf": vec![json!({}); 16_000]}), none.clone(), ADMITTED),
        case("many properties", properties(2_500), none.clone(), ADMITTED),
        case(
            "many faults",
            json!({"properties": {"a": false}, "allOf": vec![json!({"required": ["b"]}); 2_000]}),
            none.clone(),
            refused(&vec!["missing `b`"; 20].join("; ")),
        ),
        case(
            "long choice",
            json!({"enum": ["x".repeat(50_000)]}),
            none.clone(),
            refused(&format!("expected `{}…`, found a mapping", "x".repeat(80))),
        ),
        case(
            "foreign dialect",
            json!({"$schema": "http://example.org/none"}),
            none,
            wrong(
                "its settings schema: `/$schema`: expected a dialect of json-schema.org, such as 2020-12",
            ),
        ),
    ]
}

fn properties(count: usize) -> Value {
    json!({"properties": (0..count).map(|at| (format!("p{at}"), json!({"type": "string"}))).collect::<serde_json::Map<_, _>>()})
}

fn references() -> Vec<Case> {
    let out = |at: &str, place: &str| {
        wrong(&format!(
            "its settings schema: `{at}/$ref`: `{place}` does not lead to a part of this schema, written `#/…`"
        ))
    };
    let refer = |place: &str| json!({"$ref": place});
    let deep =
        wrong("its settings schema: its parts apply within each other more than 256 levels deep");
    let chain = |length: usize| {
        let link = |at: usize| (format!("a{at}"), refer(&format!("#/$defs/a{}", at + 1)));
        let mut links: serde_json::Map<_, _> = (0..length).map(link).collect();
        links.insert(format!("a{length}"), json!(true));
        json!({"$ref": "#/$defs/a0", "$defs": links})
    };
    // Every property leads to the next one: no settings reach it, but who compiles the schema goes
    // there.
    let unreached = |length: usize| {
        let link = |at: usize| {
            (format!("a{at}"), json!({"items": refer(&format!("#/$defs/a{}", (at + 1) % length))}))
        };
        json!({"items": refer("#/$defs/a0"), "$defs": (0..length).map(link).collect::<serde_json::Map<_, _>>()})
    };
    vec![
        case(
            "remote",
            refer("https://example.org/schema.json"),
            json!({}),
            out("", "https://example.org/schema.json"),
        ),
        case("file", refer("file:///etc/passwd"), json!({}), out("", "file:///etc/passwd")),
        case("relative", refer("other.json#/a"), json!({}), out("", "other.json#/a")),
        case("anchor", refer("#name"), json!({}), out("", "#name")),
        case("nowhere", refer("#/$defs/none"), json!({}), out("", "#/$defs/none")),
        case(
            "out of a default",
            json!({"properties": {"default": refer("http://x/")}}),
            json!({}),
            out("/properties/default", "http://x/"),
        ),
        case(
            "another base",
            json!({"properties": {"a": {"$id": "http://x/"}}}),
            json!({}),
            wrong("its settings schema: `/properties/a/$id`: it may stand only at the root"),
        ),
        case(
            "dynamic",
            json!({"$dynamicRef": "#x"}),
            json!({}),
            wrong(
                "its settings schema: `/$dynamicRef`: this keyword is not supported, see docs/policies.md",
            ),
        ),
        case("loop of one", refer("#"), json!({}), deep.clone()),
        case(
            "loop of two",
            json!({"$defs": {"a": refer("#/$defs/b"), "b": refer("#/$defs/a")}, "$ref": "#/$defs/a"}),
            json!({}),
            deep.clone(),
        ),
        case("loop through all", json!({"allOf": [refer("#")]}), json!({}), deep.clone()),
        case("loop through not", json!({"not": refer("#")}), json!({}), deep.clone()),
        case("loop of many", json!({"allOf": [refer("#"), refer("#")]}), json!({}), steps()),
        case("chain", chain(200), json!({}), ADMITTED),
        case("long chain", chain(1_500), json!({}), deep),
        case("long chain that is not reached", unreached(1_300), json!({}), ADMITTED),
        case(
            "as deep as the settings",
            json!({"properties": {"a": refer("#")}}),
            json!({"a": {"a": {"a": {}}}}),
            ADMITTED,
        ),
    ]
}

/// Small schemas with work without end.
fn endless() -> Vec<Case> {
    let doubled = |keyword: &str| {
        let floor = |at: usize| {
            let below = json!({"$ref": format!("#/$defs/a{}", at + 1)});
            (format!("a{at}"), json!({keyword: [below, below]}))
        };
        let mut floors: serde_json::Map<_, _> = (0..40).map(floor).collect();
        floors.insert("a40".into(), json!({"type": "string"}));
        json!({"$ref": "#/$defs/a0", "$defs": floors})
    };
    let defaults = json!({"properties": {"a": {"default": {}, "$ref": "#"}, "b": {"default": {}, "$ref": "#"}}});
    let large =
        json!({"additionalProperties": {"properties": {"x": {"default": "x".repeat(60_000)}}}});
    let many: serde_json::Map<_, _> = (0..1_000).map(|at| (format!("k{at}"), json!({}))).collect();
    let unevaluated = (0..40).fold(
        json!({"type": "string"}),
        |inner, _| json!({"unevaluatedProperties": false, "anyOf": [inner]}),
    );
    let wide = json!({"additionalProperties": {"anyOf": vec![json!({"type": "string"}); 100]}});
    vec![
        case("doubled by all", doubled("allOf"), json!({}), steps()),
        case("doubled by any", doubled("anyOf"), json!({}), steps()),
        case("doubled by one", doubled("oneOf"), json!({}), steps()),
        case("defaults of defaults", defaults, json!({}), steps()),
        case("large defaults", large, json!(many), steps()),
        case(
            "unevaluated of unevaluated",
            unevaluated,
            json!({}),
            wrong(
                "its settings schema: `/unevaluatedProperties`: this keyword is not supported, see docs/policies.md",
            ),
        ),
        case("wide, and large settings", wide, json!(many), steps()),
    ]
}

fn patterns() -> Vec<Case> {
    let pattern = |pattern: &str| json!({"properties": {"x": {"pattern": pattern}}});
    let text = json!({"x": format!("{}!", "a".repeat(50_000))});
    let refused = |pattern: &str| {
        refused(&format!("`/x`: `{}…` does not match the pattern `{pattern}`", "a".repeat(80)))
    };
    let irregular = |pattern: &str, why: &str| {
        wrong(&format!("its settings schema: `/properties/x/pattern`: `{pattern}` {why}"))
    };
    let none =
        "is not a regular expression of linear time, without look-around and back references";
    let large = "takes more than 262144 bytes when compiled";
    let many: Vec<_> = (0..200).map(|at| json!({"pattern": format!("^a{{{at}}}$")})).collect();
    let keys: serde_json::Map<_, _> =
        (0..200).map(|at| (format!("^x{at}$"), json!(true))).collect();
    vec![
        case("catastrophic pattern", pattern("^(a+)+$"), text.clone(), refused("^(a+)+$")),
        case("catastrophic choice", pattern("^(a|a|aa)*$"), text.clone(), refused("^(a|a|aa)*$")),
        case(
            "repeated repeats",
            pattern("((((a{100}){100}){100}){100})"),
            text.clone(),
            irregular("((((a{100}){100}){100}){100})", large),
        ),
        case("large classes", pattern(r"^\w{500}$"), text.clone(), irregular(r"^\w{500}$", large)),
        case("looking back", pattern(r"(a)\1"), text.clone(), irregular(r"(a)\1", none)),
        case("looking ahead", pattern("(?=a)b"), text, irregular("(?=a)b", none)),
        case("unclosed pattern", pattern("(a"), json!({}), irregular("(a", none)),
        case("many patterns", json!({"allOf": many}), json!({}), steps()),
        case("many patterns of keys", json!({"patternProperties": keys}), json!({}), steps()),
    ]
}
