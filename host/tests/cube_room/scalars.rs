//! What a scalar means, and how lists, mappings, aliases and merge keys are read.

use serde_json::{Value, json};

use crate::support::read;

fn check(written: &str, wanted: &Value) {
    let indented: String = written.lines().map(|line| format!("  {line}\n")).collect();
    let cube = read(&format!("name: n\ntasks: {{}}\nq:\n{indented}"), &[]);
    let cube = cube.unwrap_or_else(|error| unreachable!("`{written}` is read: {error}"));
    assert_eq!(&cube.config.written["q"], wanted, "`{written}`");
}

#[test]
fn booleans_and_null() {
    for word in ["yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"] {
        check(word, &json!(true));
    }
    for word in ["no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"] {
        check(word, &json!(false));
    }
    for word in ["~", "null", "Null", "NULL", "", "!!null x"] {
        check(word, &Value::Null);
    }
    for word in
        ["y", "n", "Y", "N", "yES", "tRUE", "nUll", "inf", "nan", "2001-01-01", "2001-01-01 10:00:00", "a:1", "=", "_1"]
    {
        check(word, &json!(word));
    }
}

#[test]
fn integers() {
    let rows = [
        ("0", 0),
        ("-0", 0),
        ("+1", 1),
        ("12", 12),
        ("012", 10),
        ("-017", -15),
        ("0b11", 3),
        ("0x1F", 31),
        ("-0x1f", -31),
        ("0x_1", 1),
        ("1_000", 1000),
        ("1__0", 10),
        ("0_", 0),
        ("00", 0),
        ("1:30", 90),
        ("-1:30", -90),
        ("190:20:30", 685_230),
        ("!!int \"5\"", 5),
        ("9223372036854775807", i64::MAX),
        ("-9223372036854775808", i64::MIN),
    ];
    for (written, wanted) in rows {
        check(written, &json!(wanted));
    }
    // PyYAML's integers have no end; beyond 64 bits they stay text here, so that no digit is lost.
    for word in [
        "9223372036854775808",
        "99999999999999999999999",
        "08",
        "0o17",
        "0x",
        "0X1F",
        "0b2",
        "1:99",
        "01:30",
        "1:30:99",
    ] {
        check(word, &json!(word));
    }
}

#[test]
fn floats() {
    let rows = [
        ("1.5", 1.5),
        ("1.", 1.0),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("1e+3", 1000.0),
        ("1.5e3", 1500.0),
        ("1.5E-3", 0.0015),
        ("-1.5", -1.5),
        ("1_0.5", 10.5),
        ("1:30.5", 90.5),
        ("-1:30.5", -90.5),
        ("1.e3", 1000.0),
        ("!!float 5", 5.0),
        ("0.0", 0.0),
        (".5e+3", 500.0),
    ];
    for (written, wanted) in rows {
        check(written, &json!(wanted));
    }
    // JSON has no word for these; they are shown as Python prints them.
    for (written, wanted) in [(".inf", "inf"), ("-.inf", "-inf"), (".NaN", "nan"), ("1e400", "inf")] {
        check(written, &json!(wanted));
    }
    for word in ["+.5", "-.5", ".", "._", "1e", "1e5_", "-.nan", ".5e3", "1..2", "1.2.3"] {
        check(word, &json!(word));
    }
}

#[test]
fn quotes_and_blocks_are_text() {
    let rows = [
        ("'5'", "5"),
        ("\"yes\"", "yes"),
        ("\"~\"", "~"),
        ("!!str 5", "5"),
        ("!!str", ""),
        ("'it''s'", "it's"),
        ("\"\\u00e9\"", "é"),
        ("|\n  lit\n", "lit\n"),
        (">\n  fold\n  ed\n", "fold ed\n"),
        ("\"a\n b\"", "a b"),
    ];
    for (written, wanted) in rows {
        check(written, &json!(wanted));
    }
}

#[test]
fn containers_aliases_and_merge_keys() {
    let rows = [
        ("- 1\n- 2", json!([1, 2])),
        ("[1, [2], {a: b}]", json!([1, [2], {"a": "b"}])),
        ("{a, b: 1}", json!({"a": null, "b": 1})),
        ("? a\n: 1\n? b\n", json!({"a": 1, "b": null})),
        // Keys are names as written, whatever they would mean as values.
        ("on: 1\n1: 2\n1.0: 3", json!({"on": 1, "1": 2, "1.0": 3})),
        ("a: &x {p: 1}\nb: {<<: *x, q: 2, p: 3}", json!({"a": {"p": 1}, "b": {"p": 3, "q": 2}})),
        ("{p: 0, <<: [{p: 1, z: 1}, {p: 2, z: 2, q: 2}]}", json!({"p": 0, "z": 1, "q": 2})),
        ("{<<: {a: 1}, <<: {a: 2}}", json!({"a": 2})),
        ("\"<<\": 1", json!({"<<": 1})),
        ("a: &x [1]\nb: *x\nc: &x 2\nd: *x", json!({"a": [1], "b": [1], "c": 2, "d": 2})),
    ];
    for (written, wanted) in rows {
        check(written, &wanted);
    }
}

#[test]
fn order_is_kept() {
    let cube = read("name: n\ntasks: {z: , a: , m: }\n", &[]).expect("a plain cube is read");
    let names: Vec<_> = cube.tasks.iter().map(|task| task.name.as_str()).collect();
    assert_eq!(names, ["z", "a", "m"]);
}
