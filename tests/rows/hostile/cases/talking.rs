//! Text of a policy that reaches a terminal, and numbers that could differ between machines.

use super::{ADMITTED, Case, broken};
use crate::hostile::guest::{ANSWER, Guest, OWN, RETURNED};
use serde_json::json;

/// Texts that would act on a terminal: name, text, and what is shown of it.
const TEXTS: [(&str, &str, &str); 12] = [
    ("clear", "\u{1b}[2Jx", "\u{fffd}[2Jx"),
    ("title", "\u{1b}]0;x\u{7}", "\u{fffd}]0;x\u{fffd}"),
    ("colour", "\u{1b}[31mx", "\u{fffd}[31mx"),
    ("one byte", "\u{9b}2Jx", "\u{fffd}2Jx"),
    ("bell and back", "\u{7}\u{8}\u{7f}", "\u{fffd}\u{fffd}\u{fffd}"),
    ("return", "good\rbad", "good\nbad"),
    ("lines", "one\ntwo\u{85}three", "one\ntwo\nthree"),
    ("other lines", "one\u{2028}two\u{2029}", "one\ntwo"),
    ("zero", "a\0b", "a\u{fffd}b"),
    ("turned around", "a\u{202e}b\u{2066}c\u{200f}d", "a\u{fffd}b\u{fffd}c\u{fffd}d"),
    ("invisible", "a\u{200b}b\u{feff}c\u{2060}d\u{ad}", "a\u{fffd}b\u{fffd}c\u{fffd}d\u{fffd}"),
    ("tags", "a\u{e0041}\u{e007f}b\u{61c}", "a\u{fffd}\u{fffd}b\u{fffd}"),
];

/// Instructions that give some NaN as bits, and the one that every machine must give.
const NANS: [(&str, &str, &str); 8] = [
    (
        "division",
        "(i64.reinterpret_f64 (f64.div (f64.const 0) (f64.const 0)))",
        "0x7ff8000000000000",
    ),
    ("root", "(i64.reinterpret_f64 (f64.sqrt (f64.const -1)))", "0x7ff8000000000000"),
    (
        "sum of NaNs",
        "(i64.reinterpret_f64 (f64.add (f64.const nan:0x4000000000001) (f64.const -nan:0x7)))",
        "0x7ff8000000000000",
    ),
    (
        "least",
        "(i64.reinterpret_f64 (f64.min (f64.const -nan:0xfffff) (f64.const 1)))",
        "0x7ff8000000000000",
    ),
    (
        "infinities",
        "(i64.reinterpret_f64 (f64.sub (f64.const inf) (f64.const inf)))",
        "0x7ff8000000000000",
    ),
    (
        "narrowed",
        "(i64.extend_i32_u (i32.reinterpret_f32 (f32.demote_f64 (f64.const -nan:0xfffff))))",
        "0x7fc00000",
    ),
    (
        "widened",
        "(i64.reinterpret_f64 (f64.promote_f32 (f32.const -nan:0x3)))",
        "0x7ff8000000000000",
    ),
    (
        "short",
        "(i64.extend_i32_u (i32.reinterpret_f32 (f32.mul (f32.const 0) (f32.const inf))))",
        "0x7fc00000",
    ),
];

pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (name, text, shown) in TEXTS {
        let length = u32::try_from(text.len()).expect("a length");
        let guest = Guest::new().data(OWN, text);
        let line = guest
            .clone()
            .doing(&format!("(call $log (i32.const 2) (i32.const {OWN}) (i32.const {length}))"));
        let admitted = format!("hostile 0.1.0 admitted: 0 edits, told [{shown:?}]");
        cases.push(Case::new(format!("line: {name}"), line, admitted));
        let reason = shown.replace('\n', " ");
        let rejected = format!("rejected: {reason:?}, remedy None");
        cases.push(Case::new(format!("reason: {name}"), guest.rejecting(OWN, length), rejected));
    }
    cases.extend(places());
    for (name, bits, expected) in NANS {
        let body = format!("(if (i64.ne {bits} (i64.const {expected})) (then (unreachable)))");
        cases.push(Case::new(format!("nan: {name}"), Guest::new().doing(&body), ADMITTED));
    }
    cases.extend(numbers());
    cases
}

