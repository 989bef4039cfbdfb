//! What a scalar means, and how lists, mappings, aliases and merge keys are read.

use libtest_mimic::Trial;
use serde_json::{Value, json};

use crate::support::cube::read;
use crate::verbatim;

/// A text as it is written, and what it means.
type Row = (&'static str, Value);

pub fn all() -> Vec<Trial> {
    let table = |name: &str, rows: Vec<Row>| {
        verbatim(&format!("cube/scalars/{name}"), rows, |row| row.0, check)
    };
    [
        table("booleans-and-null", booleans_and_null()),
        table("integers", integers()),
        table("floats", floats()),
        table("quotes-and-blocks", quotes_and_blocks()),
        table("collections", collections()),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn check((written, wanted): Row) {
    let indented: String = written.lines().map(|line| format!("  {line}\n")).collect();
    let cube = read(&format!("name: n\ntasks: {{}}\nq:\n{indented}"), &[]);
    let cube = cube.unwrap_or_else(|error| panic!("`{written}` is read: {error}"));
    assert_eq!(cube.config.written["q"], wanted, "`{written}`");
}

/// Rows of texts that mean one value.
fn mean(texts: &[&'static str], value: &Value) -> Vec<Row> {
    texts.iter().map(|text| (*text, value.clone())).collect()
}

/// Rows of texts that mean themselves.
fn text(texts: &[&'static str]) -> Vec<Row> {
    texts.iter().map(|text| (*text, json!(text))).collect()
}

/// Rows with values of one type.
fn rows<T: Into<Value>, const N: usize>(rows: [(&'static str, T); N]) -> Vec<Row> {
    rows.into_iter().map(|(written, value)| (written, value.into())).collect()
}

fn booleans_and_null() -> Vec<Row> {
    [
        mean(&["yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"], &json!(true)),
        mean(&["no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"], &json!(false)),
        mean(&["~", "null", "Null", "NULL", "", "!!null x"], &Value::Null),
        text(&[
            "y",
            "n",
            "Y",
            "N",
            "yES",
            "tRUE",
            "nUll",
            "inf",
            "nan",
            "2001-01-01",
            "2001-01-01 10:00:00",
            "a:1",
        ]),
        text(&["=", "_1"]),
    ]
    .concat()
}

fn integers() -> Vec<Row> {
    let integers = rows([
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
    ]);
    // PyYAML's integers have no end; beyond 64 bits they stay text here, so that no digit is lost.
    let texts = text(&[
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
    ]);
    [integers, texts].concat()
}

fn floats() -> Vec<Row> {
    let floats = rows([
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
    ]);
    // JSON has no word for these; they are shown as they were typed.
    let endless = text(&[".inf", "-.inf", ".NaN", "1e400", "1e97532", "-1e400"]);
    let texts = text(&["+.5", "-.5", ".", "._", "1e", "1e5_", "-.nan", ".5e3", "1..2", "1.2.3"]);
    [floats, endless, texts].concat()
}

fn quotes_and_blocks() -> Vec<Row> {
    rows([
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
    ])
}

fn collections() -> Vec<Row> {
    rows([
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
    ])
}
