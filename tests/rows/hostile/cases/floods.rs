//! Policies that ask the host again and again: each interface, what is done and what is refused.

use super::{Case, broken_in, stopped, stopped_in};
use crate::hostile::guest::{Guest, OWN, RETURNED};
use serde_json::json;

/// Texts that the calls name, by their place: a label key, a value, a container, a claim, a
/// resource, a pointer to nothing.
const TEXTS: [(u32, &str); 6] = [
    (OWN, "team"),
    (OWN + 16, "x"),
    (OWN + 32, "main"),
    (OWN + 48, "datasets"),
    (OWN + 64, "nvidia.com/gpu"),
    (OWN + 80, "/n"),
];

/// Calls that are made without end, and the limit that ends them.
fn floods() -> [(&'static str, String, &'static str); 17] {
    const CROSSED: &str = "`host-call-bytes` limit of 16Mi: it asked for ";
    let _ = CROSSED;
    let (key, value, main, claim, gpu) = (
        "(i32.const 4096) (i32.const 4)",
        "(i32.const 4112) (i32.const 1)",
        "(i32.const 4128) (i32.const 4)",
        "(i32.const 4144) (i32.const 8)",
        "(i32.const 4160) (i32.const 14)",
    );
    let nothing = "(i32.const 0) (i32.const 0)";
    let to = format!("(i32.const {RETURNED})");
    // A number that is another each time, as a text of one letter and a digit of 64.
    let turn = "(i32.store8 (i32.const 4112) (i32.add (i32.const 97) (local.tee $n (i32.rem_u (i32.add (local.get $n) (i32.const 1)) (i32.const 26)))))";
    [
        (
            "name",
            format!("(call $job-name {to})"),
            "`host-call-bytes` limit of 16Mi: it asked for 16777280",
        ),
        (
            "containers",
            format!("(call $job-containers {to})"),
            "`host-call-bytes` limit of 16Mi: it asked for 16777228",
        ),
        (
            "the whole Job",
            format!("(call $job-read {nothing} {to})"),
            "`host-call-bytes` limit of 16Mi: it asked for 16777530",
        ),
        (
            "taints",
            format!("(drop (call $job-tolerates {key}))"),
            "`host-call-bytes` limit of 16Mi: it asked for 16777281",
        ),
        (
            "cube",
            format!("(call $task-cube {to})"),
            "`host-call-bytes` limit of 16Mi: it asked for 16777280",
        ),
        (
            "accelerators",
            "(drop (call $task-accelerators))".into(),
            "`host-call-bytes` limit of 16Mi: it asked for 16777232",
        ),
        (
            "settings",
            format!("(call $settings-read {nothing} {to})"),
            "`host-call-bytes` limit of 16Mi: it asked for 16777266",
        ),
        (
            "number",
            format!("(call $settings-number (i32.const 4176) (i32.const 2) {to})"),
            "`host-call-bytes` limit of 16Mi: it asked for 16777266",
        ),
        (
            "keys",
            format!("(call $settings-keys {nothing} {to})"),
            "`host-call-bytes` limit of 16Mi: it asked for 16777280",
        ),
        (
            "lines",
            format!("(call $log (i32.const 0) {key})"),
            "`host-call-bytes` limit of 16Mi: it asked for 16777232",
        ),
        (
            "warnings",
            format!("(call $log (i32.const 2) {nothing})"),
            "`host-call-bytes` limit of 16Mi: it asked for 16777280",
        ),
        (
            "labels",
            format!("{turn} (call $set-label {key} {value} {key} {to})"),
            "`edits` limit of 1000: it asked for 1001",
        ),
        (
            "annotations",
            format!("{turn} (call $set-annotation {key} {value} {key} {to})"),
            "`edits` limit of 1000: it asked for 1001",
        ),
        (
            "the same label",
            format!("(call $set-label {key} {value} {key} {to})"),
            "`host-call-bytes` limit of 16Mi: it asked for 16777232",
        ),
        (
            "refused labels",
            format!("(call $set-label {nothing} {nothing} {nothing} {to})"),
            "`host-call-bytes` limit of 16Mi: it asked for 16777266",
        ),
        (
            "refused claims",
            format!("(call $set-read-only {key} {nothing} {to})"),
            "`host-call-bytes` limit of 16Mi: it asked for 16777225",
        ),
        (
            "resources",
            format!(
                "(call $set-extended {main} {gpu} (local.tee $n (i32.add (local.get $n) (i32.const 1))) {claim} {to})"
            ),
            "`edits` limit of 1000: it asked for 1001",
        ),
    ]
}

fn guest() -> Guest {
    TEXTS.iter().fold(Guest::new(), |guest, (place, text)| guest.data(*place, text)).with(
        // What the host answers goes to one place, so that it is not memory that ends the flood.
        "realloc",
        "(i32.const 131072)",
    )
}

pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (name, call, limit) in floods() {
        let body = format!("(local $n i32) (loop $again {call} (br $again)) (unreachable)");
        cases.push(Case::new(
            format!("flood of {name}"),
            guest().with("review", body),
            stopped(limit),
        ));
    }
    cases.extend(large());
    cases.extend(too_early());
    cases
}

/// Few calls with much in them.
fn large() -> Vec<Case> {
    let to = format!("(i32.const {RETURNED})");
    let length = 1_000_000;
    let line = format!("(call $log (i32.const 2) (i32.const 65536) (i32.const {length}))");
    // 63 bytes are too few, so the value is long: an annotation may hold anything, up to 256 KiB.
    let turn = "(i32.store8 (i32.const 65536) (local.tee $n (i32.and (i32.add (local.get $n) (i32.const 1)) (i32.const 63))))";
    let annotation = format!(
        "{turn} (call $set-annotation (i32.const {OWN}) (i32.const 4) (i32.const 65536) (i32.const 200000) (i32.const 0) (i32.const 0) {to})"
    );
    let reason = format!(
        "{turn} (call $set-annotation (i32.const {OWN}) (i32.const 4) (i32.const 65536) (i32.const 1) (i32.const 65536) (i32.const {length}) {to})"
    );
    // A value that is moved to and fro by one patch: each operation is kept until all are made.
    let moves: Vec<_> = (0..400).map(|at| move_annotation(at % 2)).collect();
    let moves = format!("[{}]", moves.join(","));
    let value = format!(
        "(call $set-annotation (i32.const 0) (i32.const 1) (i32.const 65536) (i32.const 200000) (i32.const 0) (i32.const 0) {to})"
    );
    let patch = format!(
        "(call $patch (i32.const 8192) (i32.const {}) (i32.const 0) (i32.const 0) {to})",
        moves.len()
    );
    // The policy traps unless the host refuses.
    let moving = format!(
        "(i32.store8 (i32.const 0) (i32.const 97)) (memory.fill (i32.const 65536) (i32.const 97) (i32.const 200000)) {value} {patch} (if (i32.eqz (i32.load8_u {to})) (then (unreachable)))"
    );
    let medium = line.replace("1000000", "1900");
    let again = |body: &str| {
        guest().with(
            "review",
            format!("(local $n i32) (loop $again {body} (br $again)) (unreachable)"),
        )
    };
    vec![
        Case::new(
            "flood of large lines",
            again(&line),
            stopped("`host-call-bytes` limit of 16Mi: it asked for 17001088"),
        ),
        Case::new(
            "flood of lines that fill the log",
            again(&medium),
            stopped("`host-call-bytes` limit of 16Mi: it asked for 16778452"),
        ),
        Case::new(
            "flood of large annotations",
            again(&annotation),
            stopped("`edit-bytes` limit of 4Mi: it asked for 4800033"),
        ),
        Case::new(
            "flood of large reasons",
            again(&reason),
            stopped("`host-call-bytes` limit of 16Mi: it asked for 17001088"),
        ),
        Case::new(
            "patch that moves much",
            guest().data(8192, moves).doing(&moving),
            "hostile 0.1.0 admitted: 2 edits, told []",
        ),
        Case::new(
            "flood of large settings",
            again(&format!("(call $settings-read (i32.const 0) (i32.const 0) {to})")),
            stopped("`host-call-bytes` limit of 16Mi: it asked for 16812096"),
        )
        .settings(json!({"x": "x".repeat(100_000)})),
    ]
}

/// An operation of a patch.
fn move_annotation(way: usize) -> String {
    let place = |name: &str| format!("/metadata/annotations/{name}");
    let (from, path) = if way == 0 { (place("a"), place("b")) } else { (place("b"), place("a")) };
    json!({"op": "move", "from": from, "path": path}).to_string()
}

/// Floods before the review. What may not be called there at all is in `phases`.
fn too_early() -> Vec<Case> {
    let to = format!("(i32.const {RETURNED})");
    let flood = |call: &str| format!("(loop $again {call} (br $again)) (unreachable)");
    let start = format!(
        "(func $s {}) (start $s)",
        flood("(call $log (i32.const 0) (i32.const 0) (i32.const 0))")
    );
    let number = format!("(call $settings-number (i32.const 4176) (i32.const 2) {to})");
    vec![
        Case::new(
            "flood of settings in validate",
            guest().with("validate", flood(&number)),
            stopped_in(
                "validate-settings",
                "`host-call-bytes` limit of 16Mi: it asked for 16777266",
            ),
        ),
        Case::new(
            "flood of lines in describe",
            guest()
                .with("describe", flood("(call $log (i32.const 0) (i32.const 0) (i32.const 0))")),
            stopped_in("describe", "`host-call-bytes` limit of 16Mi: it asked for 16777280"),
        ),
        Case::new(
            "call in start",
            guest().with("items", start),
            broken_in("describe", "wasm trap: uninitialized element"),
        ),
        Case::new(
            "call in post-return",
            guest().with("post", format!("(call $job-name {to})")),
            super::broken("wasm trap: cannot leave component instance"),
        ),
    ]
}
