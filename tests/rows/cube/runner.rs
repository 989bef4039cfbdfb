//! The runner's settings as they are typed.

use libtest_mimic::Trial;
use mlcube_k8s::cube::Runner;
use mlcube_k8s::k8s::ClaimName;
use serde_json::{Value, json};

use crate::support::cube::{read, runner};
use crate::{trials, verbatim};

pub fn all() -> Vec<Trial> {
    let claims = verbatim("cube/runner/claims", CLAIMS, |row| row.0, check_claims);
    let names =
        trials("cube/runner/names", NAMES, |row| format!("{} of {}", row.0, row.1), check_name);
    let parts = verbatim("cube/runner/pod", parts_of_the_pod(), |row| row.0, check_part);
    [claims, names, parts].into_iter().flatten().collect()
}

/// Settings, and the claims for inputs and outputs.
type Claims = (&'static str, Option<&'static str>, Option<&'static str>);

const CLAIMS: [Claims; 11] = [
    ("pvc: data", Some("data"), Some("data")),
    ("pvc: '${name}-data'", Some("c-data"), Some("c-data")),
    ("pvc: {input: in, output: out.v1}", Some("in"), Some("out.v1")),
    ("pvc: {input: '${.output}', output: out}", Some("out"), Some("out")),
    ("pvc: {input: in}", Some("in"), None),
    ("pvc: {input: in, output: Out}", Some("in"), None),
    ("pvc: null", None, None),
    ("pvc: ''", None, None),
    ("pvc: -a", None, None),
    ("pvc: a..b", None, None),
    ("pvc: '${oc.env:NONE}'", None, None),
];

fn check_claims((lines, input, output): Claims) {
    let (found_input, found_output) = claims(lines);
    assert_eq!((found_input.as_deref(), found_output.as_deref()), (input, output));
}

fn claims(lines: &str) -> (Option<String>, Option<String>) {
    let claims = runner(lines).claims;
    let text = |claim: Option<&ClaimName>| claim.map(ToString::to_string);
    (text(claims.input.ok()), text(claims.output.ok()))
}

/// A kind of name, a length, and whether a name may be so long.
type Length = (&'static str, usize, bool);

const NAMES: [Length; 4] = [
    ("claim", 253, true),
    ("claim", 254, false),
    ("namespace", 63, true),
    ("namespace", 64, false),
];

fn check_name((kind, length, accepted): Length) {
    let name = "a".repeat(length);
    let found = match kind {
        "claim" => claims(&format!("pvc: {name}")).0.is_some(),
        _ => read(&format!("name: c\ntasks: {{}}\nk8s: {{namespace: {name}}}\n"), &[]).is_ok(),
    };
    assert_eq!(found, accepted);
}

/// Settings, a part of the Pod, and what stands there.
type Part = (&'static str, fn(Runner) -> Value, Value);

fn parts_of_the_pod() -> [Part; 10] {
    let resources: fn(Runner) -> Value = |runner| runner.resources.unwrap_or_default();
    let env: fn(Runner) -> Value = |runner| runner.env.into();
    let tolerations: fn(Runner) -> Value = |runner| runner.tolerations.into();
    [
        (
            "resources: {limits: {cpu: 2, memory: 4Gi}, requests: {cpu: 500m, nvidia.com/gpu: 1}}",
            resources,
            json!({"limits": {"cpu": "2", "memory": "4Gi"}, "requests": {"cpu": "500m", "nvidia.com/gpu": "1"}}),
        ),
        (
            "resources: {limits: {cpu: 0.5, memory: 1e9}}",
            resources,
            json!({"limits": {"cpu": "0.5", "memory": "1e9"}}),
        ),
        ("resources: {claims: [{name: gpu}]}", resources, json!({"claims": [{"name": "gpu"}]})),
        (
            "env: {B: x, A: '1', EMPTY: ''}",
            env,
            json!([{"name": "B", "value": "x"}, {"name": "A", "value": "1"}, {"name": "EMPTY", "value": ""}]),
        ),
        ("env: [{name: A, value: '${oc.env:V}'}]", env, json!([{"name": "A", "value": "val"}])),
        (
            "env: {T: {valueFrom: {secretKeyRef: {name: s, key: k, optional: true}}}}",
            env,
            json!([{"name": "T", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k", "optional": true}}}]),
        ),
        (
            "env: [{name: C, valueFrom: {configMapKeyRef: {name: m, key: k}}}]",
            env,
            json!([{"name": "C", "valueFrom": {"configMapKeyRef": {"name": "m", "key": "k"}}}]),
        ),
        (
            "env: {N: {valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}}",
            env,
            json!([{"name": "N", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}}]),
        ),
        ("tolerations: [{operator: Exists}]", tolerations, json!([{"operator": "Exists"}])),
        (
            "tolerations: [{key: gpu, operator: Equal, value: 'yes', effect: NoExecute, tolerationSeconds: 30}]",
            tolerations,
            json!([{"key": "gpu", "operator": "Equal", "value": "yes", "effect": "NoExecute", "tolerationSeconds": 30}]),
        ),
    ]
}

fn check_part((lines, part, wanted): Part) {
    assert_eq!(part(runner(lines)), wanted);
}
