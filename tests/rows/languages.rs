//! The policies in `tests/guests/python` and `tests/guests/javascript`, made by the toolchains of
//! their languages: each with its cases and the proof of what it can do. Both variants count, with
//! stubs for WASI and with its imports, and both must say the same. Only `cargo xtask test` runs
//! them: it has the components built.

use std::fs;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use libtest_mimic::Trial;
use mlcube_k8s::job::{Edit, Job};
use serde_json::{Value, json};

use crate::support::cluster::variable;
use crate::support::policy::Limit::{
    self, Compile, Fuel, HostCall, HostCallBytes, Instances, Memories, Memory, Stack,
    TableElements, Tables,
};
use crate::support::policy::{self, Limits, Policy, PolicyError, ReviewError};
use crate::support::workspace;
use crate::{trial, trials};

/// A policy in another language.
#[derive(Clone, Copy)]
struct Guest {
    name: &'static str,
    /// The variables in which `cargo xtask test` names its component, with stubs and with WASI.
    variables: [&'static str; 2],
    capabilities: &'static [&'static str],
    /// Settings with which it has something to do.
    settings: fn() -> Value,
    cases: fn() -> Vec<Case>,
    breaks: [Breaks; 2],
}

/// The call that `break-in` names, and what is said then, with stubs and with WASI.
type Breaks = (&'static str, [&'static str; 2]);

const PYTHON: Guest = Guest {
    name: "pinned-images",
    variables: ["MLCUBE_TEST_PYTHON_POLICY", "MLCUBE_TEST_PYTHON_POLICY_WASI"],
    capabilities: &["metadata"],
    settings: || json!({"team": "vision", "images": r"ghcr\.io/.*"}),
    cases: in_python,
    breaks: [
        (
            "validate-settings",
            [
                "policy `pinned-images` broke in `validate-settings`: it panicked (wasm `unreachable`)",
                "policy `pinned-images` broke in `validate-settings`: it panicked (wasm `unreachable`); it wrote: File \"/0/policy.py\", line 33, in validate_settings / File \"/0/policy.py\", line 71, in break_in / LookupError: no rule for validate-settings",
            ],
        ),
        (
            "review",
            [
                "policy `pinned-images` broke in `review`: it panicked (wasm `unreachable`)",
                "policy `pinned-images` broke in `review`: it panicked (wasm `unreachable`); it wrote: File \"/0/policy.py\", line 40, in review / File \"/0/policy.py\", line 71, in break_in / LookupError: no rule for review",
            ],
        ),
    ],
};

const JAVASCRIPT: Guest = Guest {
    name: "cost-centre",
    variables: ["MLCUBE_TEST_JAVASCRIPT_POLICY", "MLCUBE_TEST_JAVASCRIPT_POLICY_WASI"],
    capabilities: &["metadata", "scheduling"],
    settings: || json!({"cost-centre": "ml-42", "nodes": {"train": {"pool": "gpu"}}}),
    cases: in_javascript,
    breaks: [
        // What JavaScript throws there is the answer of the contract.
        (
            "validate-settings",
            ["invalid settings for policy `cost-centre`: no rule for validate-settings"; 2],
        ),
        (
            "review",
            [
                "policy `cost-centre` broke in `review`: it panicked (wasm `unreachable`)",
                "policy `cost-centre` broke in `review`: it panicked (wasm `unreachable`); it wrote: no rule for review / at breakIn (/policy.js:69:41) / at review (/policy.js:43:5)",
            ],
        ),
    ],
};

type Words = &'static [&'static str];

