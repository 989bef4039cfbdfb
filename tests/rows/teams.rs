//! What a platform team relies on: grants, audits, warnings where policies collide, limits. Each
//! row is a policies file, a command line, and what comes of it.

use std::fs;

use libtest_mimic::Trial;
use serde_json::{Value, json};

use crate::support::rows::slug;
use crate::support::team::{Team, label};
use crate::support::{policy, workspace};
use crate::trials;

pub fn all() -> Vec<Trial> {
    let grants = trials("teams/grants", grants(), |row| row.0, check_grant);
    let audits = trials("teams/audits", audits(), |row| row.0, check_audit);
    let collisions = trials("teams/collisions", collisions(), |row| row.0, check_collision);
    let limits = trials("teams/limits", limits(), |row| row.0, check_limit);
    let foreign = trials("teams/foreign", FOREIGN, |row| row.0, check_foreign);
    [grants, audits, collisions, limits, foreign].into_iter().flatten().collect()
}

type Words = &'static [&'static str];

/// A name, more of the policy's entry, arguments, the exit code, and what is told.
type Grant = (&'static str, Value, Words, i32, &'static str);

fn grants() -> [Grant; 7] {
    [
        ("everything", json!({}), &[], 0, ""),
        (
            "too little",
            json!({"grant": ["metadata"]}),
            &[],
            2,
            "policy `first` asks for `scheduling`, `resources`, `storage`",
        ),
        (
            "denied",
            json!({"deny": ["storage"]}),
            &[],
            2,
            "policy `first` asks for `storage`, which it is not granted",
        ),
        (
            "misspelt",
            json!({"grant": ["metdata"]}),
            &[],
            2,
            "policy `first`: `metdata` is not a capability: expected one of `scheduling`",
        ),
        (
            "too little by the flag",
            json!({}),
            &["--grant", "first=metadata"],
            2,
            "which it is not granted\nhint: it is granted `metadata`",
        ),
        (
            "a policy that is not in use",
            json!({}),
            &["--grant", "other=metadata"],
            2,
            "policy `other` is not configured",
        ),
        (
            "a flag without capabilities",
            json!({}),
            &["--grant", "first"],
            2,
            "write `--grant NAME=CAPABILITY,…`",
        ),
    ]
}

fn check_grant((name, entry, arguments, code, expected): Grant) {
    let team = Team::new(&format!("grants-{}", slug(name)));
    let done = team.policies(&[("first", label("a"), entry)]).render(arguments);
    assert_eq!(done.code, Some(code), "{}", done.told);
    assert!(done.told.contains(expected), "`{expected}` is not in `{}`", done.told);
    assert_eq!(done.out.is_empty(), code != 0, "{}", done.out);
}

/// A name, the calls of the policy, more of its entry, arguments, and what is told. Nothing is
/// changed and nothing stopped.
type Audit = (&'static str, Value, Value, Words, &'static str);

fn audits() -> [Audit; 5] {
    let audit = || json!({"mode": "audit"});
    let edits = "first would admit the Job with 2 edits (audit)";
    [
        ("edits by the entry", label("a"), audit(), &[], edits),
        ("edits by the flag with a name", label("a"), json!({}), &["--audit=first"], edits),
        ("edits by the flag", label("a"), json!({}), &["--audit"], edits),
        (
            "a rejection",
            json!([["reject", "no"]]),
            audit(),
            &[],
            "first would reject the Job (audit): no",
        ),
        (
            "a trap",
            json!([["trap"]]),
            audit(),
            &[],
            "first would end the run (audit): policy `first` broke in `review`",
        ),
    ]
}

fn check_audit((name, calls, entry, arguments, expected): Audit) {
    let team = Team::new(&format!("audits-{}", slug(name)));
    let done = team.policies(&[("first", calls, entry)]).render(arguments);
    assert_eq!(done.code, Some(0), "{}", done.told);
    assert!(done.told.contains(expected), "`{expected}` is not in `{}`", done.told);
    assert!(done.told.contains("only audited"), "{}", done.told);
    assert!(!done.out.contains("team: a"), "{}", done.out);
}

/// A name, the calls of two policies, and the warning; nothing where they agree.
type Collision = (&'static str, Value, Value, &'static str);

fn collisions() -> [Collision; 4] {
    let gpus = |count: &str| json!([["set-limit", "mlcube-container", "nvidia.com/gpu", count]]);
    // One that writes only once, so that it does not answer the other when it is asked again.
    let once = |write: Value| {
        json!([["only-if", "/metadata/labels/once", "none"], ["set-label", "once", "x"], write[0]])
    };
    [
        ("the same label", label("a"), label("a"), ""),
        ("two labels", label("a"), json!([["set-label", "other", "a"]]), ""),
        (
            "another value",
            once(label("a")),
            label("b"),
            "warning   `second` overwrites what `first` wrote at /metadata/labels/team",
        ),
        (
            "the value before",
            once(gpus("3")),
            gpus("8"),
            "`second` undoes what `first` did at /spec/template/spec/containers/0/resources/limits/nvidia.com~1gpu",
        ),
    ]
}

