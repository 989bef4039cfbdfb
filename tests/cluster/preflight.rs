//! `plan` on a real cluster: what a run would meet, and nothing is submitted. `run` heeds the same.

use k8s_openapi::api::core::v1::{Namespace, PersistentVolumeClaim, ResourceQuota};
use kube::api::{DeleteParams, PostParams};
use kube::{Api, Client};
use serde_json::{Value, json};

use crate::support::cluster::{
    Ended, Running, TestCube, client, entrypoint, jobs, kubeconfig_of_nobody, unique,
};

fn plan(cube: &TestCube, arguments: &[&str]) -> Ended {
    Running::start(cube.command("plan").args(arguments)).wait()
}

/// Check the exit code, and words of the report; no Job was made.
async fn says(ended: &Ended, code: i32, words: &[&str]) {
    assert_eq!(ended.code, Some(code), "{ended:#?}");
    for words in words {
        assert!(ended.stdout.contains(words), "`{words}` is not in {ended:#?}");
    }
}

/// A cube whose task has these resources.
fn cube(k8s: &str) -> TestCube {
    TestCube::new(k8s, &format!("{{main: {{entrypoint: {}}}}}", entrypoint("true")))
}

/// A namespace with a quota, which goes with it.
async fn namespace(client: &Client, labels: Value, hard: Value) -> String {
    let name = unique("preflight");
    let namespaces: Api<Namespace> = Api::all(client.clone());
    let namespace = json!({"metadata": {"name": name, "labels": labels}});
    let namespace = serde_json::from_value(namespace).expect("a namespace");
    namespaces.create(&PostParams::default(), &namespace).await.expect("it can be made");
    let quotas: Api<ResourceQuota> = Api::namespaced(client.clone(), &name);
    let quota = json!({"metadata": {"name": "team"}, "spec": {"hard": hard}});
    let quota = serde_json::from_value(quota).expect("a quota");
    quotas.create(&PostParams::default(), &quota).await.expect("it can be made");
    name
}

async fn delete_namespace(client: &Client, name: &str) {
    let namespaces: Api<Namespace> = Api::all(client.clone());
    namespaces.delete(name, &DeleteParams::default()).await.expect("it can be deleted");
}

#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn a_plan_says_that_all_is_well_and_submits_nothing() {
    let client = client().await;
    let cube = cube("{pvc: mlcube-input}");
    let words = ["ok        namespace", "ok        rights", "ok        job", "it can be submitted"];
    says(&plan(&cube, &[]), 0, &words).await;
    assert!(cube.jobs(&client).await.is_empty());
    let ended = plan(&cube, &["-o", "json"]);
    let report: Value = serde_json::from_str(&ended.stdout).expect("one object");
    assert_eq!(report["result"], "ok", "{report:#}");
    let checks: Vec<_> = report["checks"].as_array().into_iter().flatten().collect();
    assert!(checks.iter().all(|check| check["result"] == "ok"), "{report:#}");
    let tasks = checks.iter().filter(|check| check["task"] == "main").count();
    assert!(checks.len() >= 7 && tasks >= 3, "{report:#}");
}

/// What may still come right is a warning, in `plan` and in `run`.
#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn what_may_come_right_is_a_warning() {
    let client = client().await;
    let claims: Api<PersistentVolumeClaim> = Api::default_namespaced(client.clone());
    let claim = unique("unbound");
    let unbound = json!({"metadata": {"name": claim}, "spec": {
        "storageClassName": "", "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}},
    }});
    let unbound = serde_json::from_value(unbound).expect("a claim");
    claims.create(&PostParams::default(), &unbound).await.expect("a claim can be made");
    let label = unique("pool");
    let rows = [
        (
            format!("{{nodeSelector: {{{label}: a}}}}"),
            format!("warning   nodes      task `main`: no node has the labels `{label}=a`"),
        ),
        (
            "{resources: {limits: {example.com/fpga: 1}}}".into(),
            "no node has `example.com/fpga`".into(),
        ),
        (
            "{serviceAccountName: nobody}".into(),
            "warning   pod        task `main`: service account `nobody` does not exist".into(),
        ),
    ];
    for (k8s, told) in rows {
        says(&plan(&cube(&k8s), &[]), 0, &[&told, "hint: ", "kubectl ", "it can be submitted"])
            .await;
    }
    let tasks = "{main: {parameters: {inputs: {data: data/}}}}";
    let with_claim = TestCube::new(&format!("{{pvc: {claim}}}"), tasks);
    let told = format!("warning   claim      claim `{claim}` is not bound");
    says(&plan(&with_claim, &[]), 0, &[&told, "it can be submitted"]).await;
    let ended = with_claim.run(&["--timeout", "3s"]);
    ended.check("unbound", 8, "", &[&format!("warning   claim `{claim}` is not bound")]);
    let job = with_claim.job(&client).await;
    jobs(&client).delete(&job, &DeleteParams::background()).await.expect("it can be deleted");
    claims.delete(&claim, &DeleteParams::default()).await.expect("it can be deleted");
}

/// What can never come right is refused, before anything is submitted.
#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn what_can_never_come_right_is_refused() {
    let client = client().await;
    let small = namespace(&client, json!({}), json!({"requests.cpu": "1500m"})).await;
    let large = cube("{resources: {requests: {cpu: 2}}}");
    let told = [
        "refused   quota      task `main`: quota `team` is too small: the Pod asks for `requests.cpu=2` of `1500m`",
        "describe resourcequota team",
        "it would be refused",
    ];
    says(&plan(&large, &["--namespace", &small]), 6, &told).await;
    let ended = large.run(&["--namespace", &small]);
    ended.check("a quota", 6, "", &["error: quota `team` is too small", "hint: ask for less"]);
    let fits = cube("{resources: {requests: {cpu: 1500m}}}");
    says(&plan(&fits, &["--namespace", &small]), 0, &["ok        quota"]).await;
    let demands = cube("{}");
    let told = ["demands that every container says its `requests.cpu`"];
    says(&plan(&demands, &["--namespace", &small]), 6, &told).await;
    delete_namespace(&client, &small).await;

    let labels = json!({"pod-security.kubernetes.io/enforce": "restricted"});
    let restricted = namespace(&client, labels, json!({"pods": "5"})).await;
    let told = ["refused   pod        task `main`: Pod Security `restricted:latest`"];
    says(&plan(&cube("{}"), &["--namespace", &restricted]), 6, &told).await;
    delete_namespace(&client, &restricted).await;

    let told = ["refused   namespace  namespace `nowhere` does not exist"];
    says(&plan(&cube("{pvc: nowhere}"), &["--namespace", "nowhere"]), 6, &told).await;
    let unknown = cube("{}");
    let added = unknown.added("/spec/template/spec/containers/0/imagePulPolicy", &json!("Always"));
    let arguments: Vec<_> = added.iter().map(String::as_str).collect();
    says(&plan(&unknown, &arguments), 6, &["refused   job", "unknown field"]).await;
}

#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn missing_rights_are_told_with_what_is_left_open() {
    let cube = cube("{}");
    let kubeconfig = kubeconfig_of_nobody(&cube).await;
    let told = [
        "unknown   namespace",
        "refused   rights     missing permissions in namespace `default`: `create jobs.batch`",
        "`list pods`",
        "warning   events",
        "unknown   quota",
        "unknown   nodes",
    ];
    says(&plan(&cube, &["--kubeconfig", &kubeconfig]), 6, &told).await;
}
