//! The policies in `languages/`, made by the toolchains of their languages: each with its cases, the proof of what it can do,
//! and a run on a real cluster. Both variants count, with stubs for WASI and with its imports, and both must say the same.

#![allow(clippy::panic, reason = "a test fails by panicking")]

mod support;
#[path = "support/cluster.rs"]
mod testbed;

use mlcube_k8s::job::{Edit, Job, PolicyId};
use mlcube_k8s::policy::Limit::{
    self, Compile, Fuel, HostCall, HostCallBytes, Instances, Memories, Memory, Stack, TableElements, Tables,
};
use mlcube_k8s::policy::{Cache, Limits, Policy, PolicyChain, PolicyError, PolicyHost, PolicySource, ReviewError};
use serde_json::{Value, json};
use std::sync::{Mutex, PoisonError};
use testbed::{Running, TestCube, client, variable};

/// A policy in another language.
struct Guest {
    name: &'static str,
    /// Where `cargo xtask test` put its component, with stubs and with WASI.
    variables: [&'static str; 2],
    capabilities: &'static [&'static str],
    /// Settings with which it has something to do.
    settings: fn() -> Value,
}

const PYTHON: Guest = Guest {
    name: "pinned-images",
    variables: ["MLCUBE_TEST_PYTHON_POLICY", "MLCUBE_TEST_PYTHON_POLICY_WASI"],
    capabilities: &["metadata"],
    settings: || json!({"team": "vision", "images": r"ghcr\.io/.*"}),
};

const JAVASCRIPT: Guest = Guest {
    name: "cost-centre",
    variables: ["MLCUBE_TEST_JAVASCRIPT_POLICY", "MLCUBE_TEST_JAVASCRIPT_POLICY_WASI"],
    capabilities: &["metadata", "scheduling"],
    settings: || json!({"cost-centre": "ml-42", "nodes": {"train": {"pool": "gpu"}}}),
};

