//! What a real cluster refuses, and clusters that are not there. Nothing is submitted then.

mod support;
#[path = "support/cluster.rs"]
mod testbed;

use kube::config::Kubeconfig;
use testbed::{TestCube, client};

#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn what_cannot_run_is_not_submitted() {
    let client = client().await;
    let claims = "{main: {parameters: {inputs: {data: data/}}}}";
    type Row = (&'static str, TestCube, &'static [&'static str], i32, &'static [&'static str]);
    let rows: [Row; 4] = [
        (
            "a claim that is not there",
            TestCube::new("{pvc: nowhere}", claims),
            &[],
            2,
            &[
                "PersistentVolumeClaim `nowhere` does not exist in namespace `default`",
                "`mlcube-input`, `mlcube-output`",
            ],
        ),
        (
            "a namespace that is not there",
            TestCube::shell("true"),
            &["--namespace", "nowhere"],
            6,
            &["the cluster refuses to create Job", "nowhere"],
        ),
        (
            "an unknown context",
            TestCube::shell("true"),
            &["--context", "nowhere"],
            2,
            &["has no context `nowhere`", "its contexts are `"],
        ),
        (
            "a kubeconfig that is not there",
            TestCube::shell("true"),
            &["--kubeconfig", "/nowhere/config"],
            2,
            &["kubeconfig `/nowhere/config`"],
        ),
    ];
    for (name, cube, arguments, code, told) in rows {
        let ended = cube.run(arguments);
        assert_eq!(ended.code, Some(code), "{name}: {ended:#?}");
        for words in told {
            assert!(ended.stderr.contains(words), "{name}: `{words}` is not in {ended:#?}");
        }
        assert!(cube.jobs(&client).await.is_empty(), "{name}");
    }
}

#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn a_user_without_rights_is_told_which_are_missing() {
    let client = client().await;
    let cube = TestCube::shell("true");
    let kubeconfig = testbed::kubeconfig_of_nobody(&cube).await;
    let ended = cube.run(&["--kubeconfig", &kubeconfig]);
    let told = [
        "no right to `create jobs.batch`, `list jobs.batch`",
        "in namespace `default`",
        "ask the cluster's administrator",
    ];
    ended.check("no rights", 6, "", &told);
    assert!(cube.jobs(&client).await.is_empty());
}

#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn a_cluster_that_does_not_answer_is_named() {
    let cube = TestCube::shell("true");
    let mut kubeconfig = Kubeconfig::read_from(testbed::kubeconfig()).expect("the kubeconfig");
    // A port that was free a moment ago: nobody listens there.
    let free = std::net::TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a free port");
    for cluster in &mut kubeconfig.clusters {
        if let Some(cluster) = &mut cluster.cluster {
            cluster.server = Some(format!("https://{free}"));
        }
    }
    let path = cube.path.join("kubeconfig");
    std::fs::write(&path, serde_json::to_string(&kubeconfig).expect("JSON")).expect("a kubeconfig");
    let ended = cube.run(&["--kubeconfig", &path.display().to_string()]);
    ended.check("unreachable", 5, "", &["cannot be reached", &free.to_string(), "hint: check that the cluster runs"]);
}
