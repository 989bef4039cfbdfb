//! Policies that misbehave, and files that are no policies: each is stopped, and the error says at what.

mod support;

use mlcube_k8s::job::{Job, PolicyId};
use mlcube_k8s::policy::{Limit, Limits, PolicyChain, PolicyHost, PolicySource, ReviewError};
use serde_json::{Value, json};

/// The usual limits, with so much time that on a slow machine too another one is met first.
fn limits() -> Limits {
    Limits::default().with(Limit::Wall, 60_000)
}

fn job() -> Job {
    Job::from_json(json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "j"}})).expect("a Job")
}

fn source(bytes: Vec<u8>, settings: Value) -> PolicySource {
    let name = PolicyId::parse("hostile").expect("a name");
    PolicySource::new(name, "hostile.wasm", bytes, settings)
}

/// What becomes of a review by a policy file with settings.
fn outcome(limits: Limits, bytes: Vec<u8>, settings: Value) -> String {
    let host = PolicyHost::new(limits, None).expect("an engine");
    let chain = match host.load(source(bytes, settings)).and_then(|policy| PolicyChain::new(vec![policy])) {
        Ok(chain) => chain,
        Err(error) => return format!("not loaded: {error}"),
    };
    match chain.review(job()) {
        Ok(admitted) => format!("admitted: {:?}", admitted.reviews()[0].warnings().collect::<Vec<_>>()),
        Err(ReviewError::Rejected(rejected)) => format!("rejected: {}", rejected.rejection.reason),
        Err(ReviewError::Broken(error)) => format!("broken: {error}"),
    }
}

#[test]
fn every_misdeed_is_stopped_at_its_limit() {
    let bytes = std::fs::read(support::policy("hostile")).expect("the hostile policy is built");
    let stopped = |limit: &str| format!("broken: policy `hostile` was stopped in `review` at its {limit}");
    let giant = format!("admitted: [{:?}]", format!("{}…", "x".repeat(2000)));
    let rows = [
        ("nothing", "admitted: []".to_owned()),
        ("panic", "broken: policy `hostile` broke in `review`: it panicked (wasm `unreachable`)".to_owned()),
        ("loop", stopped("`fuel` limit of 100000000: it used all of it")),
        ("allocate", stopped("`memory` limit of 64Mi: it asked for X")),
        ("allocate-at-once", stopped("`memory` limit of 64Mi: it asked for X")),
        ("recurse", stopped("`stack` limit of 512Ki: it used all of it")),
        ("flood-log", stopped("`log-lines` limit of 200: it asked for 201")),
        ("flood-edits", stopped("`edits` limit of 1000: it asked for 1001")),
        ("flood-reads", stopped("`host-call-bytes` limit of 16Mi: it asked for X")),
        ("giant-line", giant),
        ("escape-sequences", format!("admitted: [{:?}]", "\u{fffd}[2Jgone\u{fffd}\u{fffd}txt")),
        ("warn", format!("admitted: [{:?}]", "\u{fffd}[2Jgone")),
        ("flood-warnings", format!("admitted: {:?}", ["again"; 200])),
        ("warn-of-nothing", "admitted: []".to_owned()),
        (
            "unaligned-refusal",
            "rejected: label `kubernetes.io/arch`: `kubernetes.io/arch` belongs to Kubernetes: use a domain of your own".to_owned(),
        ),
        (
            "refuse-settings",
            "not loaded: settings of policy `hostile` are refused: the policy does not like them".to_owned(),
        ),
        (
            "edit-while-validating",
            "not loaded: settings of policy `hostile` are refused: a Job can be changed in `review` only".to_owned(),
        ),
    ];
    for (deed, expected) in rows {
        assert_eq!(outcome(limits(), bytes.clone(), json!({"do": deed})), expected, "{deed}");
    }
}

#[test]
fn time_is_limited_where_fuel_is_plenty() {
    let bytes = std::fs::read(support::policy("hostile")).expect("the hostile policy is built");
    let limits = limits().with(Limit::Fuel, u64::MAX).with(Limit::Wall, 300);
    let expected = "broken: policy `hostile` was stopped in `review` at its `wall` limit of 300ms: it used all of it";
    assert_eq!(outcome(limits, bytes, json!({"do": "loop"})), expected);
}

#[test]
fn what_is_no_policy_is_refused_before_it_runs() {
    let wat = |name: &str| {
        let path = support::workspace().join("tests/hostile").join(name);
        wat::parse_file(path).expect("the text is sound")
    };
    let policy = std::fs::read(support::policy("hostile")).expect("the hostile policy is built");
    let empty_module = wat::parse_str("(module)").expect("the text is sound");
    let rows: [(&str, Vec<u8>, Value, &str); 9] = [
        ("text", b"#!/bin/sh".to_vec(), json!({}), "not loaded: policy file `hostile.wasm` is no WebAssembly"),
        ("empty file", Vec::new(), json!({}), "not loaded: policy file `hostile.wasm` is no WebAssembly"),
        ("truncated", policy[..policy.len() / 2].to_vec(), json!({}), "not loaded: policy file `hostile.wasm`"),
        (
            "core module without a contract",
            empty_module,
            json!({}),
            "not loaded: component `hostile.wasm` is no policy: it does not export `mlcube:policy/policy@0.1.0`",
        ),
        (
            "another world",
            wat("other-world.wat"),
            json!({}),
            "not loaded: component `hostile.wasm` is no policy: it does not export `mlcube:policy/policy@0.1.0`",
        ),
        (
            "a foreign import",
            wat("foreign-import.wat"),
            json!({}),
            "not loaded: component `hostile.wasm` is no policy: it imports `wasi:http/outgoing-handler@0.2.0`, which policies are not given",
        ),
        (
            "an empty contract",
            wat("empty-contract.wat"),
            json!({}),
            "not loaded: component `hostile.wasm` is no policy: ",
        ),
        (
            "settings that the schema refuses",
            policy.clone(),
            json!({"do": 5}),
            "not loaded: settings of policy `hostile` are refused: 5 is not of type \"string\" at `/do`",
        ),
        (
            "settings that lack a field",
            policy,
            json!({}),
            "not loaded: settings of policy `hostile` are refused: \"do\" is a required property",
        ),
    ];
    for (name, bytes, settings, expected) in rows {
        let outcome = outcome(limits(), bytes, settings);
        assert!(outcome.starts_with(expected), "{name}: {outcome}");
    }
}

#[test]
fn a_file_can_be_too_large() {
    let bytes = std::fs::read(support::policy("hostile")).expect("the hostile policy is built");
    let limits = limits().with(Limit::Module, 1000);
    assert!(outcome(limits, bytes, json!({})).starts_with(
        "not loaded: policy `hostile` was stopped in `load` at its `module` limit of 1000: it asked for "
    ));
}

#[test]
fn two_policies_need_two_names() {
    let bytes = std::fs::read(support::policy("hostile")).expect("the hostile policy is built");
    let host = PolicyHost::new(limits(), None).expect("an engine");
    let load = || host.load(source(bytes.clone(), json!({"do": "nothing"}))).expect("a policy");
    let error = PolicyChain::new(vec![load(), load()]).err().expect("the names clash");
    assert_eq!(error.to_string(), "two policies have the name `hostile`");
}
