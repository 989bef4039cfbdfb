//! Jobs of all shapes, and the policies that meet them.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

use super::policy::{self, PolicySource};

/// One of the three shipped policies, with settings that make it act.
pub fn shipped(index: usize) -> PolicySource {
    let rows = [
        (
            "node-selector",
            json!({"tasks": {"*": {"pool": "gpu", "a/b": "c"}, "bye": {"~x": ""}}, "on-conflict": "replace"}),
        ),
        ("gpu-resources", json!({"count": {"hello": 2}, "max": 3})),
        (
            "pvc-remap",
            json!({"claims": {"a": {"claim": "b", "sub-path": "x/y", "read-only": true}, "b": {"claim": "a"}}}),
        ),
    ];
    let (name, settings) = rows[index].clone();
    policy::source(name, settings)
}

/// Jobs as anybody may write them: most of it may be missing, empty or odd.
pub fn job() -> impl Strategy<Value = Value> {
    let task = select(vec!["hello", "bye", ""]);
    let platform = prop_oneof![
        Just(Value::Null),
        (0u32..6).prop_map(|count| json!({"accelerator_count": count}))
    ];
    (pod(), task, platform).prop_map(|(pod, task, platform)| {
        json!({
            "apiVersion": "batch/v1", "kind": "Job",
            "metadata": {"name": "j", "annotations": {
                "mlcube-k8s.dev/task": task, "mlcube-k8s.dev/platform": platform.to_string(),
            }},
            "spec": {"template": {"spec": pod}},
        })
    })
}

fn pod() -> impl Strategy<Value = Value> {
    let selector = optional(prop::collection::btree_map(
        select(vec!["pool", "a/b", "zone"]),
        "[a-z]{0,3}",
        0..3,
    ));
    let toleration = select(vec![
        json!({"operator": "Exists"}),
        json!({"key": "nvidia.com/gpu", "operator": "Exists"}),
    ]);
    let tolerations = optional(prop::collection::vec(toleration, 0..3));
    let claim = json!({"persistentVolumeClaim": {}});
    let source = prop_oneof![
        select(vec!["a", "b", "c"])
            .prop_map(|claim| json!({"persistentVolumeClaim": {"claimName": claim}})),
        select(vec![json!({"emptyDir": {}}), claim]),
    ];
    let volume = (name(), source).prop_map(|(name, source)| with(source, "name", json!(name)));
    let volumes = optional(prop::collection::vec(volume, 0..4));
    let containers = optional(prop::collection::vec(container(), 0..3));
    let init_containers = optional(prop::collection::vec(container(), 0..2));
    (selector, tolerations, volumes, containers, init_containers).prop_map(
        |(selector, tolerations, volumes, containers, init)| {
            let fields = [
                ("nodeSelector", selector.map(|map| json!(map))),
                ("tolerations", tolerations.map(|list| json!(list))),
                ("volumes", volumes.map(|list| json!(list))),
                ("containers", containers.map(|list| json!(list))),
                ("initContainers", init.map(|list| json!(list))),
            ];
            object(fields)
        },
    )
}

fn container() -> impl Strategy<Value = Value> {
    let mount = (name(), optional("[a-z]{1,3}"), optional(any::<bool>())).prop_map(
        |(name, sub_path, read_only)| {
            let fields = [
                ("name", Some(json!(name))),
                ("mountPath", Some(json!("/m"))),
                ("subPath", sub_path.map(|path| json!(path))),
                ("readOnly", read_only.map(|flag| json!(flag))),
            ];
            object(fields)
        },
    );
    let amounts =
        || optional((0u32..6).prop_map(|count| json!({"nvidia.com/gpu": count.to_string()})));
    let resources = optional(
        (amounts(), amounts())
            .prop_map(|(limits, requests)| object([("limits", limits), ("requests", requests)])),
    );
    (name(), optional(prop::collection::vec(mount, 0..3)), resources).prop_map(
        |(name, mounts, resources)| {
            object([
                ("name", Some(json!(name))),
                ("volumeMounts", mounts.map(|list| json!(list))),
                ("resources", resources),
            ])
        },
    )
}

fn name() -> impl Strategy<Value = &'static str> {
    select(vec!["v", "w", "x"])
}

fn optional<S: Strategy>(strategy: S) -> impl Strategy<Value = Option<S::Value>> {
    prop::option::of(strategy)
}

fn object<const N: usize>(fields: [(&str, Option<Value>); N]) -> Value {
    Value::Object(
        fields
            .into_iter()
            .filter_map(|(key, value)| Some((key.to_owned(), value?)))
            .collect::<Map<_, _>>(),
    )
}

fn with(mut object: Value, key: &str, value: Value) -> Value {
    object[key] = value;
    object
}
