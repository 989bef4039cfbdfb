//! Outputs that come back, and what they may not do here.

use std::fs;
use std::time::{Duration, SystemTime};

use serde_json::json;

use crate::support::cluster::{Running, TestCube, command_behind, kubeconfig, paste};
use crate::support::desk::{Desk, tree};
use crate::support::program;

#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn newer_files_are_not_overwritten() {
    let desk = Desk::new().await;
    fs::write(desk.data().join("a"), "one").expect("a file");
    fs::write(desk.data().join("b"), "two").expect("a file");
    desk.there_and_back();
    let copy = desk.back().join("copy");
    fs::write(copy.join("a"), "mine").expect("a file");
    fs::remove_file(copy.join("b")).expect("a file");
    let to = format!("--to={}", desk.back().display());
    let told = ["error: local files are newer", "copy/a", "hint: nothing was written"];
    desk.tell(&["fetch", &to]).check("newer", 12, "", &told);
    assert!(!copy.join("b").exists());
    desk.tell(&["fetch", &to, "--force"]).check("forced", 0, "", &["fetched   2 files"]);
    assert_eq!(fs::read_to_string(copy.join("a")).expect("a file"), "one");
    // By its name, from another machine, a run of last week.
    let job = desk.cube.job(&desk.client).await;
    let elsewhere = desk.cube.path.join("elsewhere");
    let mut command = program();
    command.args(["fetch", &job, "--to"]).arg(&elsewhere).env("KUBECONFIG", kubeconfig());
    command.env("MLCUBE_K8S_STATE", desk.cube.path.join("other")).current_dir("/");
    Running::start(&mut command).wait().check("by name", 0, "", &["fetched   2 files, 6 B"]);
    assert_eq!(fs::read_to_string(elsewhere.join("copy/b")).expect("a file"), "two");
    desk.remove().await;
}

/// A run that brings nothing back says how that is done, on the cluster that was given.
#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn a_run_says_how_its_outputs_are_fetched() {
    let desk = Desk::new().await;
    fs::write(desk.data().join("a"), "one").expect("a file");
    let cluster = format!("--kubeconfig={}", kubeconfig().display());
    let ended = desk.tell(&["run", "--stage", &cluster]);
    ended.check("run", 0, "", &["output    copy: "]);
    let pasted = paste(command_behind(&ended.stderr, "fetch it:"), &desk.cube);
    assert!(pasted.status.success(), "{pasted:#?}");
    let copy = desk.cube.path.join("workspace/copy/a");
    assert_eq!(fs::read_to_string(copy).expect("a file"), "one");
    desk.remove().await;
}

/// What keeps outputs from coming is told with the command that fetches them: the task is not run again.
#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn outputs_that_do_not_come_are_fetched_later() {
    let desk = Desk::new().await;
    let to = format!("--fetch={}", desk.back().display());
    // A task that fails may have left something, too.
    let failed = desk.tell(&["run", &to]);
    assert_eq!(failed.code, Some(1), "{failed:#?}");
    assert!(command_behind(&failed.stderr, "fetch it:").contains(" --to="), "{failed:#?}");
    fs::write(desk.data().join("a"), "one").expect("a file");
    let mine = desk.back().join("copy/a");
    fs::create_dir_all(desk.back().join("copy")).expect("a folder");
    fs::write(&mine, "mine").expect("a file");
    let newer = SystemTime::now() + Duration::from_secs(3600);
    fs::File::options().write(true).open(&mine).expect("it").set_modified(newer).expect("a time");
    let cluster = format!("--kubeconfig={}", kubeconfig().display());
    let ended = desk.tell(&["run", "--stage", &to, "--rm", &cluster]);
    let told =
        ["task `main` has succeeded, and its outputs are not here", "error: local files are newer"];
    ended.check("newer", 12, "", &told);
    assert!(!ended.stderr.contains("fetch it:"), "{ended:#?}");
    fs::remove_file(&mine).expect("a file");
    let command = ended.stderr.split('`').find(|part| part.contains(" fetch mlcube-"));
    let pasted = paste(command.expect("a command"), &desk.cube);
    assert!(pasted.status.success(), "{pasted:#?}");
    assert_eq!(fs::read_to_string(&mine).expect("a file"), "one");
    desk.remove().await;
}

/// A link of an output that leads out of it is no way out of the workspace.
#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn links_that_lead_out_are_left_out() {
    let desk = Desk::new().await;
    let line = "o=$(echo $1 | cut -d= -f2); mkdir -p $o/sub; cd $o; ln -s /etc/passwd sub/a; ln -s ../../x sub/b; ln -s ../f sub/c; echo f > f";
    let task = format!(
        "{{main: {{parameters: {{outputs: {{out: {{type: directory, default: out}}}}}}, entrypoint: {}}}}}",
        json!(["/bin/sh", "-c", line, "sh"])
    );
    let k8s = format!("{{backoffLimit: 0, pvc: {}, workspace: w}}", desk.claim);
    let cube = TestCube::new(&k8s, &task);
    let told = ["link `w/out/sub/a` leads out of its output: it is left out", "`w/out/sub/b`"];
    cube.run(&["--fetch"]).check("links", 0, "", &told);
    let out = cube.path.join("workspace/out");
    let links = tree(&out);
    assert_eq!(links.keys().collect::<Vec<_>>(), ["f", "sub", "sub/c"]);
    assert_eq!(fs::read_to_string(out.join("sub/c")).expect("a file"), "f\n");
    desk.remove().await;
}
