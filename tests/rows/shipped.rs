//! The shipped policies against their cases. Every file `guest-policies/*/cases/*.yaml` is a case:
//! a cube, its task, changes to the drafted Job, settings, and what must become of it.

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use libtest_mimic::Trial;
use mlcube_k8s::job::{Edit, Job};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::support::cube::{Input, draft};
use crate::support::policy::{self, Limits, PolicyError, PolicyHost, ReviewError};
use crate::support::{files, read_yaml, workspace};
use crate::trials;

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

/// The cases of every policy that has some, called by the policy and the file.
pub fn all() -> Vec<Trial> {
    let folders =
        fs::read_dir(workspace().join("guest-policies")).expect("there are policies").flatten();
    let with_cases = folders.filter(|folder| folder.path().join("cases").is_dir());
    let mut policies: Vec<String> =
        with_cases.map(|it| it.file_name().to_string_lossy().into_owned()).collect();
    policies.sort();
    policies.into_iter().flat_map(cases).collect()
}

fn cases(policy: String) -> Vec<Trial> {
    let folder = workspace().join("guest-policies").join(&policy).join("cases");
    let check = |policy: &str, path: &Path| {
        let case: Case = read_yaml(path);
        assert_eq!(outcome(policy, &case), case.expect, "left: found, right: `{}`", path.display());
    };
    let name = policy.clone();
    trials(
        &policy,
        files(&folder, "yaml"),
        |file| file.0.clone(),
        move |file| check(&name, &file.1),
    )
}

fn main_task() -> String {
    "main".into()
}

fn outcome(policy: &str, case: &Case) -> Expected {
    static HOST: OnceLock<PolicyHost> = OnceLock::new();
    let host = HOST.get_or_init(|| policy::host(Limits::default()));
    let policy = match policy::load(host, policy::source(policy, case.settings.clone())) {
        Ok(policy) => policy,
        Err(PolicyError::Settings { errors, .. }) => return Expected::RefusedSettings(errors),
        Err(error) => panic!("{error}"),
    };
    let chain = policy::chain(vec![policy]);
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

/// The cube of a case that has none.
fn small_cube() -> Value {
    json!({
        "name": "small", "docker": {"image": "small:1"}, "k8s": {"pvc": {"input": "datasets", "output": "results"}},
        "tasks": {"main": {"parameters": {"inputs": {"data": "data/"}, "outputs": {"model": "model/"}}}},
    })
}

/// The Job of a task of a cube, with a patch.
fn drafted(cube: &Value, task: &str, patch: &Value) -> Job {
    let cube = if cube.is_null() { small_cube() } else { cube.clone() };
    let cube = Input::cube(cube.to_string()).read("/", &|_| None).expect("a cube");
    let task = cube.task(task).and_then(|task| task.bind(&[], None)).expect("a task");
    let mut json = draft(&cube, &task).expect("a Job").json().clone();
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
