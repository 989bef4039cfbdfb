//! The shipped policies against their cases. Every file `guest-policies/*/cases/*.yaml` is a case: a cube, its task,
//! changes to the drafted Job, settings, and what must become of it.

#![allow(clippy::panic, reason = "a test fails by panicking")]

mod support;

use mlcube_k8s::cube::{Cube, Request, Source};
use mlcube_k8s::job::{Edit, Extras, Job, PolicyId, draft};
use mlcube_k8s::policy::{Limits, Policy, PolicyChain, PolicyError, PolicyHost, PolicySource, ReviewError};
use serde::Deserialize;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};

/// A case as its file says it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// An `mlcube.yaml`; a small one with an input and an output where there is none.
    #[serde(default)]
    cube: Value,
    /// The task of the cube.
    #[serde(default = "main_task")]
    task: String,
    /// Merged into the drafted Job (RFC 7386).
    #[serde(default)]
    job: Value,
    /// The settings of the policy.
    settings: Value,
    /// What must become of it.
    expect: Expected,
}

#[derive(Deserialize, Debug, PartialEq)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
enum Expected {
    /// The Job is admitted with these edits, as `[pointer, before, after, reason]`.
    Edits(Vec<(String, Value, Value, String)>),
    /// The Job is rejected: reason and remedy.
    Rejection(String, Option<String>),
    /// The settings are refused.
    RefusedSettings(Vec<String>),
}

#[test]
fn every_case_of_every_policy_holds() {
    let host = PolicyHost::new(Limits::default(), None).expect("an engine");
    let cases = cases();
    assert!(cases.len() >= 15, "cases were lost: {}", cases.len());
    let mut wrong = Vec::new();
    for (policy, path) in cases {
        let text = fs::read_to_string(&path).expect("a case is text");
        let case: Case = serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let found = outcome(&host, &policy, &case);
        if found != case.expect {
            wrong.push(format!("{}\n  found    {found:?}\n  expected {:?}", path.display(), case.expect));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_policy_can_do_only_what_it_says() {
    let host = PolicyHost::new(Limits::default(), None).expect("an engine");
    let rows: [(&str, Value, &[&str]); 3] = [
        ("node-selector", json!({"tasks": {}}), &["scheduling"]),
        ("gpu-resources", json!({}), &["scheduling", "resources"]),
        ("pvc-remap", json!({"claims": {}}), &["storage"]),
    ];
    for (name, settings, expected) in rows {
        let mut capabilities = load(&host, name, settings).expect("a policy").capabilities().to_vec();
        capabilities.sort();
        let mut expected = expected.to_vec();
        expected.sort();
        assert_eq!(capabilities, expected, "{name}");
    }
}

#[test]
fn the_same_review_costs_the_same_fuel() {
    let host = PolicyHost::new(Limits::default(), None).expect("an engine");
    let policy = load(&host, "gpu-resources", json!({"count": {"*": 2}})).expect("a policy");
    let job = drafted(&Value::Null, "main", &Value::Null);
    let fuels: Vec<_> = (0..10).map(|_| policy.review(&job).expect("a review").fuel).collect();
    assert!(fuels[0] > 0 && fuels.iter().all(|fuel| *fuel == fuels[0]), "{fuels:?}");
}

fn main_task() -> String {
    "main".into()
}

fn outcome(host: &PolicyHost, policy: &str, case: &Case) -> Expected {
    let policy = match load(host, policy, case.settings.clone()) {
        Ok(policy) => policy,
        Err(PolicyError::Settings { errors, .. }) => return Expected::RefusedSettings(errors),
        Err(error) => panic!("{error}"),
    };
    let chain = PolicyChain::new(vec![policy]).expect("a chain");
    let job = drafted(&case.cube, &case.task, &case.job);
    match chain.review(job.clone()) {
        Ok(admitted) => {
            assert_eq!(admitted.original(), job, "undoing the edits gives the Job back");
            Expected::Edits(admitted.edits().map(spelled).collect())
        }
        Err(ReviewError::Rejected(rejected)) => {
            Expected::Rejection(rejected.rejection.reason, rejected.rejection.remedy)
        }
        Err(ReviewError::Broken(error)) => panic!("{error}"),
    }
}

fn spelled(edit: &Edit) -> (String, Value, Value, String) {
    let change = edit.change.clone();
    (
        change.pointer.to_string(),
        change.before.unwrap_or_default(),
        change.after.unwrap_or_default(),
        edit.reason.clone(),
    )
}

fn load(host: &PolicyHost, name: &str, settings: Value) -> Result<Policy, PolicyError> {
    let path = support::policy(name);
    let bytes = fs::read(&path).expect("the policy is built");
    host.load(PolicySource::new(PolicyId::parse(name).expect("a name"), path, bytes, settings))
}

/// The Job of a task of a cube, with a patch.
fn drafted(cube: &Value, task: &str, patch: &Value) -> Job {
    let small = json!({
        "name": "small", "docker": {"image": "small:1"}, "k8s": {"pvc": {"input": "datasets", "output": "results"}},
        "tasks": {"main": {"parameters": {"inputs": {"data": "data/"}, "outputs": {"model": "model/"}}}},
    });
    let cube = if cube.is_null() { &small } else { cube };
    let source = Source { path: "mlcube.yaml".into(), text: cube.to_string() };
    let (system, platform, workspace) = (None, None, None);
    let request =
        Request { cube: source, system, platform, overrides: Vec::new(), root: "/".into(), workspace, env: &|_| None };
    let cube = Cube::read(&request).expect("a cube");
    let task = cube.task(task).and_then(|task| task.bind(&[], None)).expect("a task");
    let mut json = draft(&cube, &task, &Extras::default()).expect("a Job").json().clone();
    merge(&mut json, patch);
    Job::from_json(json).expect("a Job")
}

/// JSON Merge Patch (RFC 7386), with lists replaced.
fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else { return };
    for (key, value) in patch {
        match value {
            Value::Object(_) => merge(&mut target[key], value),
            value => target[key] = value.clone(),
        }
    }
}

/// Every case with the name of its policy.
fn cases() -> Vec<(String, PathBuf)> {
    let folders = fs::read_dir(support::workspace().join("guest-policies")).expect("there are policies");
    let mut cases: Vec<_> = folders
        .flatten()
        .flat_map(|folder| {
            let policy = folder.file_name().to_string_lossy().into_owned();
            let files = fs::read_dir(folder.path().join("cases")).into_iter().flatten().flatten();
            files.map(move |file| (policy.clone(), file.path())).collect::<Vec<_>>()
        })
        .filter(|(_, path): &(String, PathBuf)| has_ending(path, "yaml"))
        .collect();
    cases.sort();
    cases
}

fn has_ending(path: &Path, ending: &str) -> bool {
    path.extension().is_some_and(|found| found == ending)
}
