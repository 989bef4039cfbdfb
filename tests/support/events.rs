//! Events as `-o json` prints them, each held against the published schema.

use std::sync::LazyLock;

use mlcube_k8s::console::SCHEMA;
use serde_json::Value;

/// The schema, in which no event has a field that it does not name.
static EVENTS: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
    let mut schema: Value = serde_json::from_str(SCHEMA).expect("the schema is JSON");
    for def in schema["$defs"].as_object_mut().expect("definitions").values_mut() {
        if def["properties"]["event"].is_object() {
            def["unevaluatedProperties"] = false.into();
        }
    }
    jsonschema::draft202012::new(&schema).expect("the schema is one")
});

/// The events in what the program printed.
pub fn all(printed: &str) -> Vec<Value> {
    printed.lines().map(one).collect()
}

/// The event on a line.
pub fn one(line: &str) -> Value {
    let event: Value = serde_json::from_str(line).expect("a line is an event");
    let wrong: Vec<_> = EVENTS.iter_errors(&event).map(|error| error.to_string()).collect();
    assert!(wrong.is_empty(), "{event}: {}", wrong.join("\n"));
    event
}