fn check_collision((name, first, second, expected): Collision) {
    let team = Team::new(&format!("collisions-{}", slug(name)));
    let policies = [("first", first, json!({})), ("second", second, json!({}))];
    let done = team.policies(&policies).render(&["--gpus", "8"]);
    assert_eq!(done.code, Some(0), "{}", done.told);
    match expected {
        "" => assert!(!done.told.contains("warning"), "{}", done.told),
        expected => assert!(done.told.contains(expected), "`{expected}` is not in `{}`", done.told),
    }
}

/// A name, the limits of the policies file, arguments, the exit code, and what is told.
type Limited = (&'static str, Value, Words, i32, &'static str);

fn limits() -> [Limited; 10] {
    [
        ("the default", json!({}), &[], 0, ""),
        (
            "fewer edits",
            json!({"edits": 5}),
            &[],
            4,
            "policy `p` was stopped in `review` at its `edits` limit of 5: it asked for 6",
        ),
        ("fewer edits, raised by the flag", json!({"edits": 5}), &["--limit", "edits=6"], 0, ""),
        ("less memory", json!({"memory": "64Ki"}), &[], 4, "`memory` limit of 64Ki: it asked for "),
        (
            "a word for a number",
            json!({"edits": "many"}),
            &[],
            2,
            "`limits`: `many` is not a value for the limit `edits`",
        ),
        (
            "an unknown limit",
            json!({"speed": 1}),
            &[],
            2,
            "`limits`: `speed` is not a limit: expected one of",
        ),
        (
            "a list with more than there can be",
            json!({"stack": "2Mi"}),
            &[],
            2,
            "`limits`: `2Mi` is too much for the limit `stack`: write at most `1Mi`",
        ),
        (
            "a flag with more than there can be",
            json!({}),
            &["--limit", "fuel=18446744073709551615"],
            2,
            "`18446744073709551615` is too much for the limit `fuel`: write at most `1000000000000`",
        ),
        (
            "a flag without a value",
            json!({}),
            &["--limit", "edits"],
            2,
            "write `--limit LIMIT=VALUE`",
        ),
        (
            "a flag with nothing left",
            json!({}),
            &["--limit", "edits=0"],
            2,
            "`0` is not a value for the limit `edits`",
        ),
    ]
}

fn check_limit((name, limits, arguments, code, expected): Limited) {
    let team = Team::new(&format!("limits-{}", slug(name)));
    let flood: Vec<Value> = (0..3).map(|n| json!(["set-label", "n", n.to_string()])).collect();
    let entry =
        json!({"name": "p", "module": policy::file("caller"), "settings": {"calls": flood}});
    let done = team.file(json!({"policies": [entry], "limits": limits})).render(arguments);
    assert_eq!(done.code, Some(code), "{}", done.told);
    assert!(done.told.contains(expected), "`{expected}` is not in `{}`", done.told);
    assert_eq!(done.told.contains("can raise it with `--limit"), code == 4, "{}", done.told);
}

/// A component that is no policy, what is said of it, and what it imports that no policy is given.
/// It is not run.
type Foreign = (&'static str, Words, Words);

const FOREIGN: [Foreign; 2] = [
    (
        "foreign-import",
        &[
            "not a policy component `TEAM/file.wasm` is not a policy: it imports `wasi:keyvalue/store@0.2.0`",
            "may change nothing",
        ],
        &["wasi:keyvalue/store@0.2.0"],
    ),
    (
        "other-world",
        &[
            "not a policy component `TEAM/file.wasm` is not a policy: it does not export",
            "exports    ",
        ],
        &[],
    ),
];

fn check_foreign((name, expected, foreign): Foreign) {
    let team = Team::new(&format!("foreign-{name}"));
    let text = workspace().join(format!("tests/guests/{name}.wat"));
    fs::write(team.path("file.wasm"), wat::parse_file(text).expect("the text is sound"))
        .expect("a component");
    let file = team.path("file.wasm").display().to_string();
    let done = team.run(&["policy", "inspect", &file]);
    assert_eq!(done.code, Some(0), "{}", done.told);
    expected
        .iter()
        .for_each(|line| assert!(done.out.contains(line), "`{line}` is not in `{}`", done.out));
    let json = team.run(&["policy", "inspect", &file, "-o", "json"]).out;
    let json: Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!((&json["policy"], &json["foreign"]), (&Value::Null, &json!(foreign)));
}
