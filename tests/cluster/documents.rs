//! The transcript of the README: what it shows is what is told.

use std::fs;

use regex::Regex;

use crate::support::cluster::{self, kubeconfig, unique, variable};
use crate::support::{policy, program, workspace};

const START: &str = "$ mlcube-k8s run ";
/// The folder that the demo leaves.
const WORKSPACE: &str = "target/demo/digits";

/// The stand-in takes the place of the image, so the lines of the task itself differ.
#[test]
#[ignore = "needs a cluster: cargo xtask test"]
fn the_transcript_of_the_readme_is_what_is_told() {
    policy::built();
    let page = fs::read_to_string(workspace().join("README.md")).expect("the README is there");
    let (_, after) = page.split_once(START).expect("the README has a transcript");
    let (transcript, _) = after.split_once("\n```").expect("the transcript has an end");
    let (typed, shown) = transcript.split_once('\n').expect("something is told");
    // Of the demo there may be none here.
    let folder = workspace().join("target/tests").join(unique("digits"));
    fs::create_dir_all(&folder).expect("a folder");
    for name in ["digits.csv", "train.json"] {
        fs::write(folder.join(name), name).expect("a file");
    }
    assert!(typed.contains(WORKSPACE), "{typed}");
    let typed = typed.replace(WORKSPACE, &folder.display().to_string());
    let mut command = program();
    command.arg("run").args(typed.split(' '));
    command.arg(format!("-Pdocker.image={}", variable("MLCUBE_TEST_IMAGE")));
    let ended = cluster::Running::start(command.env("KUBECONFIG", kubeconfig())).wait();
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    assert_eq!(lines(&ended.stderr), lines(shown), "{ended:#?}");
    let _ = fs::remove_dir_all(folder);
}

/// The lines of events, without what differs from run to run.
fn lines(told: &str) -> Vec<String> {
    let digest = Regex::new("sha256:[0-9a-f]+").expect("an expression");
    let name = Regex::new("mlcube-digits-[a-z0-9]+(-[a-z0-9]{5})?").expect("an expression");
    let words =
        ["policies", "policy", "review", "job", "pod", "started", "ended", "success", "output"];
    let is_event = |line: &&str| words.iter().any(|word| line.split(' ').next() == Some(word));
    let plain = |line: &str| {
        let line = digest.replace_all(line, "sha256:…");
        name.replace_all(&line, "mlcube-digits-…").into_owned()
    };
    told.lines().filter(is_event).map(plain).collect()
}
