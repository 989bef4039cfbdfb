//! What crosses between policy and host: giant and damaged strings and lists, pointers that lead
//! nowhere, answers of no known form.

use super::{AT_ONCE, Case, broken, broken_in, stopped, stopped_in};
use crate::hostile::guest::{ANSWER, DESCRIPTION, Guest, OWN, REJECT, RETURNED, VERDICT};

const OUTSIDE: &str = "string pointer/length out of bounds of memory";
const NO_TEXT: &str = "invalid utf-8 sequence of 1 bytes from index 0";
const REJECTING: u32 = REJECT as u32;
/// A policy of 40 pages: texts of 2 MiB fit in.
const LARGE: &str = "40";
const GIANT: u32 = 2 << 20;
/// Where a text would begin that ends behind the memory.
const NEAR_END: u32 = 1_310_700;

/// How a text can be damaged: name, where it lies, how long it is.
const TEXTS: [(&str, u32, u32); 5] = [
    ("giant", 65_536, GIANT),
    ("outside", 0xffff_0000, 16),
    ("across the end", NEAR_END, GIANT),
    ("as long as can be", 0, u32::MAX),
    ("no utf-8", OWN, 1),
];

fn guest() -> Guest {
    Guest::new().with("memory", LARGE).data(OWN, [0xff, 0xff, 0xff, 0xff])
}

pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (name, at, length) in TEXTS {
        cases.extend(texts(name, at, length));
    }
    cases.extend(arguments());
    cases.extend(pointers());
    cases.extend(realloc());
    cases
}

/// Every place in which a policy answers with a text.
fn texts(name: &str, at: u32, length: u32) -> Vec<Case> {
    let answer = |words: &[u32]| guest().words(ANSWER, words);
    let describe =
        outcome(name, |limit| stopped_in("describe", limit), |why| broken_in("describe", why));
    let validate = outcome(
        name,
        |limit| stopped_in("validate-settings", limit),
        |why| broken_in("validate-settings", why),
    );
    let review = outcome(name, stopped, broken);
    let mut cases = Vec::new();
    for (index, field_name) in (0..).zip(["name", "version", "summary", "schema"]) {
        cases.push(Case::new(
            format!("{name} {field_name}"),
            describing(index, at, length),
            describe.clone(),
        ));
    }
    cases.push(Case::new(
        format!("{name} error of the settings"),
        answer(&[1, at, length]),
        validate,
    ));
    cases.push(Case::new(format!("{name} reason"), guest().rejecting(at, length), review.clone()));
    let remedy = guest().words(VERDICT, &[REJECTING, OWN + 16, 0, 1, at, length]);
    cases.push(Case::new(format!("{name} remedy"), remedy, review.clone()));
    let log =
        guest().doing(&format!("(call $log (i32.const 2) (i32.const {at}) (i32.const {length}))"));
    cases.push(Case::new(format!("{name} line"), log, review.clone()));
    let read = guest().doing(&format!(
        "(call $job-read (i32.const {at}) (i32.const {length}) (i32.const {RETURNED}))"
    ));
    cases.push(Case::new(format!("{name} pointer"), read, review.clone()));
    let label = format!(
        "(call $set-label (i32.const {at}) (i32.const {length}) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const {RETURNED}))"
    );
    cases.push(Case::new(format!("{name} key"), guest().doing(&label), review));
    cases
}

/// `describe` writes one field itself.
fn describing(index: u32, at: u32, length: u32) -> Guest {
    let (text, size) = (DESCRIPTION + 8 * index, DESCRIPTION + 8 * index + 4);
    let stores = format!(
        "(i32.store (i32.const {text}) (i32.const {at})) (i32.store (i32.const {size}) (i32.const {length}))"
    );
    guest().with("describe", format!("{stores} (i32.const {DESCRIPTION})"))
}

fn outcome(
    name: &str,
    stopped: impl Fn(&str) -> String,
    broken: impl Fn(&str) -> String,
) -> String {
    match name {
        "giant" => stopped(AT_ONCE),
        "no utf-8" => broken(NO_TEXT),
        _ => broken(OUTSIDE),
    }
}

