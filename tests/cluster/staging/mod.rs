//! Inputs that go to a claim and outputs that come back.

mod broken;
mod fetched;
mod load;

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use k8s_openapi::api::core::v1::Pod;
use kube::Api;
use kube::api::{DeleteParams, PostParams};
use serde_json::{Value, json};

use crate::support::cluster::{
    Ended, NAMESPACE, TestCube, client, entrypoint, unique, until, variable,
};
use crate::support::desk::{Desk, bytes, folder_times, tree};
use crate::support::policy;

/// A workspace with everything that there is.
fn furnish(data: &Path) {
    let write = |name: &str, content: &[u8], mode: u32| {
        let path = data.join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(&path, content).expect("a file");
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("a mode");
        set_time(&path, UNIX_EPOCH + Duration::from_secs(1_600_000_000));
    };
    write("plain", b"plain\n", 0o644);
    write("empty", b"", 0o600);
    write("a b/c  d", b"blanks", 0o640);
    write("übung/日本", "ünï".as_bytes(), 0o644);
    write("-rf", b"a name like an option", 0o644);
    write(&"😀".repeat(63), b"a name of 252 bytes", 0o644);
    write("line\nbreak", b"a name of two lines", 0o644);
    write("back\\slash 'and' \"quotes\" $(x) `y` *", b"a name for a shell", 0o755);
    write("tools/run", b"#!/bin/sh\n", 0o755);
    write("large", &bytes((9 << 20) + 12_345, 7), 0o644);
    write("four", &bytes(4 << 20, 9), 0o644);
    for index in 0..300 {
        write(&format!("many/{}/{index}", index % 7), &bytes(index * 11, 3), 0o644);
    }
    fs::create_dir_all(data.join("nothing/in/here")).expect("a folder");
    symlink("plain", data.join("link")).expect("a link");
    symlink("../plain", data.join("tools/up")).expect("a link");
    symlink("many", data.join("to a folder")).expect("a link");
    fs::create_dir_all(data.join("closed/inner")).expect("a folder");
    write("closed/inner/x", b"x", 0o444);
    fs::set_permissions(data.join("closed"), fs::Permissions::from_mode(0o755)).expect("a mode");
    write("before 1970", b"old", 0o644);
    set_time(&data.join("before 1970"), UNIX_EPOCH - Duration::from_secs(86_400));
    for (days, folder) in ["nothing/in", "many/3", "closed", "a b"].iter().enumerate() {
        set_time(&data.join(folder), UNIX_EPOCH + Duration::from_secs(86_400 * days as u64));
    }
}

fn set_time(path: &Path, time: SystemTime) {
    fs::File::open(path).expect("it is there").set_modified(time).expect("a time");
}

#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn what_is_staged_comes_back_as_it_was() {
    let desk = Desk::new().await;
    furnish(&desk.data());
    desk.there_and_back();
    let copy = desk.back().join("copy");
    assert_eq!(tree(&desk.data()), tree(&copy));
    assert_eq!(folder_times(&desk.data()), folder_times(&copy));
    desk.remove().await;
}

/// The last event of a kind.
fn event(ended: &Ended, kind: &str) -> Value {
    let mut events = ended.stdout.lines().rev().filter_map(|line| line.parse::<Value>().ok());
    let found = events.find(|event| event["event"] == kind);
    found.unwrap_or_else(|| panic!("no `{kind}` in {ended:#?}"))
}

#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn only_what_changed_is_sent() {
    let desk = Desk::new().await;
    furnish(&desk.data());
    let stage = |more: &[&str]| {
        let ended = desk.tell(&[&["stage", "-o", "json"], more].concat());
        assert_eq!(ended.code, Some(0), "{ended:#?}");
        let done = event(&ended, "transferred");
        [&done["files"], &done["bytes"], &done["removedFiles"]]
            .map(|n| n.as_u64().expect("a number"))
    };
    let all = tree(&desk.data());
    let files = all.values().filter(|told| told.starts_with("file")).count() as u64;
    assert_eq!(stage(&[])[0], files);
    assert_eq!(stage(&[]), [0, 0, 0]);
    // The digests that are kept here are a help, and no condition.
    fs::remove_dir_all(desk.cube.path.join("cache")).expect("a cache");
    assert_eq!(stage(&[]), [0, 0, 0]);
    fs::write(desk.data().join("plain"), "other").expect("a file");
    assert_eq!(stage(&[]), [1, 5, 0]);
    fs::remove_file(desk.data().join("tools/run")).expect("a file");
    assert_eq!(stage(&[]), [0, 0, 0], "nothing is removed unless it is asked for");
    assert_eq!(stage(&["--prune"]), [0, 0, 1]);
    desk.there_and_back();
    assert_eq!(tree(&desk.data()), tree(&desk.back().join("copy")));
    desk.remove().await;
}

#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn two_runs_do_not_meet_on_a_claim() {
    let desk = Desk::new().await;
    fs::write(desk.data().join("large"), bytes(150 << 20, 5)).expect("a file");
    let mut one = desk.start(&["stage"]);
    one.until_told("staging ");
    let mut other = desk.start(&["stage"]);
    other.until_told("another run brings data to claim");
    one.wait().check("the first", 0, "", &["staged "]);
    other.wait().check("the second", 0, "", &["nothing new, 1 file right already"]);
    desk.remove().await;
}

#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn a_missing_input_is_told_before_anything_is_sent() {
    let desk = Desk::new().await;
    fs::remove_dir(desk.data()).expect("a folder");
    let missing = desk.data().display().to_string();
    let told = ["input `data` of task `main`", &missing, "nothing was sent"];
    for words in [&["stage"][..], &["run", "--stage"]] {
        desk.tell(words).check("missing", 2, "", &told);
    }
    assert!(desk.cube.jobs(&desk.client).await.is_empty());
    desk.remove().await;
}

