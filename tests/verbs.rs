//! Every view and verb of the contract, called by a real component: the rows lie in `tests/cases/verbs/`, and each function
//! of `wit/` has one.

#[path = "support/caller.rs"]
mod caller;
mod support;

use caller::{Function, functions, host, job, log, read, review, review_of};
use mlcube_k8s::job::Job;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Calls, and the edits that they make: place, before, after.
#[derive(Deserialize)]
struct Edits {
    calls: Vec<Value>,
    edits: Vec<(String, Value, Value)>,
}

/// A call, what is said of it, and the calls that come before it.
#[derive(Deserialize)]
struct Row(Value, String, #[serde(default)] Vec<Value>);

/// What can be refused only because the Job itself is odd.
const NEVER_REFUSED: [&str; 3] =
    ["set-automount-service-account-token", "set-suspend", "set-termination-grace-period-seconds"];

#[test]
fn views_answer() {
    check(read("views"), ":");
}

#[test]
fn verbs_refuse() {
    check(read("refusals"), " refused:");
}

#[test]
fn verbs_edit() {
    let host = host();
    for Edits { calls, edits } in read::<Vec<Edits>>("edits") {
        let admitted = review(&host, &calls);
        assert_eq!(log(&admitted), [""; 0], "{calls:?}");
        let made = admitted.edits().map(|edit| {
            let change = edit.change.clone();
            (change.pointer.to_string(), change.before.unwrap_or_default(), change.after.unwrap_or_default())
        });
        assert_eq!(made.collect::<Vec<_>>(), edits, "{calls:?}");
        assert_eq!(admitted.original().json().to_string(), job().json().to_string(), "to the last byte: {calls:?}");
    }
}

#[test]
fn what_is_too_much_is_refused() {
    let patch = |operations: &Value| json!(["apply", operations.to_string()]);
    let added = |value: Value| patch(&json!([{"op": "add", "path": "/spec/x", "value": value}]));
    let nested = |depth| (0..depth).fold(json!(1), |value, _| json!([value]));
    // Each copy doubles the Job.
    let doubled = (0..20).map(|n| json!({"op": "copy", "from": "/spec", "path": format!("/spec/template/{n}")}));
    let rows = [
        (
            json!(["add-exit-code-rule", "FailJob", null, "In", (1..=256).collect::<Vec<_>>()]),
            "pod failure policy: a rule has 1 to 255 exit codes, not 256",
        ),
        (added(json!("x".repeat(64 << 10))), "patch: it has 65578 bytes, at most 65536 are read"),
        (patch(&doubled.collect()), "patch: operation 9: the Job would have more than 1048576 bytes"),
        (added(nested(99)), "patch: operation 1: the Job would be nested more than 100 deep"),
    ];
    check(rows.into_iter().map(|(call, why)| Row(call, why.into(), Vec::new())).collect(), " refused:");
    assert_eq!(log(&review(&host(), &[added(nested(98))])), [""; 0]);
}

/// What a verb changes before it comes to a place that it cannot reach is undone.
#[test]
fn an_odd_job_is_left_as_it_is() {
    let rows = [
        (
            "/spec/template/metadata",
            json!("odd"),
            json!(["set-label", "a", "b"]),
            "label `a`: `/spec/template/metadata` is neither an object nor a list",
        ),
        (
            "/spec/template/spec/nodeSelector",
            json!([]),
            json!(["require-node-label", "zone", "b"]),
            "node label `zone`: `/spec/template/spec/nodeSelector` is a list without an item `zone`",
        ),
    ];
    for (place, value, call, why) in rows {
        let mut json = job().json().clone();
        *json.pointer_mut(place).expect("the place is there") = value;
        let odd = Job::from_json(json).expect("a Job");
        let admitted = review_of(odd.clone(), &host(), std::slice::from_ref(&call));
        assert_eq!(log(&admitted), [line(0, &call, " refused:", why)]);
        assert_eq!(admitted.job().json().to_string(), odd.json().to_string(), "{call}");
        // A patch need not repair it.
        let patch = json!(["apply", r#"[{"op": "remove", "path": "/spec/suspend"}]"#]);
        assert_eq!(log(&review_of(odd, &host(), &[patch])), [""; 0]);
    }
}

#[test]
fn every_function_has_a_row() {
    let (verbs, views) = functions().into_iter().partition::<Vec<_>, _>(|function| function.changes);
    let names = |functions: Vec<Function>| functions.into_iter().map(|function| function.name).collect();
    let (views, mut verbs): (BTreeSet<_>, BTreeSet<_>) = (names(views), names(verbs));
    assert!(views.len() > 50 && verbs.len() > 40, "the contract was not found");
    let called = |rows: &str| read::<Vec<Row>>(rows).iter().map(|row| name(&row.0)).collect::<BTreeSet<_>>();
    let edited: BTreeSet<_> = read::<Vec<Edits>>("edits").iter().flat_map(|row| &row.calls).map(name).collect();
    assert_eq!(called("views"), views, "left: rows, right: the contract");
    assert_eq!(edited, verbs, "left: rows, right: the contract");
    verbs.retain(|name| !NEVER_REFUSED.contains(&name.as_str()));
    assert_eq!(called("refusals"), verbs, "left: rows, right: the contract");
}

/// Make each call, those without a call before them in one review, and compare what was logged. None changes the Job.
fn check(rows: Vec<Row>, sign: &str) {
    let host = host();
    let (alone, together) = rows.into_iter().partition::<Vec<_>, _>(|row| !row.2.is_empty());
    let calls: Vec<Value> = together.iter().map(|row| row.0.clone()).collect();
    let admitted = review(&host, &calls);
    let expected = together.iter().enumerate().map(|(number, Row(call, said, _))| line(number, call, sign, said));
    let pairs = expected.zip(log(&admitted));
    let wrong: Vec<_> = pairs.filter(|(expected, found)| expected != found).collect();
    assert!(wrong.is_empty(), "expected and found: {wrong:#?}");
    assert_eq!((log(&admitted).len(), admitted.edits().count()), (calls.len(), 0));
    for Row(call, said, before) in alone {
        let number = before.len();
        let prepared = review(&host, &before);
        let admitted = review(&host, &[before, vec![call.clone()]].concat());
        assert_eq!(log(&admitted), [line(number, &call, sign, &said)], "{call}");
        assert_eq!(admitted.job().json().to_string(), prepared.job().json().to_string(), "{call}");
    }
}

/// A line of the log.
fn line(number: usize, call: &Value, sign: &str, said: &str) -> String {
    format!("{number} {}{sign} {said}", name(call))
}

fn name(call: &Value) -> String {
    call[0].as_str().expect("a call has a name").to_owned()
}
