//! What a real cluster refuses, and clusters that are not there. Nothing is submitted then.

use kube::config::Kubeconfig;
use serde_json::json;

use crate::support::cluster::{self, TestCube, client};

/// A run ends with an exit code and words, and no Job was made.
async fn is_refused(cube: TestCube, arguments: &[&str], code: i32, told: &[&str]) {
    let ended = cube.run(arguments);
    assert_eq!(ended.code, Some(code), "{ended:#?}");
    for words in told {
        assert!(ended.stderr.contains(words), "`{words}` is not in {ended:#?}");
    }
    assert!(cube.jobs(&client().await).await.is_empty());
}

#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn a_claim_that_is_not_there_is_named() {
    let cube = TestCube::new("{pvc: nowhere}", "{main: {parameters: {inputs: {data: data/}}}}");
    let told = [
        "PersistentVolumeClaim `nowhere` does not exist in namespace `default`",
        "`mlcube-input`, `mlcube-output`",
    ];
    is_refused(cube, &[], 2, &told).await;
}

#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn a_namespace_that_is_not_there_is_named() {
    let told = ["namespace `nowhere` does not exist"];
    is_refused(TestCube::shell("true"), &["--namespace", "nowhere"], 6, &told).await;
}

/// A policy writes a field that does not exist: it must not vanish.
#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn a_field_that_kubernetes_does_not_know_is_told() {
    let place = "/spec/template/spec/containers/0/imagePulPolicy";
    for more in [None, Some("--dry-run=server")] {
        let cube = TestCube::shell("true");
        let added = cube.added(place, &json!("Always"));
        let arguments: Vec<_> = added.iter().map(String::as_str).chain(more).collect();
        let told = [
            "the cluster refuses to ",
            "unknown field \"spec.template.spec.containers[0].imagePulPolicy\"",
        ];
        is_refused(cube, &arguments, 6, &told).await;
    }
}

/// What the verbs refuse, written by a patch: the API server refuses it, too.
#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn what_verbs_refuse_is_refused_by_the_cluster() {
    let container = "/spec/template/spec/containers/0";
    let resources = |value| (format!("{container}/resources"), value);
    let rows = [
        (resources(json!({"requests": {"nvidia.com/gpu": "1"}})), "Limit must be set"),
        (resources(json!({"limits": {"nvidia.com/gpu": "500m"}})), "must be an integer"),
        (
            resources(
                json!({"limits": {"nvidia.com/gpu": "2"}, "requests": {"nvidia.com/gpu": "1"}}),
            ),
            "must be equal to nvidia.com/gpu limit",
        ),
        (resources(json!({"limits": {"gpu": "1"}})), "must be a standard resource"),
        (resources(json!({"limits": {"requests.nvidia.com/gpu": "1"}})), "requests.nvidia.com/gpu"),
        (resources(json!({"limits": {"hugepages-2Mi": "2Mi"}})), "HugePages require cpu or memory"),
        (resources(json!({"limits": {"hugepages-2Mi": "3Mi", "memory": "1Gi"}})), "hugepages-2Mi"),
        (
            resources(json!({"limits": {"memory": "1Gi"}, "requests": {"hugepages-2Mi": "2Mi"}})),
            "Limit must be set",
        ),
        (
            (
                format!("{container}/securityContext"),
                json!({"allowPrivilegeEscalation": false, "capabilities": {"add": ["CAP_SYS_ADMIN"]}}),
            ),
            "CAP_SYS_ADMIN",
        ),
        (
            (
                "/spec/template/spec/volumes".into(),
                json!([{"name": "tmp", "emptyDir": {}}, {"name": "tmp", "emptyDir": {}}]),
            ),
            "Duplicate value",
        ),
        (("/spec/backoffLimitPerIndex".into(), json!(1)), "backoffLimitPerIndex"),
        (("/metadata/labels/team".into(), json!("a b")), "metadata.labels"),
    ];
    for ((place, value), told) in rows {
        let cube = TestCube::shell("true");
        let added = cube.added(&place, &value);
        let dry_run = ["--dry-run=server"];
        let arguments: Vec<_> = added.iter().map(String::as_str).chain(dry_run).collect();
        is_refused(cube, &arguments, 6, &["the cluster refuses to ", told]).await;
    }
}

#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn an_unknown_context_is_named() {
    let told = ["has no context `nowhere`", "expected one of `"];
    is_refused(TestCube::shell("true"), &["--context", "nowhere"], 2, &told).await;
}

#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn a_kubeconfig_that_is_not_there_is_named() {
    let told = ["kubeconfig `/nowhere/config`"];
    is_refused(TestCube::shell("true"), &["--kubeconfig", "/nowhere/config"], 2, &told).await;
}

#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn a_user_without_rights_is_told_which_are_missing() {
    let client = client().await;
    let cube = TestCube::shell("true");
    let kubeconfig = cluster::kubeconfig_of_nobody(&cube).await;
    let ended = cube.run(&["--kubeconfig", &kubeconfig]);
    let told = [
        "missing permissions in namespace `default`: `create jobs.batch`, `list jobs.batch`",
        "ask the cluster's administrator",
    ];
    ended.check("no rights", 6, "", &told);
    assert!(cube.jobs(&client).await.is_empty());
}

#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn a_cluster_that_does_not_answer_is_named() {
    let cube = TestCube::shell("true");
    let mut kubeconfig = Kubeconfig::read_from(cluster::kubeconfig()).expect("the kubeconfig");
    // A port that was free a moment ago: nobody listens there.
    let free = std::net::TcpListener::bind("127.0.0.1:0")
        .and_then(|socket| socket.local_addr())
        .expect("a free port");
    for cluster in &mut kubeconfig.clusters {
        if let Some(cluster) = &mut cluster.cluster {
            cluster.server = Some(format!("https://{free}"));
        }
    }
    let path = cube.path.join("kubeconfig");
    std::fs::write(&path, serde_json::to_string(&kubeconfig).expect("JSON")).expect("a kubeconfig");
    let ended = cube.run(&["--kubeconfig", &path.display().to_string()]);
    ended.check(
        "unreachable",
        5,
        "",
        &["cannot be reached", &free.to_string(), "hint: check that the cluster is running"],
    );
}