/// The other places from which a policy's text comes.
fn places() -> Vec<Case> {
    const CLEAR: &str = "\u{1b}[2Jx";
    let describing = |field, text: &str| Guest::new().describing(field, text);
    let wrong =
        |why: &str| format!("not loaded: policy `hostile` has an invalid description: {why}");
    let settings = Guest::new().data(OWN, CLEAR).words(ANSWER, &[1, OWN, 5]);
    let giant = Guest::new().data(OWN, "x".repeat(3000)).words(ANSWER, &[1, OWN, 3000]);
    let label = "is not a DNS label: expected 1 to 63 of a-z, 0-9 and `-`, with a letter or digit at both ends";
    let schema = json!({"properties": {"a": {"enum": [CLEAR]}}}).to_string();
    vec![
        Case::new("name: escape", describing(0, CLEAR), wrong(&format!("its name `\u{fffd}[2Jx` {label}"))),
        Case::new("name: empty", describing(0, ""), wrong(&format!("its name `` {label}"))),
        Case::new(
            "name: long",
            describing(0, &"x".repeat(64)),
            wrong(&format!("its name `{}` {label}", "x".repeat(64))),
        ),
        Case::new(
            "version: escape",
            describing(1, CLEAR),
            wrong("its version `\u{fffd}[2Jx` is not a semantic version like `1.2.0`"),
        ),
        Case::new("version: empty", describing(1, ""), wrong("its version `` is not a semantic version like `1.2.0`")),
        Case::new(
            "version: a word",
            describing(1, "1.two.3"),
            wrong("its version `1.two.3` is not a semantic version like `1.2.0`"),
        ),
        Case::new("summary: escape", describing(2, CLEAR), ADMITTED),
        Case::new(
            "schema: no JSON",
            describing(3, CLEAR),
            wrong("its settings schema: it is not JSON: expected value at line 1 column 1"),
        ),
        Case::new(
            "schema: escape in a choice",
            describing(3, &schema),
            "not loaded: invalid settings for policy `hostile`: `/a`: expected `\\u{1b}[2Jx`, found `1`",
        )
        .settings(json!({"a": 1})),
        Case::new("settings: escape", settings, "not loaded: invalid settings for policy `hostile`: \u{fffd}[2Jx"),
        Case::new(
            "settings: long error",
            giant,
            format!("not loaded: invalid settings for policy `hostile`: {}… (1000 more bytes)", "x".repeat(2000)),
        ),
        Case::new(
            "import: escape",
            Guest::new().with("imports", r#"(import "\1b[2J" "\1b[31m" (func))"#),
            "not loaded: policy file `hostile.wasm` is a core module that cannot become a component: failed to decode world from module: module was not valid: failed to resolve import `�[2J::�[31m`: module requires an import interface named `�[2J`",
        ),
    ]
}

const NO_NUMBER: &str = "cannot read the settings: `/n`: expected a number, found text";

/// Settings that are numbers at the edge: the policy traps unless it reads these bits.
fn numbers() -> Vec<Case> {
    let reading = |expected: &str| {
        let to = format!("(i32.const {RETURNED})");
        let check = format!(
            "(i64.ne (i64.load offset=8 {to}) (i64.reinterpret_f64 (f64.const {expected})))"
        );
        let body = format!(
            "(call $settings-number (i32.const {OWN}) (i32.const 2) {to}) (if {check} (then (unreachable)))"
        );
        Guest::new().data(OWN, "/n").doing(&body)
    };
    let with = |name: &str, expected: &str, number: serde_json::Value| {
        Case::new(format!("number: {name}"), reading(expected), ADMITTED)
            .settings(json!({"n": number}))
    };
    let none =
        Case::new("number: none", reading("0"), broken(NO_NUMBER)).settings(json!({"n": "NaN"}));
    vec![
        with("largest", "1.7976931348623157e308", json!(f64::MAX)),
        with("smallest", "5e-324", json!(5e-324)),
        with("less than nothing", "-0", json!(-0.0)),
        with("another", "1", json!(2)).outcome(broken("it panicked (wasm `unreachable`)")),
        none,
    ]
}
