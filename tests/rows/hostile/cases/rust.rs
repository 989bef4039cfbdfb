//! What Rust says best: the policy in `tests/guests/hostile`, which misbehaves as its settings say.

use super::{AT_ONCE, Case, FUEL, STACK, stopped};
use crate::support::policy;
use serde_json::{Value, json};

pub fn cases() -> Vec<Case> {
    let refused = |why: &str| format!("not loaded: invalid settings for policy `hostile`: {why}");
    let said = |lines: &str| format!("hostile 0.1.0 admitted: 0 edits, told {lines}");
    let deeds = [
        ("nothing", said("[]")),
        ("loop", stopped(FUEL)),
        ("allocate", stopped("`memory` limit of 32Mi: it asked for 32960Ki")),
        ("allocate-at-once", stopped("`memory` limit of 32Mi: it asked for 1048960Ki")),
        ("recurse", stopped(STACK)),
        ("flood-log", stopped("`host-call-bytes` limit of 16Mi: it asked for 16777219")),
        ("flood-edits", stopped("`edits` limit of 1000: it asked for 1001")),
        ("flood-reads", stopped("`host-call-bytes` limit of 16Mi: it asked for 16777230")),
        ("giant-line", said(&format!("[{:?}]", format!("{}… (1046576 more bytes)", "x".repeat(2000))))),
        ("escape-sequences", said("[\"\u{fffd}[2Jgone\u{fffd}\u{fffd}txt\"]")),
        (
            "unaligned-refusal",
            "rejected: \"label `kubernetes.io/arch`: `kubernetes.io/arch` belongs to Kubernetes: use a domain of your own\", remedy None".into(),
        ),
        ("warn", said("[\"\u{fffd}[2Jgone\"]")),
        ("flood-warnings", stopped(AT_ONCE)),
        ("warn-of-nothing", said("[]")),
        ("refuse-settings", refused("the policy does not like them")),
        (
            "edit-while-validating",
            "not loaded: policy `hostile` broke in `validate-settings`: it called `metadata`, and `validate-settings` may call only `settings` and `log`".into(),
        ),
    ];
    let case = |name: String, settings: Value, outcome: String| {
        Case::new(name, || policy::bytes("hostile"), outcome).settings(settings)
    };
    let deed = |(deed, outcome): (&str, String)| {
        case(format!("rust: {deed}"), json!({"do": deed}), outcome)
    };
    let mut cases: Vec<Case> = deeds.into_iter().map(deed).collect();
    cases.extend([
        case(
            "rust: settings of another type".into(),
            json!({"do": 5}),
            refused("`/do`: expected text, found `5`"),
        ),
        case("rust: settings that lack a field".into(), json!({}), refused("missing `do`")),
    ]);
    cases
}