/// What keeps data from a claim is told by its cause, and nothing is submitted.
#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn what_cannot_be_staged_is_told_by_its_cause() {
    let desk = Desk::new().await;
    fs::write(desk.data().join("large"), bytes(9 << 20, 5)).expect("a file");
    let read_only = desk
        .cube
        .added("/spec/template/spec/volumes/0/persistentVolumeClaim/readOnly", &json!(true));
    let rows: Vec<(&str, Vec<String>, &[&str])> = vec![
        (
            "read-only",
            read_only,
            &["error: claim `", "` is read-only", "hint: give the task a claim"],
        ),
        (
            "no shell",
            vec!["--stage-image=localhost/mlcube-pause:1".into()],
            &[
                "error: the image of the Pod that carries data has no shell",
                "hint: choose an image",
            ],
        ),
    ];
    for (name, words, told) in rows {
        let words: Vec<&str> =
            ["run", "--stage"].into_iter().chain(words.iter().map(String::as_str)).collect();
        desk.tell(&words).check(name, 12, "", told);
        let runs = desk.cube.jobs(&desk.client).await;
        let runs = runs.iter().filter(|job| {
            let labels = job.metadata.labels.clone().unwrap_or_default();
            !labels.contains_key("mlcube-k8s.dev/helper")
        });
        assert_eq!(runs.count(), 0, "{name}: nothing was submitted");
    }
    desk.remove().await;
}

/// The policies that review the task review what carries its data too.
#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn policies_review_the_pod_that_carries() {
    let desk = Desk::new().await;
    fs::write(desk.data().join("a"), "content").expect("a file");
    let remap = desk.cube.path.join("remap.yaml");
    let settings = format!(
        "{{claims: {{elsewhere: {{claim: {}, sub-path: team/x}}}}, unmatched: reject}}",
        desk.claim
    );
    fs::write(&remap, settings).expect("settings");
    let policy = format!("--policy={}", policy::file("pvc-remap").display());
    let settings = format!("--settings=pvc-remap={}", remap.display());
    let back = format!("--fetch={}", desk.back().display());
    let ended = desk.tell(&["run", "--stage", &back, "-Pk8s.pvc=elsewhere", &policy, &settings]);
    ended.check("remapped", 0, "", &["staged    1 file, 7 B", "fetched   1 file, 7 B"]);
    assert_eq!(fs::read_to_string(desk.back().join("copy/a")).expect("a file"), "content");
    // Below the folder that the policy gives the team, and nowhere else.
    let line = format!("cd /mnt/mlcube/{} && find . -name a", desk.claim);
    let all = "{parameters: {outputs: {all: {type: directory, default: .}}}, entrypoint: ";
    let task = format!("{{main: {all}{}}}}}", entrypoint(&line));
    let look = TestCube::new(&format!("{{backoffLimit: 0, pvc: {}}}", desk.claim), &task);
    let seen = look.run(&[]);
    let mut seen: Vec<&str> = seen.stdout.lines().collect();
    seen.sort_unstable();
    assert_eq!(seen, ["./team/x/w/copy/a", "./team/x/w/data/a"]);
    // A policy that rejects it, and not the task.
    let calls = desk.cube.path.join("calls.yaml");
    let is_helper = "/metadata/labels/mlcube-k8s.dev~1helper";
    let calls_of = json!({"calls": [["only-if", is_helper, "\"staging\""], ["reject", "no carriers here", ""]]});
    fs::write(&calls, calls_of.to_string()).expect("settings");
    let policy = format!("--policy={}", policy::file("caller").display());
    let settings = format!("--settings=caller={}", calls.display());
    let told = ["error: policy `caller` rejects the Pod that carries data: no carriers here"];
    desk.tell(&["run", "--stage", &policy, &settings]).check("rejected", 3, "", &told);
    desk.remove().await;
}

/// A volume of 4 MiB that is full.
#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn a_full_claim_is_told_as_full() {
    let client = client().await;
    let pods: Api<Pod> = Api::namespaced(client.clone(), NAMESPACE);
    let name = unique("small");
    let image = variable("MLCUBE_TEST_IMAGE");
    let pod = json!({"metadata": {"name": name}, "spec": {
        "terminationGracePeriodSeconds": 0,
        "containers": [{"name": "c", "image": image, "command": ["sleep", "100000"],
            "volumeMounts": [{"name": "small", "mountPath": "/small"}]}],
        "volumes": [{"name": "small", "emptyDir": {"medium": "Memory", "sizeLimit": "4Mi"}}],
    }});
    let pod = serde_json::from_value(pod).expect("a Pod");
    pods.create(&PostParams::default(), &pod).await.expect("a Pod can be made");
    let uid = until("it runs", async || {
        let pod = pods.get(&name).await.ok()?;
        (pod.status?.phase? == "Running").then_some(pod.metadata.uid?)
    })
    .await;
    let folder = variable("MLCUBE_TEST_KUBECONFIG").replace("/kubeconfig", "/kubelet");
    let folder = format!("{folder}/pods/{uid}/volumes/kubernetes.io~empty-dir/small");
    let desk = Desk::on(json!({"hostPath": {"path": folder, "type": "Directory"}}), "").await;
    fs::write(desk.data().join("large"), bytes(9 << 20, 5)).expect("a file");
    let told = ["error: claim `", "` has too little room: 9.0 MiB to send, ", "hint: make room"];
    desk.tell(&["run", "--stage"]).check("full", 12, "", &told);
    desk.remove().await;
    pods.delete(&name, &DeleteParams::default()).await.expect("it can be deleted");
}
