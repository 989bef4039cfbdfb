//! The defaults that `policy inspect` lists are those that are filled in.

use std::fs;

use libtest_mimic::Trial;
use serde_json::{Value, json};

use crate::hostile::guest::Guest;
use crate::support::team::Team;
use crate::support::workspace;
use crate::trials;

/// A name, the properties of a schema, and a setting with its type and default as they are listed.
type Row = (&'static str, Value, &'static [&'static str]);

fn rows() -> Vec<Row> {
    let count = json!({"type": "integer", "default": 1});
    vec![
        ("a default", json!({"count": count}), &["count integer 1"]),
        (
            "in a mapping that is made",
            json!({"gpu": {"type": "object", "properties": {"count": count}}}),
            &["gpu object -", "gpu.count integer 1"],
        ),
        (
            "in a mapping that requires more",
            json!({"gpu": {"type": "object", "required": ["kind"], "properties": {
                "kind": {"type": "string"}, "count": count,
            }}}),
            &[
                "gpu object -",
                "gpu.kind string required where `gpu` is set",
                "gpu.count integer 1 where `gpu` is set",
            ],
        ),
        (
            "in a mapping that requires more elsewhere",
            json!({"gpu": {"allOf": [{"required": ["kind"]}], "properties": {"count": count}}}),
            &["gpu.count integer 1 where `gpu` is set"],
        ),
        (
            "below one that requires more",
            json!({"a": {"required": ["b"], "properties": {"b": {}, "c": {"properties": {"d": count}}}}}),
            &["a.c.d integer 1 where `a.c` is set"],
        ),
        (
            "in a mapping with a default of its own",
            json!({"gpu": {"required": ["kind"], "default": {"kind": "a"}, "properties": {
                "kind": {"type": "string"}, "count": count,
            }}}),
            &["gpu any {\"kind\":\"a\",\"count\":1}", "gpu.count integer 1"],
        ),
        ("a part elsewhere", json!({"count": {"$ref": "#/$defs/count"}}), &["count any 1"]),
        (
            "of any name",
            json!({"tasks": {"additionalProperties": {"required": ["pool"], "properties": {
                "pool": {"properties": {"count": count}}, "size": count,
                "node": {"required": ["name"], "properties": {"port": count}},
            }}}}),
            &[
                "tasks any -",
                "tasks.NAME any -",
                "tasks.NAME.pool.count integer 1",
                "tasks.NAME.size integer 1",
                "tasks.NAME.node.port integer 1 where `tasks.NAME.node` is set",
            ],
        ),
        (
            "of any item",
            json!({"list": {"items": {"default": 5, "properties": {"count": count}}}}),
            &["list[] any -", "list[].count integer 1"],
        ),
        (
            "a secret",
            json!({"token": {"type": "string", "writeOnly": true, "default": "hunter2"}}),
            &["token string \"(not shown)\""],
        ),
    ]
}

pub fn all() -> Vec<Trial> {
    let listed = trials("inspected", rows(), |row| row.0, check);
    let documented = trials("inspected/documented", DOCUMENTED, |row| row.0, check_documented);
    listed.into_iter().chain(documented).collect()
}

/// A name, settings of the schema in `docs/policies.md`, and what is said of them; nothing if they
/// are accepted. The first sentence stands on the page.
type Documented = (&'static str, &'static [&'static str], &'static str);

const PAYS: &str = "cost-centre.cost-centre=ml-42";
const DOCUMENTED: [Documented; 9] = [
    (
        "a label value",
        &["cost-centre.cost-centre=ml 42"],
        "`/cost-centre`: `ml 42` is not a label value: expected at most 63 letters, digits, `-`, `_` and `.`, with a letter or digit at both ends",
    ),
    ("a label key", &[PAYS, "cost-centre.label=-/x"], "`/label`: "),
    ("a dns label", &[PAYS, "cost-centre.namespace=Team"], "`/namespace`: "),
    ("an image", &[PAYS, "cost-centre.image=a b"], "`/image`: "),
    ("a quantity", &[PAYS, "cost-centre.memory.most=64 GB"], "`/memory/most`: "),
    ("a quantity below zero", &[PAYS, "cost-centre.memory.least=much"], "`/memory/least`: "),
    ("nothing", &[], "missing `cost-centre`"),
    (
        "an unknown key",
        &[PAYS, "cost-centre.lable=a"],
        "unknown key `lable`; did you mean `label`?",
    ),
    (
        "all of them",
        &[PAYS, "cost-centre.memory.most=128Gi", "cost-centre.image=registry.local/lab/train:1.2"],
        "",
    ),
];

fn check_documented((name, set, expected): Documented) {
    let page = fs::read_to_string(workspace().join("docs/policies.md")).expect("the page");
    let (_, schema) = page.split_once("```json\n").expect("a schema");
    let (schema, _) = schema.split_once("```").expect("an end");
    let team = Team::new(&format!("documented-{}", name.replace(' ', "-")));
    let guest = Guest::new().describing(0, "cost-centre").describing(3, schema);
    fs::write(team.path("cost_centre.wasm"), guest.module()).expect("a policy");
    let file = team.path("run.json").display().to_string();
    let policy = team.path("cost_centre.wasm").display().to_string();
    let arguments = set.iter().flat_map(|set| ["--set", set]);
    let arguments: Vec<&str> = ["--policies=", "--policy", &policy, "--record", &file]
        .into_iter()
        .chain(arguments)
        .collect();
    let done = team.render(&arguments);
    if expected.is_empty() {
        assert_eq!(done.code, Some(0), "{}", done.told);
        return;
    }
    let error = format!("error: invalid settings for policy `cost-centre`: {expected}");
    assert_eq!(done.code, Some(2), "{}", done.told);
    assert!(done.told.contains(&error), "{}", done.told);
    let is_whole = name == "a label value";
    assert!(!is_whole || page.contains(&error), "{error}");
}

fn check((name, properties, expected): Row) {
    let team = Team::new(&format!("inspected-{}", name.replace(' ', "-")));
    let schema = json!({
        "properties": properties, "$defs": {"count": {"type": "integer", "default": 1}},
    });
    let guest = Guest::new().describing(3, schema.to_string());
    fs::write(team.path("p.wasm"), guest.module()).expect("a policy");
    let file = team.path("p.wasm").display().to_string();
    let done = team.run(&["policy", "inspect", &file]);
    assert_eq!(done.code, Some(0), "{}", done.told);
    let listed: Vec<String> = done
        .out
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    for line in expected {
        assert!(listed.iter().any(|listed| listed == line), "`{line}` is not in\n{}", done.out);
    }
}
