//! The runner's settings as they are typed.

use mlcube_k8s::cube::{Cube, PullPolicy, Runner};
use mlcube_k8s::k8s::ClaimName;
use serde_json::{Value, json};

use crate::support::read;

fn cube(lines: &str) -> Cube {
    let indented: String = lines.lines().map(|line| format!("  {line}\n")).collect();
    let text = format!("name: c\ndocker: {{image: i}}\ntasks: {{}}\nk8s:\n  runner: k8s\n{indented}");
    read(&text, &[]).unwrap_or_else(|error| unreachable!("{lines} is read: {error}"))
}

fn runner(lines: &str) -> Runner {
    cube(lines).runner
}

fn claims(lines: &str) -> (Option<String>, Option<String>) {
    let claims = runner(lines).claims;
    let text = |claim: Option<&ClaimName>| claim.map(ToString::to_string);
    (text(claims.input.ok()), text(claims.output.ok()))
}

#[test]
fn defaults() {
    let runner = runner("");
    assert_eq!(runner.image.ok().map(String::as_str), Some("i"));
    assert_eq!(claims(""), (Some("c".into()), Some("c".into())));
    assert!(runner.workspace.is_here());
    assert_eq!(runner.namespace, None);
    assert_eq!(runner.backoff_limit, 4);
    assert_eq!((runner.ttl_seconds_after_finished, runner.active_deadline_seconds), (None, None));
    assert_eq!((runner.image_pull_policy, runner.service_account), (None, None));
    assert_eq!(runner.resources, None);
    assert!(runner.env.is_empty() && runner.tolerations.is_empty() && runner.node_selector.is_empty());
    assert!(runner.image_pull_secrets.is_empty());
    assert_eq!(runner.gpu_resource, "nvidia.com/gpu");
}

#[test]
fn every_setting() {
    let runner = runner(
        "namespace: team-a
workspace: ./work/space/
backoffLimit: 0
ttlSecondsAfterFinished: 3600
activeDeadlineSeconds: 60
serviceAccountName: runner
imagePullSecrets: [one, {name: two}]
imagePullPolicy: IfNotPresent
gpuResource: amd.com/gpu
nodeSelector: {disk: ssd, example.com/zone: ''}",
    );
    assert_eq!(runner.namespace.as_ref().map(|name| name.as_str()), Some("team-a"));
    assert_eq!(runner.workspace.as_str(), "work/space");
    assert_eq!(
        (runner.backoff_limit, runner.ttl_seconds_after_finished, runner.active_deadline_seconds),
        (0, Some(3600), Some(60))
    );
    assert_eq!(runner.service_account.as_deref(), Some("runner"));
    assert_eq!(runner.image_pull_secrets, ["one", "two"]);
    assert_eq!(runner.image_pull_policy, Some(PullPolicy::IfNotPresent));
    assert_eq!(runner.gpu_resource, "amd.com/gpu");
    assert_eq!(Value::from(runner.node_selector), json!({"disk": "ssd", "example.com/zone": ""}));
}

#[test]
fn claims_of_all_shapes() {
    let claim = |name: &str| Some(name.to_owned());
    let rows = [
        ("pvc: data", claim("data"), claim("data")),
        ("pvc: '${name}-data'", claim("c-data"), claim("c-data")),
        ("pvc: {input: in, output: out.v1}", claim("in"), claim("out.v1")),
        ("pvc: {input: '${.output}', output: out}", claim("out"), claim("out")),
        ("pvc: {input: in}", claim("in"), None),
        ("pvc: {input: in, output: Out}", claim("in"), None),
        ("pvc: null", None, None),
        ("pvc: ''", None, None),
        ("pvc: -a", None, None),
        ("pvc: a..b", None, None),
        ("pvc: '${oc.env:NONE}'", None, None),
    ];
    for (lines, input, output) in rows {
        assert_eq!(claims(lines), (input, output), "{lines}");
    }
}

#[test]
fn names_have_a_longest() {
    for (length, accepted) in [(253, true), (254, false)] {
        let found = claims(&format!("pvc: {}", "a".repeat(length)));
        assert_eq!(found.0.is_some(), accepted, "{length}");
    }
    for (length, accepted) in [(63, true), (64, false)] {
        let text = format!("name: c\ntasks: {{}}\nk8s: {{namespace: {}}}\n", "a".repeat(length));
        assert_eq!(read(&text, &[]).is_ok(), accepted, "{length}");
    }
}

#[test]
fn parts_of_the_pod() {
    type Part = fn(Runner) -> Value;
    let resources: Part = |runner| runner.resources.unwrap_or_default();
    let env: Part = |runner| runner.env.into();
    let tolerations: Part = |runner| runner.tolerations.into();
    let rows: [(&str, Part, Value); 10] = [
        (
            "resources: {limits: {cpu: 2, memory: 4Gi}, requests: {cpu: 500m, nvidia.com/gpu: 1}}",
            resources,
            json!({"limits": {"cpu": "2", "memory": "4Gi"}, "requests": {"cpu": "500m", "nvidia.com/gpu": "1"}}),
        ),
        (
            "resources: {limits: {cpu: 0.5, memory: 1e9}}",
            resources,
            json!({"limits": {"cpu": "0.5", "memory": "1000000000.0"}}),
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
    ];
    for (lines, part, wanted) in rows {
        assert_eq!(part(runner(lines)), wanted, "{lines}");
    }
}