/// A name, a place in the Job and what stands there, the settings, and what must come of it.
type Case<'a> = (&'a str, Place, Value, &'a [&'a str]);
type Place = Option<(&'static str, Value)>;

#[test]
#[ignore = "needs toolchains: cargo xtask test"]
fn every_case_in_python_holds() {
    let team = json!({"team": "vision"});
    let image = |image: &str| Some(("/spec/template/spec/containers/0/image", json!(image)));
    let labelled: &[&str] = &[
        r#"/metadata/labels/team = "vision": every Job has an owner"#,
        r#"/spec/template/metadata/labels/team = "vision": every Job has an owner"#,
    ];
    let cases: [Case<'_>; 10] = [
        ("a tag", None, team.clone(), labelled),
        ("a digest", image("ghcr.io/lab/train@sha256:12"), team.clone(), labelled),
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
            image("ghcr.io/lab/train:latest"),
            team.clone(),
            &[
                "rejected: container `main` runs `ghcr.io/lab/train:latest`, which may change between two runs",
                "remedy: name a digest, or a tag other than `latest`",
            ],
        ),
        (
            "another place",
            image("example.org/train:1"),
            json!({"team": "vision", "images": r"ghcr\.io/.*"}),
            &["rejected: container `main` runs `example.org/train:1`, which is not allowed here"],
        ),
        ("the same label", Some(("/metadata/labels", json!({"team": "vision"}))), team, &labelled[1..]),
        (
            "no label value",
            None,
            json!({"team": "no label value"}),
            &["rejected: label `team`: `no label value` is not a label value: "],
        ),
        ("no team", None, json!({}), &[r#"refused: "team" is a required property"#]),
        (
            "a word that is none",
            None,
            json!({"team": "vision", "image": "x"}),
            &["refused: Additional properties are not allowed ('image' was unexpected)"],
        ),
        (
            "no regular expression",
            None,
            json!({"team": "vision", "images": "("}),
            &["refused: `images` is no regular expression: missing ), unterminated subpattern at position 0"],
        ),
    ];
    check(&PYTHON, &cases);
}

#[test]
#[ignore = "needs toolchains: cargo xtask test"]
fn every_case_in_javascript_holds() {
    let settings = JAVASCRIPT.settings;
    let charged = r#"/metadata/annotations/example.org~1cost-centre = "ml-42": finance bills by cost centre"#;
    let pods =
        r#"/spec/template/metadata/annotations/example.org~1cost-centre = "ml-42": finance bills by cost centre"#;
    let node = r#"/spec/template/spec/nodeSelector/pool = "gpu": `ml-42` pays for these nodes"#;
    let cases: [Case<'_>; 7] = [
        ("its nodes", None, settings(), &[charged, pods, node]),
        (
            "another task",
            Some(("/metadata/annotations/mlcube-k8s.dev~1task", json!("evaluate"))),
            settings(),
            &[charged, pods],
        ),
        ("no nodes", None, json!({"cost-centre": "ml-42"}), &[charged, pods]),
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
            &[r#"refused: "42" does not match "^[a-z]+-[0-9]+$" at `/cost-centre`"#],
        ),
        (
            "no node label",
            None,
            json!({"cost-centre": "ml-42", "nodes": {"train": {}}}),
            &["refused: task `train` has no node label: leave it out"],
        ),
    ];
    check(&JAVASCRIPT, &cases);
}

/// A language's runtime is no reason to be allowed more.
#[test]
#[ignore = "needs toolchains: cargo xtask test"]
fn imports_prove_what_each_can_do() {
    for guest in [&PYTHON, &JAVASCRIPT] {
        for file in guest.variables {
            let policy = load(guest, file, (guest.settings)(), Limits::default()).expect("a policy");
            let mut capabilities = policy.capabilities().to_vec();
            capabilities.sort();
            assert_eq!(capabilities, guest.capabilities, "{file}");
        }
    }
}

/// Half of what a policy may use is enough for a runtime with a garbage collector, and each run is like the others.
#[test]
#[ignore = "needs toolchains: cargo xtask test"]
fn reviews_are_small_and_cost_the_same() {
    let limited = [Fuel, Memory, Memories, Tables, TableElements, Instances, Stack, HostCall, HostCallBytes];
    let halved = |limits: Limits, limit: Limit| limits.clone().with(limit, limits.get(limit) / 2);
    let limits = limited.into_iter().fold(Limits::default(), halved);
    for guest in [&PYTHON, &JAVASCRIPT] {
        for file in guest.variables {
            let policy = load(guest, file, (guest.settings)(), limits.clone()).expect("a policy");
            let fuels: Vec<_> = (0..10).map(|_| policy.review(&job(&None)).expect("a review").fuel).collect();
            assert!(fuels[0] > 0 && fuels.iter().all(|fuel| *fuel == fuels[0]), "{file}: {fuels:?}");
        }
    }
}

#[tokio::test]
#[ignore = "needs toolchains and a cluster: cargo xtask test"]
async fn both_languages_shape_the_job_that_really_runs() {
    let client = client().await;
    for variant in [0, 1] {
        let cube = TestCube::shell("echo reviewed");
        let mut command = cube.command("run");
        for guest in [&PYTHON, &JAVASCRIPT] {
            command.arg("--policy").arg(variable(guest.variables[variant]));
        }
        command.args([
            "--limit",
            "compile=20m",
            "--set",
            "pinned-images.team=vision",
            "--set",
            "cost-centre.cost-centre=ml-42",
        ]);
        command.args(["--set", r"cost-centre.nodes.main.mlcube-k8s\.dev/pool=gpu"]);
        let told = ["pinned-images admits the Job with 2 edits", "cost-centre admits the Job with 3 edits", "success"];
        Running::start(&mut command).wait().check("languages", 0, "reviewed\n", &told);
        let job = cube.jobs(&client).await.pop().expect("the Job is there");
        let json = serde_json::to_value(job).expect("a Job is JSON");
        assert_eq!(json["metadata"]["labels"]["team"], "vision");
        let pod = &json["spec"]["template"];
        assert_eq!(pod["metadata"]["annotations"]["example.org/cost-centre"], "ml-42");
        assert_eq!(pod["spec"]["nodeSelector"], json!({"mlcube-k8s.dev/pool": "gpu"}));
    }
}

/// Check every case with both variants. A line of what is expected may leave out its end.
fn check(guest: &Guest, cases: &[Case<'_>]) {
    for file in guest.variables {
        for (name, place, settings, expected) in cases {
            let found = outcome(guest, file, place, settings);
            let fits = found.len() == expected.len() && found.iter().zip(*expected).all(|(f, e)| f.starts_with(e));
            assert!(fits, "{file}, {name}\n  found    {found:#?}\n  expected {expected:#?}");
        }
    }
}

fn outcome(guest: &Guest, file: &str, place: &Place, settings: &Value) -> Vec<String> {
    let policy = match load(guest, file, settings.clone(), Limits::default()) {
        Ok(policy) => policy,
        Err(PolicyError::Settings { errors, .. }) => return errors.iter().map(|e| format!("refused: {e}")).collect(),
        Err(error) => panic!("{error}"),
    };
    match PolicyChain::new(vec![policy]).expect("a chain").review(job(place)) {
        Ok(admitted) => admitted.edits().map(spelled).collect(),
        Err(ReviewError::Rejected(rejected)) => {
            let rejection = rejected.rejection;
            let reason = format!("rejected: {}", rejection.reason);
            [reason].into_iter().chain(rejection.remedy.map(|remedy| format!("remedy: {remedy}"))).collect()
        }
        Err(ReviewError::Broken(error)) => panic!("{error}"),
    }
}

fn spelled(edit: &Edit) -> String {
    let after = edit.change.after.as_ref().map(Value::to_string).unwrap_or_default();
    format!("{} = {after}: {}", edit.change.pointer, edit.reason)
}

/// Compiling Python takes seconds, and minutes in a debug build on a busy machine: each file is compiled once and kept.
fn load(guest: &Guest, file: &str, settings: Value, limits: Limits) -> Result<Policy, PolicyError> {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let limits = limits.with(Compile, 1_200_000);
    let cache = Cache::open(support::workspace().join("target/tests/compiled"));
    let host = PolicyHost::new(limits, cache).expect("an engine");
    let path = std::path::PathBuf::from(variable(file));
    let bytes = std::fs::read(&path).expect("the policy is built");
    host.load(PolicySource::new(PolicyId::parse(guest.name).expect("a name"), path, bytes, settings))
}

/// The Job of a task `train`, with something in place of what usually stands there.
fn job(place: &Place) -> Job {
    let meta = |annotations: Value| json!({"name": "train", "labels": {"app": "train"}, "annotations": annotations});
    let containers = json!([{"name": "main", "image": "ghcr.io/lab/train:1.2"}]);
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
