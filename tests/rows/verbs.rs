//! Every view and verb of the contract, called by a real component: the rows lie in
//! `tests/cases/verbs/`, and each function of `wit/` has one.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use libtest_mimic::Trial;
use mlcube_k8s::job::Job;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::support::caller::{self, Function, functions, job, log, review, review_of};
use crate::support::policy::{PolicyHost, ReviewError};
use crate::support::read;
use crate::{trial, trials};

/// Calls, and the edits that they make: place, before, after.
#[derive(Clone, Deserialize)]
struct Edits {
    calls: Vec<Value>,
    edits: Vec<(String, Value, Value)>,
}

/// A call, what is said of it, and the calls that come before it.
#[derive(Clone, Deserialize)]
struct Row(Value, String, #[serde(default)] Vec<Value>);

/// How a line of the log goes on that says what a view answered, or why a verb refused.
const ANSWERED: &str = ":";
const REFUSED: &str = " refused:";

/// What can be refused only because the Job itself is odd.
const NEVER_REFUSED: [&str; 3] =
    ["set-automount-service-account-token", "set-suspend", "set-termination-grace-period-seconds"];

pub fn all() -> Vec<Trial> {
    let views = trials("verbs/views", views(), spelled, |row| check(row, ANSWERED));
    let refusals = trials("verbs/refusals", refusals(), spelled, |row| check(row, REFUSED));
    let edits = trials("verbs/edits", edits(), |row| verbs(row).join("+"), check_edits);
    let too_much =
        trials("verbs/too-much", too_much(), |row| row.0, |(_, row)| check(row, REFUSED));
    let broken = trials("verbs/broken", self::broken(), spelled, check_broken);
    let invalid = trials("verbs/invalid-jobs", invalid_jobs(), |row| row.0.clone(), check_invalid);
    let odd = trials("verbs/odd-jobs", odd_jobs(), |row| row.0, check_odd);
    let others = vec![
        trial("verbs/views-together", || check_together(self::views(), ANSWERED)),
        trial("verbs/refusals-together", || check_together(self::refusals(), REFUSED)),
        trial("verbs/as-much-nesting-as-may-be", || {
            assert_eq!(log(&review(host(), &[added(nested(98))])), [""; 0]);
        }),
        trial("verbs/every-function-has-a-row", every_function_has_a_row),
    ];
    [views, refusals, edits, too_much, broken, invalid, odd, others].into_iter().flatten().collect()
}

fn views() -> Vec<Row> {
    read("verbs/views.yaml")
}

fn refusals() -> Vec<Row> {
    read("verbs/refusals.yaml")
}

fn broken() -> Vec<Row> {
    read("verbs/broken.yaml")
}

fn invalid_jobs() -> Vec<Invalid> {
    read("verbs/invalid-jobs.yaml")
}

fn edits() -> Vec<Edits> {
    read("verbs/edits.yaml")
}

/// `caller` runs here, whatever it is asked to call.
fn host() -> &'static PolicyHost {
    static HOST: OnceLock<PolicyHost> = OnceLock::new();
    HOST.get_or_init(caller::host)
}

/// Make a call alone, and compare what was logged. It does not change the Job.
fn check(Row(call, said, before): Row, sign: &str) {
    let number = before.len();
    let prepared = review(host(), &before);
    let admitted = review(host(), &[before, vec![call.clone()]].concat());
    assert_eq!(log(&admitted), [line(number, &call, sign, &said)]);
    assert_eq!(admitted.job().json().to_string(), prepared.job().json().to_string());
}

/// Make all calls that need none before them in one review.
fn check_together(rows: Vec<Row>, sign: &str) {
    let rows: Vec<Row> = rows.into_iter().filter(|row| row.2.is_empty()).collect();
    let calls: Vec<Value> = rows.iter().map(|row| row.0.clone()).collect();
    let admitted = review(host(), &calls);
    let expected =
        rows.iter().enumerate().map(|(number, Row(call, said, _))| line(number, call, sign, said));
    let pairs = expected.zip(log(&admitted));
    let wrong: Vec<_> = pairs.filter(|(expected, found)| expected != found).collect();
    assert!(wrong.is_empty(), "expected and found: {wrong:#?}");
    assert_eq!((log(&admitted).len(), admitted.edits().count()), (calls.len(), 0));
}

fn check_edits(Edits { calls, edits }: Edits) {
    let admitted = review(host(), &calls);
    assert_eq!(log(&admitted), [""; 0]);
    let made = admitted.edits().map(|edit| {
        let change = edit.change.clone();
        (
            change.pointer.to_string(),
            change.before.unwrap_or_default(),
            change.after.unwrap_or_default(),
        )
    });
    assert_eq!(made.collect::<Vec<_>>(), edits);
    assert_eq!(
        admitted.original().json().to_string(),
        job().json().to_string(),
        "undone, to the last byte"
    );
}

fn patch(operations: &Value) -> Value {
    json!(["apply", operations.to_string()])
}

fn added(value: Value) -> Value {
    patch(&json!([{"op": "add", "path": "/spec/x", "value": value}]))
}

fn nested(depth: usize) -> Value {
    (0..depth).fold(json!(1), |value, _| json!([value]))
}

