//! What policies ask a real cluster, with whose rights, and how a run is replayed without it.

use k8s_openapi::api::core::v1::{ConfigMap, Pod};
use kube::Api;
use kube::api::{DeleteParams, ListParams, PostParams};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::support::cluster::{self, NAMESPACE, Running, TestCube, client, unique};
use crate::support::{policy, program};

/// A ConfigMap decides what a Job looks like. The run is recorded, and replayed when the ConfigMap
/// and the cluster are gone.
#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn a_policy_that_asks_is_replayed_without_the_cluster() {
    let client = client().await;
    let (maps, pods): (Api<ConfigMap>, Api<Pod>) = (namespaced(&client), namespaced(&client));
    let name = unique("rules");
    let cube = TestCube::shell("echo trained");
    create(&maps, json!({"metadata": {"name": name}, "data": {"pool": "gpu"}})).await;
    let container = json!({"name": "main", "image": "nowhere/none:1"});
    for pod in ["a", "b"] {
        let metadata = json!({"name": format!("{name}-{pod}"), "labels": {"rules": name}});
        create(&pods, json!({"metadata": metadata, "spec": {"containers": [container], "nodeName": "nowhere"}})).await;
    }
    let ask = json!([
        ["text", "v1", "ConfigMap", "", name, "/data/pool"],
        ["names", "v1", "Pod", NAMESPACE, format!("rules={name}")],
        ["text", "v1", "Node", "", "node0", "/metadata/labels/mlcube-k8s.dev~1pool"],
        ["text", "batch/v1", "Job", "", "nothing", ""],
        ["text", "v1", "Wish", "", name, ""],
        ["text", "nowhere.example/v1", "ConfigMap", "", name, ""],
        ["text", "v1", "Node", NAMESPACE, "node0", ""],
        ["names", "v1", "Pod", "", "!!"],
    ]);
    let settings = cube.path.join("settings.yaml");
    std::fs::write(&settings, json!({"ask": ask, "log": "warn"}).to_string()).expect("settings");
    let (settings, recording) =
        (format!("looker={}", settings.display()), cube.path.join("run.json"));
    let policy = policy::file("looker").display().to_string();
    let with = ["--policy", &policy, "--settings", &settings];

    cube.run(&with).check(
        "no grant",
        2,
        "",
        &["policy `looker` asks for `cluster`, which it is not granted"],
    );
    let record = recording.display().to_string();
    let with = [&with[..], &["--grant", "looker=cluster,metadata", "--record", &record]].concat();
    let told = [
        "looker: gpu\n",
        &format!("looker: {name}-a {name}-b\n"),
        "looker: none\n",
        &format!("Wish `{name}`: the cluster has no kind `Wish` in `v1`"),
        &format!("ConfigMap `{name}`: the cluster has no kind `ConfigMap` in `nowhere.example/v1`"),
        "Node `node0`: objects of kind `Node` have no namespace: leave it out",
        "Pod with labels `!!`: the cluster refuses to list Pod with labels `!!`: ",
        "success   task `main`",
    ];
    cube.run(&with).check("a run", 0, "trained\n", &told);
    let ask_one = format!("looker.ask={}", json!([ask[0]]));
    let with = [&with[..], &["--set", "looker.label=true", "--set", &ask_one]].concat();
    let printed = cube.run(&[&with[..], &["--dry-run=client"]].concat());
    assert!(printed.code == Some(0) && printed.stdout.contains("answer-0: gpu"), "{printed:#?}");

    maps.delete(&name, &DeleteParams::default()).await.expect("the ConfigMap can be deleted");
    for pod in ["a", "b"] {
        let at_once = DeleteParams::default().grace_period(0);
        pods.delete(&format!("{name}-{pod}"), &at_once).await.expect("the Pod can be deleted");
    }
    let mut replay = program();
    replay.args(["policy", "replay", &record]).env("KUBECONFIG", "/nowhere/config");
    Running::start(&mut replay).wait().check(
        "a replay",
        0,
        &printed.stdout,
        &["looker admits the Job with 2 edits"],
    );
}

/// A list with too many objects, or too large ones, is refused; half of it would be worse than
/// nothing.
#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn a_list_of_too_many_objects_is_refused() {
    a_list_is_refused(501, 1, "there are more than 500: select fewer by their labels").await;
}

#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn a_list_of_too_large_objects_is_refused() {
    a_list_is_refused(9, 1_000_000, "the response has more than 8388608 bytes: ask for less").await;
}

async fn a_list_is_refused(count: usize, size: usize, told: &str) {
    let maps: Api<ConfigMap> = namespaced(&client().await);
    let name = unique("many");
    let make = |index| {
        let metadata = json!({"name": format!("{name}-{index}"), "labels": {"many": name}});
        create(&maps, json!({"metadata": metadata, "data": {"x": "x".repeat(size)}}))
    };
    futures::future::join_all((0..count).map(make)).await;
    let cube = TestCube::shell("true");
    let policy = policy::file("looker").display().to_string();
    let ask =
        format!("looker.ask={}", json!([["names", "v1", "ConfigMap", "", format!("many={name}")]]));
    let with = [
        "--dry-run=client",
        "--policy",
        &policy,
        "--grant",
        "looker=cluster,metadata",
        "--set",
        &ask,
    ];
    let ended = cube.run(&[&with[..], &["--set", "looker.insist=true"]].concat());
    let all = ListParams::default().labels(&format!("many={name}"));
    maps.delete_collection(&DeleteParams::default(), &all)
        .await
        .expect("the ConfigMaps can be deleted");
    ended.check("too long", 3, "", &[&format!("ConfigMap with labels `many={name}`: {told}")]);
}

/// Who may not read is told so in the words of the cluster.
#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn rights_are_those_of_the_user() {
    let cube = TestCube::shell("true");
    let kubeconfig = cluster::kubeconfig_of_nobody(&cube).await;
    let policy = policy::file("looker").display().to_string();
    let ask =
        format!("looker.ask={}", json!([["text", "v1", "ConfigMap", "", "rules", "/data/pool"]]));
    let with = [
        "--policy",
        &policy,
        "--set",
        &ask,
        "--set",
        "looker.insist=true",
        "--grant",
        "looker=cluster,metadata",
    ];
    let ended = cube.run(&[&with[..], &["--dry-run=client", "--kubeconfig", &kubeconfig]].concat());
    let told = [
        "the cluster refuses to read ConfigMap `rules`: ",
        "is forbidden",
        "ask the cluster's administrator",
    ];
    ended.check("no right", 3, "", &told);
}

fn namespaced<K>(client: &kube::Client) -> Api<K>
where
    K: kube::Resource<Scope = kube::core::NamespaceResourceScope, DynamicType = ()>,
{
    Api::namespaced(client.clone(), NAMESPACE)
}

async fn create<K: Clone + std::fmt::Debug + serde::Serialize + DeserializeOwned>(
    api: &Api<K>,
    object: Value,
) {
    let object = serde_json::from_value(object).expect("an object");
    api.create(&PostParams::default(), &object).await.expect("an object can be made");
}
