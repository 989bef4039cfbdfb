//! Calling the contract through the policy `caller`: its functions as `wit/` has them, the Job of
//! the rows, one review.

use std::fs;

use mlcube_k8s::job::{Admitted, Job};
use serde_json::{Value, json};

use super::policy::{self, Limit, Limits, PolicyHost, ReviewError};
use super::{read, workspace};

/// A function of the contract.
pub struct Function {
    /// The name by which `caller` knows it.
    pub name: String,
    /// The names and types of its parameters, without the reason of a verb.
    pub parameters: Vec<(String, String)>,
    /// Whether it is a verb.
    pub changes: bool,
}

/// The functions of the interfaces that a policy can import, but for `log`: it is how all others
/// are heard.
pub fn functions() -> Vec<Function> {
    let folder = fs::read_dir(workspace().join("wit")).expect("the contract is there");
    let mut functions = Vec::new();
    for path in folder.flatten().map(|entry| entry.path()) {
        let interface = path.file_stem().expect("a file has a name").to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).expect("the contract is text");
        // What `cluster` answers depends on a cluster: `tests/cases/lookups` has its rows. A policy
        // that calls `failure` breaks: `tests/rows/breaking.rs` has those.
        if !matches!(interface.as_str(), "log" | "failure" | "policy" | "cluster") {
            functions.extend(text.lines().filter_map(|line| function(&interface, line.trim())));
        }
    }
    functions
}

fn function(interface: &str, line: &str) -> Option<Function> {
    let (name, signature) = line.split_once(": func(").filter(|_| !line.starts_with("//"))?;
    let (parameters, result) = signature.split_once(")").expect("a signature is on one line");
    let parameters = parameters.split(", ").filter_map(|parameter| parameter.split_once(": "));
    let parameters = parameters
        .filter(|(name, _)| *name != "reason")
        .map(|(name, kind)| (name.into(), kind.into()));
    Some(Function {
        name: if matches!(interface, "task" | "settings" | "quantities") {
            format!("{interface}/{name}")
        } else {
            name.into()
        },
        parameters: parameters.collect(),
        changes: result.contains("-> result<_, refusal>"),
    })
}

/// Where policies run, with room for many answers. `caller` is compiled once, though it is loaded
/// for each list of calls.
pub fn host() -> PolicyHost {
    let cache = policy::cache(workspace().join("target/tests/caller"));
    policy::cached_host(Limits::default().with(Limit::LogLines, 1000), cache)
}

/// Make calls on the Job of the rows.
pub fn review(host: &PolicyHost, calls: &[Value]) -> Admitted {
    review_of(job(), host, calls)
}

/// Make calls on a Job.
pub fn review_of(job: Job, host: &PolicyHost, calls: &[Value]) -> Admitted {
    try_review(job, host, calls).unwrap_or_else(|error| unreachable!("{error:?}"))
}

/// Make calls on a Job that may break.
pub fn try_review(job: Job, host: &PolicyHost, calls: &[Value]) -> Result<Admitted, ReviewError> {
    let probe = json!({
        "text": "a b", "integer": -5, "number": 1.5, "flag": true, "list": [1, 2], "whole": 4.0,
        "huge": 1e300, "beyond": u64::MAX, "null": null,
    });
    let settings = json!({"calls": calls, "probe": probe});
    let policy = policy::load(host, policy::source("caller", settings)).expect("a policy");
    let chain = policy::chain(vec![policy]);
    chain.review(job)
}

/// What views answered and verbs refused.
pub fn log(admitted: &Admitted) -> Vec<&str> {
    admitted.reviews()[0].log.iter().map(|line| line.message.as_str()).collect()
}

/// The Job of the rows.
pub fn job() -> Job {
    Job::from_json(read("verbs/job.yaml")).expect("a Job")
}