/// A name, a place in the Job and what stands there, the settings, and what must come of it. A line
/// of what is expected may leave out its end.
type Case = (&'static str, Place, Value, Words);
type Place = Option<(&'static str, Value)>;

pub fn all() -> Vec<Trial> {
    let mut all = Vec::new();
    for guest in [PYTHON, JAVASCRIPT] {
        for (index, (variant, variable)) in
            ["stubs", "wasi"].into_iter().zip(guest.variables).enumerate()
        {
            let group = format!("languages/{}/{variant}", guest.name);
            all.extend(trials(
                &format!("{group}/breaks-in"),
                guest.breaks,
                |row| row.0,
                move |(call, said): Breaks| check_breaks(&guest, variable, call, said[index]),
            ));
            all.extend(trials(
                &group,
                (guest.cases)(),
                |row| row.0,
                move |case| check(&guest, variable, &case),
            ));
            all.push(trial(format!("{group}/capabilities"), move || {
                check_capabilities(&guest, variable)
            }));
            all.push(trial(format!("{group}/costs"), move || check_costs(&guest, variable)));
        }
    }
    all.into_iter().map(|trial| trial.with_ignored_flag(true)).collect()
}

fn in_python() -> Vec<Case> {
    let team = json!({"team": "vision"});
    let image = |image: &str| Some(("/spec/template/spec/containers/0/image", json!(image)));
    const JOB: &str = r#"/metadata/labels/team = "vision": every Job has an owner"#;
    const PODS: &str = r#"/spec/template/metadata/labels/team = "vision": every Job has an owner"#;
    vec![
        ("a tag", None, team.clone(), &[JOB, PODS]),
        ("a digest", image("registry.local/lab/train@sha256:12"), team.clone(), &[JOB, PODS]),
        (
            "no tag but a port",
            image("localhost:5000/train"),
            team.clone(),
            &[
                "rejected: container `main` runs `localhost:5000/train`, which may change between two runs",
                "remedy: name a digest, or a tag other than `latest`",
            ],
        ),
        (
            "the latest",
            image("registry.local/lab/train:latest"),
            team.clone(),
            &[
                "rejected: container `main` runs `registry.local/lab/train:latest`, which may change between two runs",
                "remedy: name a digest, or a tag other than `latest`",
            ],
        ),
        (
            "another place",
            image("example.org/train:1"),
            json!({"team": "vision", "images": r"ghcr\.io/.*"}),
            &["rejected: container `main` runs `example.org/train:1`, which is not allowed here"],
        ),
        ("the same label", Some(("/metadata/labels", json!({"team": "vision"}))), team, &[PODS]),
        (
            "no label value",
            None,
            json!({"team": "no label value"}),
            &["rejected: label `team`: `no label value` is not a label value: "],
        ),
        ("no team", None, json!({}), &["refused: missing `team`"]),
        (
            "a word that is none",
            None,
            json!({"team": "vision", "image": "x"}),
            &["refused: unknown key `image`; did you mean `images`?"],
        ),
        (
            "no regular expression",
            None,
            json!({"team": "vision", "images": "("}),
            &[
                "refused: `images` is no regular expression: missing ), unterminated subpattern at position 0",
            ],
        ),
    ]
}

fn in_javascript() -> Vec<Case> {
    const CHARGED: &str =
        r#"/metadata/annotations/example.org~1cost-centre = "ml-42": finance bills by cost centre"#;
    const PODS: &str = r#"/spec/template/metadata/annotations/example.org~1cost-centre = "ml-42": finance bills by cost centre"#;
    const NODE: &str =
        r#"/spec/template/spec/nodeSelector/pool = "gpu": `ml-42` pays for these nodes"#;
    let settings = JAVASCRIPT.settings;
    vec![
        ("its nodes", None, settings(), &[CHARGED, PODS, NODE]),
        (
            "another task",
            Some(("/metadata/annotations/mlcube-k8s.dev~1task", json!("evaluate"))),
            settings(),
            &[CHARGED, PODS],
        ),
        ("no nodes", None, json!({"cost-centre": "ml-42"}), &[CHARGED, PODS]),
        (
            "no cube",
            Some(("/metadata/annotations/mlcube-k8s.dev~1cube", json!(""))),
            settings(),
            &[
                "rejected: no cube stands behind this Job, so nobody pays for it",
                "remedy: run it with `mlcube-k8s run`",
            ],
        ),
        (
            "no label",
            None,
            json!({"cost-centre": "ml-42", "nodes": {"train": {"not a key": "gpu"}}}),
            &["rejected: node label `not a key`: "],
        ),
        (
            "no cost centre",
            None,
            json!({"cost-centre": "42"}),
            &["refused: `/cost-centre`: `42` does not match the pattern `^[a-z]+-[0-9]+$`"],
        ),
        (
            "no node label",
            None,
            json!({"cost-centre": "ml-42", "nodes": {"train": {}}}),
            &["refused: task `train` has no node label: leave it out"],
        ),
    ]
}

fn check(guest: &Guest, variable: &str, (_, place, settings, expected): &Case) {
    let found = outcome(guest, variable, place, settings);
    let fits =
        found.len() == expected.len() && found.iter().zip(*expected).all(|(f, e)| f.starts_with(e));
    assert!(fits, "\n  found    {found:#?}\n  expected {expected:#?}");
}

/// A language's runtime is no reason to be allowed more.
fn check_capabilities(guest: &Guest, variable: &str) {
    let policy = load(guest, variable, (guest.settings)(), Limits::default()).expect("a policy");
    let mut capabilities: Vec<_> =
        policy.capabilities().iter().map(|capability| capability.as_str()).collect();
    capabilities.sort();
    assert_eq!(capabilities, guest.capabilities);
}

/// Half of what a policy may use is enough for a runtime with a garbage collector, and each run is
/// like the others.
fn check_costs(guest: &Guest, variable: &str) {
    let limited =
        [Fuel, Memory, Memories, Tables, TableElements, Instances, Stack, HostCall, HostCallBytes];
    let halved = |limits: Limits, limit: Limit| limits.clone().with(limit, limits.get(limit) / 2);
    let limits = limited.into_iter().fold(Limits::default(), halved);
    let policy = load(guest, variable, (guest.settings)(), limits).expect("a policy");
    let fuels: Vec<_> =
        (0..10).map(|_| policy.review(&job(&None)).expect("a review").fuel).collect();
    assert!(fuels[0] > 0 && fuels.iter().all(|fuel| *fuel == fuels[0]), "{fuels:?}");
}

/// An exception ends the call with its own words, where there is a stderr to write them to.
fn check_breaks(guest: &Guest, variable: &str, call: &str, said: &str) {
    let mut settings = (guest.settings)();
    settings["break-in"] = json!(call);
    let found = match load(guest, variable, settings, Limits::default()) {
        Err(error) => error.to_string(),
        Ok(policy) => match policy::chain(vec![policy]).review(job(&None)) {
            Err(ReviewError::Broken(broken)) => broken.error.to_string(),
            Err(ReviewError::Rejected(rejected)) => format!("rejected: {rejected:?}"),
            Ok(_) => "admitted".to_owned(),
        },
    };
    assert_eq!(found, said);
}

fn outcome(guest: &Guest, variable: &str, place: &Place, settings: &Value) -> Vec<String> {
    let policy = match load(guest, variable, settings.clone(), Limits::default()) {
        Ok(policy) => policy,
        Err(PolicyError::Settings { errors, .. }) => {
            return errors.iter().map(|e| format!("refused: {e}")).collect();
        }
        Err(error) => panic!("{error}"),
    };
    match policy::chain(vec![policy]).review(job(place)) {
        Ok(admitted) => admitted.edits().map(spelled).collect(),
        Err(ReviewError::Rejected(rejected)) => {
            let rejection = rejected.rejection;
            let reason = format!("rejected: {}", rejection.reason);
            [reason]
                .into_iter()
                .chain(rejection.remedy.map(|remedy| format!("remedy: {remedy}")))
                .collect()
        }
        Err(ReviewError::Broken(error)) => panic!("{error}"),
    }
}

fn spelled(edit: &Edit) -> String {
    let after = edit.change.after.as_ref().map(Value::to_string).unwrap_or_default();
    format!("{} = {after}: {}", edit.change.pointer, edit.reason)
}

/// Compiling Python takes seconds, and minutes in a debug build on a busy machine: each file is
/// compiled once and kept.
fn load(guest: &Guest, file: &str, settings: Value, limits: Limits) -> Result<Policy, PolicyError> {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let cache = policy::cache(workspace().join("target/tests/compiled"));
    let host = policy::cached_host(limits.with(Compile, 1_200_000), cache);
    let path = PathBuf::from(variable(file));
    let bytes = fs::read(&path).expect("the policy is built");
    policy::load(&host, policy::source_of(guest.name, path, bytes, settings))
}

/// The Job of a task `train`, with something in place of what usually stands there.
fn job(place: &Place) -> Job {
    let meta = |annotations: Value| json!({"name": "train", "labels": {"app": "train"}, "annotations": annotations});
    let containers = json!([{"name": "main", "image": "registry.local/lab/train:1.2"}]);
    let mut job = json!({
        "apiVersion": "batch/v1", "kind": "Job",
        "metadata": meta(json!({"mlcube-k8s.dev/cube": "lab", "mlcube-k8s.dev/task": "train"})),
        "spec": {"template": {
            "metadata": meta(json!({"example.org/kept": "yes"})),
            "spec": {"nodeSelector": {"zone": "a"}, "containers": containers},
        }},
    });
    if let Some((pointer, value)) = place {
        *job.pointer_mut(pointer).expect("the place is there") = value.clone();
    }
    Job::from_json(job).expect("a Job")
}