/// Lists and texts that are small in the policy and large in the host.
fn arguments() -> Vec<Case> {
    let affinity = |count: u32, length: u32| {
        // Every item of the list is the same text.
        let fill = format!(
            "(local $i i32) (loop $l
                (i32.store (i32.add (i32.const 131072) (i32.mul (local.get $i) (i32.const 8))) (i32.const {OWN}))
                (i32.store (i32.add (i32.const 131076) (i32.mul (local.get $i) (i32.const 8))) (i32.const {length}))
                (local.set $i (i32.add (local.get $i) (i32.const 1)))
                (br_if $l (i32.lt_u (local.get $i) (i32.const {count}))))
            (call $affinity (i32.const {OWN}) (i32.const 1) (i32.const 0) (i32.const 131072) (i32.const {count})
                (i32.const {OWN}) (i32.const 1) (i32.const {RETURNED}))"
        );
        Guest::new().with("memory", LARGE).doing(&fill)
    };
    let list = |at: u32, count: u32| {
        let call = format!(
            "(call $affinity (i32.const 0) (i32.const 0) (i32.const 0) (i32.const {at}) (i32.const {count})
                (i32.const 0) (i32.const 0) (i32.const {RETURNED}))"
        );
        Guest::new().doing(&call)
    };
    let operator = |number: u32| {
        let call = format!(
            "(call $affinity (i32.const 0) (i32.const 0) (i32.const {number}) (i32.const 0) (i32.const 0)
                (i32.const 0) (i32.const 0) (i32.const {RETURNED}))"
        );
        Guest::new().doing(&call)
    };
    vec![
        Case::new("list: one text very often", affinity(10_000, 100_000), stopped(AT_ONCE)),
        Case::new("list: nothing very often", affinity(200_000, 0), stopped(AT_ONCE)),
        Case::new(
            "list: outside",
            list(0xffff_fff0, 100),
            broken("list pointer/length out of bounds of memory"),
        ),
        Case::new(
            "list: longer than memory",
            list(8, u32::MAX),
            broken("list pointer/length out of bounds of memory"),
        ),
        Case::new("list: unaligned", list(5, 1), broken("list pointer is not aligned")),
        Case::new("enum: unknown", operator(77), broken("unexpected discriminant: 77")),
        Case::new(
            "enum: unknown level",
            Guest::new().doing("(call $log (i32.const 3) (i32.const 0) (i32.const 0))"),
            broken("unexpected discriminant: 3"),
        ),
    ]
}

/// Places of answers that are none, and answers of no known form.
fn pointers() -> Vec<Case> {
    let at = |part: &str, place: &str| Guest::new().with(part, format!("(i32.const {place})"));
    let describe = |why: &str| broken_in("describe", why);
    let validate = |why: &str| broken_in("validate-settings", why);
    let answering =
        |place: &str| Guest::new().doing(&format!("(call $job-name (i32.const {place}))"));
    vec![
        Case::new(
            "description: unaligned",
            at("describe", "193"),
            describe("return pointer not aligned"),
        ),
        Case::new(
            "description: outside",
            at("describe", "1310716"),
            describe("pointer out of bounds of memory"),
        ),
        Case::new(
            "description: far outside",
            at("describe", "-4"),
            describe("pointer out of bounds of memory"),
        ),
        Case::new(
            "answer: unaligned",
            at("validate", "65"),
            validate("return pointer not aligned"),
        ),
        Case::new(
            "answer: outside",
            at("validate", "-8"),
            validate("pointer out of bounds of memory"),
        ),
        Case::new(
            "answer: unknown",
            Guest::new().words(ANSWER, &[7]),
            validate("invalid expected discriminant"),
        ),
        Case::new("verdict: unaligned", at("review", "130"), broken("return pointer not aligned")),
        Case::new(
            "verdict: outside",
            at("review", "1310708"),
            broken("pointer out of bounds of memory"),
        ),
        Case::new(
            "verdict: unknown",
            Guest::new().words(VERDICT, &[99]),
            broken("unexpected discriminant: 99"),
        ),
        Case::new(
            "verdict: unknown remedy",
            Guest::new().words(VERDICT, &[REJECTING, 0, 0, 9]),
            broken("invalid option discriminant"),
        ),
        Case::new("host's answer: unaligned", answering("513"), broken("pointer not aligned")),
        Case::new("host's answer: outside", answering("-4"), broken("pointer out of bounds")),
    ]
}

/// Answers of `cabi_realloc` when the host asks for room.
fn realloc() -> Vec<Case> {
    let giving = |place: &str, call: &str| {
        Guest::new().with("realloc", format!("(i32.const {place})")).doing(call)
    };
    let name = format!("(call $job-name (i32.const {RETURNED}))");
    let list = format!("(call $job-containers (i32.const {RETURNED}))");
    vec![
        Case::new(
            "realloc: outside",
            giving("-1", &name),
            broken("realloc return: beyond end of memory"),
        ),
        Case::new(
            "realloc: at the end",
            giving("1310720", &name),
            broken("realloc return: beyond end of memory"),
        ),
        Case::new(
            "realloc: unaligned list",
            giving("4097", &list),
            broken("realloc return: result not aligned"),
        ),
        Case::new(
            "realloc: over the host's own answer",
            giving(&RETURNED.to_string(), &list),
            super::ADMITTED,
        ),
    ]
}
