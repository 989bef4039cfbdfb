//! The runner's settings as a whole, and the values of several tasks.

use mlcube_k8s::cube::{Access, PullPolicy};
use serde_json::{Value, json};

use crate::support::cube::{bind, read, runner};

#[test]
fn defaults() {
    let runner = runner("");
    assert_eq!(runner.image.ok().map(String::as_str), Some("i"));
    let claims = [runner.claims.input.ok(), runner.claims.output.ok()];
    assert_eq!(
        claims.map(|claim| claim.map(ToString::to_string)),
        [Some("c".to_owned()), Some("c".to_owned())]
    );
    assert!(runner.workspace.is_here());
    assert_eq!(runner.namespace, None);
    assert_eq!(runner.backoff_limit, 4);
    assert_eq!((runner.ttl_seconds_after_finished, runner.active_deadline_seconds), (None, None));
    assert_eq!((runner.image_pull_policy, runner.service_account), (None, None));
    assert_eq!(runner.resources, None);
    assert!(
        runner.env.is_empty() && runner.tolerations.is_empty() && runner.node_selector.is_empty()
    );
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
fn several_tasks_share_the_values_of_one_command_line() {
    let text = "name: c\ntasks:\n  a: {parameters: {inputs: {x: p}}}\n  b: {parameters: {inputs: {y: q}}}\n";
    let cube = read(text, &[]).expect("the cube is read");
    let tasks = bind(&cube, &["--task=b,a", "x=1"]).expect("one of the tasks knows `x`");
    let values: Vec<_> =
        tasks.iter().map(|task| (task.name.as_str(), task.parameters[0].value.as_str())).collect();
    assert_eq!(values, [("b", "q"), ("a", "1")]);
    assert!(bind(&cube, &["--task=b", "x=1"]).is_err());
}

#[test]
fn access_has_two_words() {
    assert_eq!(
        [Access::parse("ro"), Access::parse("rw"), Access::parse("RO")],
        [Some(Access::ReadOnly), Some(Access::ReadWrite), None]
    );
}