fn too_much() -> [(&'static str, Row); 4] {
    // Each copy doubles the Job.
    let doubled = (0..20)
        .map(|n| json!({"op": "copy", "from": "/spec", "path": format!("/spec/template/{n}")}));
    let rows = [
        (
            "exit codes",
            json!(["add-exit-code-rule", "FailJob", null, "In", (1..=256).collect::<Vec<_>>()]),
            "pod failure policy: expected 1 to 255 exit codes, found 256",
        ),
        (
            "bytes of a patch",
            added(json!("x".repeat(64 << 10))),
            "patch: expected at most 65536 bytes, found 65578",
        ),
        (
            "copies",
            patch(&doubled.collect()),
            "patch: operation 9: the Job would have more than 1048576 bytes",
        ),
        (
            "nesting",
            added(nested(99)),
            "patch: operation 1: the Job would be nested deeper than 100 levels",
        ),
    ];
    rows.map(|(name, call, why)| (name, Row(call, why.into(), Vec::new())))
}

/// A name, a place of the Job and what stands there, a call, and why it is refused.
type Odd = (&'static str, &'static str, Value, Value, &'static str);

/// A view that meets something of another type ends the review: it does not pass for nothing.
fn check_broken(Row(call, said, before): Row) {
    breaks(job(), &[before, vec![call]].concat(), &said);
}

fn breaks(job: Job, calls: &[Value], said: &str) {
    match caller::try_review(job, host(), calls) {
        Err(ReviewError::Broken(error)) => {
            assert_eq!(error.to_string(), format!("policy `caller` broke in `review`: {said}"));
        }
        other => panic!("expected an error, found {other:?}"),
    }
}

/// A name, a place of the Pod and what stands there, a call, and how it ends.
#[derive(Clone, Deserialize)]
struct Invalid(String, String, Value, Value, String);

fn check_invalid(Invalid(_, place, value, call, said): Invalid) {
    breaks(with(&format!("/spec/template/spec/{place}"), value), &[call], &said);
}

/// The Job of the rows with another value at a place.
fn with(place: &str, value: Value) -> Job {
    let mut json = job().json().clone();
    *json.pointer_mut(place).expect("the place is there") = value;
    Job::from_json(json).expect("a Job")
}

fn odd_jobs() -> [Odd; 5] {
    [
        (
            "metadata that is text",
            "/spec/template/metadata",
            json!("odd"),
            json!(["set-label", "a", "b"]),
            "label `a`: `/spec/template/metadata` is neither an object nor a list",
        ),
        (
            "a node selector that is a list",
            "/spec/template/spec/nodeSelector",
            json!([]),
            json!(["require-node-label", "zone", "b"]),
            "node label `zone`: `/spec/template/spec/nodeSelector` is not an object",
        ),
        (
            "a node selector that is a list, and a key like an index",
            "/spec/template/spec/nodeSelector",
            json!(["a"]),
            json!(["require-node-label", "0", "b"]),
            "node label `0`: `/spec/template/spec/nodeSelector` is not an object",
        ),
        (
            "labels that are a list",
            "/metadata/labels",
            json!([]),
            json!(["set-label", "0", "b"]),
            "label `0`: `/metadata/labels` is not an object",
        ),
        (
            "tolerations that are an object",
            "/spec/template/spec/tolerations",
            json!({}),
            json!(["tolerate", "gpu"]),
            "toleration of `gpu`: `/spec/template/spec/tolerations` is not a list",
        ),
    ]
}

/// What a verb changes before it comes to a place that it cannot reach is undone.
fn check_odd((_, place, value, call, why): Odd) {
    let odd = with(place, value);
    let admitted = review_of(odd.clone(), host(), std::slice::from_ref(&call));
    assert_eq!(log(&admitted), [line(0, &call, REFUSED, why)]);
    assert_eq!(admitted.job().json().to_string(), odd.json().to_string());
    // A patch need not repair it.
    let patch = json!(["apply", r#"[{"op": "remove", "path": "/spec/suspend"}]"#]);
    assert_eq!(log(&review_of(odd, host(), &[patch])), [""; 0]);
}

fn every_function_has_a_row() {
    let (verbs, views) =
        functions().into_iter().partition::<Vec<_>, _>(|function| function.changes);
    let names =
        |functions: Vec<Function>| functions.into_iter().map(|function| function.name).collect();
    let (view_names, mut verb_names): (BTreeSet<_>, BTreeSet<_>) = (names(views), names(verbs));
    assert!(view_names.len() > 50 && verb_names.len() > 40, "the contract was not found");
    let called = |rows: Vec<Row>| rows.iter().map(|row| name(&row.0)).collect::<BTreeSet<_>>();
    let edited: BTreeSet<_> = edits().iter().flat_map(|row| &row.calls).map(name).collect();
    assert_eq!(called(self::views()), view_names, "left: rows, right: the contract");
    assert_eq!(edited, verb_names, "left: rows, right: the contract");
    verb_names.retain(|name| !NEVER_REFUSED.contains(&name.as_str()));
    assert_eq!(called(refusals()), verb_names, "left: rows, right: the contract");
}

/// A line of the log.
fn line(number: usize, call: &Value, sign: &str, said: &str) -> String {
    format!("{number} {}{sign} {said}", name(call))
}

fn name(call: &Value) -> String {
    call[0].as_str().expect("a call has a name").to_owned()
}

/// The call of a row in words.
fn spelled(row: &Row) -> String {
    let word = |word: &Value| word.as_str().map_or_else(|| word.to_string(), str::to_owned);
    row.0.as_array().into_iter().flatten().map(word).collect::<Vec<_>>().join(" ")
}

/// The verbs of a row, each once.
fn verbs(row: &Edits) -> Vec<String> {
    let mut verbs: Vec<String> = row.calls.iter().map(name).collect();
    verbs.dedup();
    verbs
}
