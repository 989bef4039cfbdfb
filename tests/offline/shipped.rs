//! What the shipped policies promise besides their cases: what they can do, and that they cost the
//! same every time.

use std::process::Command;

use mlcube_k8s::job::Job;
use serde_json::{Value, json};

use crate::support::policy::{self, Limits};
use crate::support::rows::each;
use crate::support::workspace;

#[test]
fn each_policy_can_do_only_what_it_says() {
    let host = policy::host(Limits::default());
    let rows: [(&str, Value, &[&str]); 3] = [
        ("node-selector", json!({"tasks": {}}), &["scheduling"]),
        ("gpu-resources", json!({}), &["scheduling", "resources"]),
        ("pvc-remap", json!({"claims": {}}), &["storage"]),
    ];
    each(rows.map(|row| (row.0, row)), |(name, settings, expected)| {
        let policy = policy::load(&host, policy::source(name, settings)).expect("a policy");
        let mut capabilities: Vec<_> =
            policy.capabilities().iter().map(|capability| capability.as_str()).collect();
        capabilities.sort();
        let mut expected = expected.to_vec();
        expected.sort();
        assert_eq!(capabilities, expected);
    });
}

#[test]
fn the_same_review_costs_the_same_fuel() {
    let host = policy::host(Limits::default());
    let source = policy::source("gpu-resources", json!({"count": {"*": 2}}));
    let policy = policy::load(&host, source).expect("a policy");
    let container = json!({"name": "main", "image": "small:1"});
    let job = json!({
        "apiVersion": "batch/v1", "kind": "Job",
        "metadata": {"name": "j", "annotations": {"mlcube-k8s.dev/task": "main"}},
        "spec": {"template": {"spec": {"containers": [container]}}},
    });
    let job = Job::from_json(job).expect("a Job");
    let fuels: Vec<_> = (0..10).map(|_| policy.review(&job).expect("a review").fuel).collect();
    assert!(fuels[0] > 0 && fuels.iter().all(|fuel| *fuel == fuels[0]), "{fuels:?}");
}

/// A linker for this machine would not know the names that a policy exports.
#[test]
fn a_policy_that_is_not_built_for_webassembly_says_so() {
    let mut build = Command::new(env!("CARGO"));
    build.args(["build", "--package", "node-selector", "--target-dir"]);
    let built = build.arg(workspace().join("target")).current_dir(workspace()).output();
    let built = built.expect("cargo can be started");
    let told = String::from_utf8_lossy(&built.stderr);
    assert!(!built.status.success(), "{told}");
    let expected = "a policy is WebAssembly: build it with `--target wasm32-unknown-unknown`";
    assert!(told.contains(expected) && !told.contains("linking with"), "{told}");
}

/// A policy that is asked again about a Job that it has changed.
#[test]
fn on_its_own_result_a_policy_makes_no_further_edit() {
    let host = policy::host(Limits::default());
    let labels = json!({"zone": "b", "0": "c", "10": "d"});
    let chained = json!({
        "datasets": {"claim": "results", "sub-path": "team", "read-only": true},
        "results": {"claim": "scratch", "sub-path": "team"},
        "same": {"claim": "same", "sub-path": "runs"},
    });
    let rows = [
        ("node-selector", "adding", json!({"tasks": {"*": labels}}), 3),
        ("gpu-resources", "giving", json!({"count": {"*": 2}, "max": 2}), 2),
        ("gpu-resources", "taking away", json!({"count": {"*": 0}}), 1),
        ("pvc-remap", "chained", json!({"claims": chained, "unmatched": "reject"}), 9),
        (
            "pvc-remap",
            "swapped",
            json!({"claims": {"datasets": {"claim": "results"}, "results": {"claim": "datasets"}}}),
            2,
        ),
    ];
    let job = Job::from_json(json!({
        "apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "j"},
        "spec": {"template": {"spec": {
            "containers": [{
                "name": "main",
                "resources": {"limits": {"nvidia.com/gpu": "1"}},
                "volumeMounts": [
                    {"name": "data", "mountPath": "/in", "subPath": "team/raw"},
                    {"name": "out", "mountPath": "/out"},
                    {"name": "out", "mountPath": "/log", "subPath": "team"},
                    {"name": "kept", "mountPath": "/kept", "subPath": "runs"},
                ],
            }],
            "initContainers": [{
                "name": "first", "volumeMounts": [{"name": "data", "mountPath": "/in"}],
            }],
            "volumes": [
                {"name": "data", "persistentVolumeClaim": {"claimName": "datasets"}},
                {"name": "out", "persistentVolumeClaim": {"claimName": "results"}},
                {"name": "kept", "persistentVolumeClaim": {"claimName": "same"}},
            ],
        }}},
    }))
    .expect("a Job");
    let named =
        |row: (&'static str, &'static str, Value, usize)| (format!("{} {}", row.0, row.1), row);
    each(rows.map(named), |(name, _, settings, expected)| {
        let source =
            |id| policy::source_of(id, policy::file(name), policy::bytes(name), settings.clone());
        let chain = policy::chain_of(&host, vec![source("once"), source("again")]);
        let admitted = chain.review(job.clone()).expect("it is admitted");
        let edits = admitted.reviews().iter().map(|review| review.edits.len());
        assert_eq!(edits.collect::<Vec<_>>(), [expected, 0], "{}", admitted.job().json());
    });
}
