//! Functions that are called before there is anything for them to answer: in `describe` there is only
//! the file, in `validate-settings` there are settings too.

use super::{ADMITTED, Case, broken_in};
use crate::hostile::guest::{ANSWER, DESCRIPTION, Guest, RETURNED};

/// An interface, a function of it, how many numbers it takes, and whether it gives one back.
const CALLS: [(&str, &str, usize, bool); 16] = [
    ("log", "log", 3, false),
    ("job", "job-name", 1, false),
    ("job", "job-containers", 1, false),
    ("job", "job-read", 3, false),
    ("job", "job-tolerates", 2, true),
    ("task", "task-cube", 1, false),
    ("task", "task-accelerators", 0, true),
    ("settings", "settings-read", 3, false),
    ("settings", "settings-keys", 3, false),
    ("metadata", "set-label", 7, false),
    ("metadata", "set-annotation", 7, false),
    ("scheduling", "tolerate", 10, false),
    ("scheduling", "affinity", 8, false),
    ("resources", "set-extended", 8, false),
    ("patch", "patch", 5, false),
    ("storage", "set-read-only", 5, false),
];

pub fn cases() -> Vec<Case> {
    let phases = [
        ("describe", "describe", DESCRIPTION, ["log"].as_slice(), "`log`"),
        ("validate-settings", "validate", ANSWER, &["settings", "log"], "`settings` and `log`"),
    ];
    let mut cases = Vec::new();
    for (export, part, answer, allowed, names) in phases {
        for (interface, function, takes, gives) in CALLS {
            let name = format!("phase: {function} in {export}");
            let guest = Guest::new()
                .with(part, format!("{} (i32.const {answer})", call(function, takes, gives)));
            let why = format!("it called `{interface}`, and `{export}` may call only {names}");
            let outcome = match allowed.contains(&interface) {
                true => ADMITTED.to_owned(),
                false => broken_in(export, &why),
            };
            cases.push(Case::new(name, guest, outcome));
        }
    }
    cases
}

/// A call with zeros, but for the place of the answer.
fn call(function: &str, takes: usize, gives: bool) -> String {
    let last = if gives || function == "log" { 0 } else { RETURNED };
    let zeros = "(i32.const 0) ".repeat(takes.saturating_sub(1));
    let last = if takes == 0 { String::new() } else { format!("(i32.const {last})") };
    let call = format!("(call ${function} {zeros}{last})");
    if gives { format!("(drop {call})") } else { call }
}
