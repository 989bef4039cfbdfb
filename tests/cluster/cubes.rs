//! The four cubes of mlcommons/mlcube_examples on a real cluster, every task in order, with a
//! stand-in for their images: the arguments are those of the reference, and the files land where
//! its docker runner puts them below the workspace.

use crate::support::cluster::{
    self, NAMESPACE, TestCube, entrypoint, kubeconfig, unique, variable,
};
use crate::support::program;

#[test]
#[ignore = "needs a cluster: cargo xtask test"]
fn mnist() {
    let made = ["data/made", "logs/made", "model/made"];
    writes_where_the_docker_runner_does(
        "mnist",
        "download,train",
        &["data.yaml", "train.yaml"],
        &made,
    );
}

#[test]
#[ignore = "needs a cluster: cargo xtask test"]
fn matmul() {
    writes_where_the_docker_runner_does("matmul", "matmul", &["shapes.yaml"], &["matmul.txt"]);
}

#[test]
#[ignore = "needs a cluster: cargo xtask test"]
fn hello_world() {
    let made = ["chats/chat_with_alice.txt"];
    writes_where_the_docker_runner_does("hello_world", "hello,bye", &["names/alice.txt"], &made);
}

#[test]
#[ignore = "needs a cluster: cargo xtask test"]
fn emdenoise() {
    let staged = ["parameters/default.parameters.yaml"];
    let made = ["data/made", "logs/made", "model/made", "output/made", "raw_data/made"];
    writes_where_the_docker_runner_does(
        "emdenoise",
        "download,preprocess,train,test",
        &staged,
        &made,
    );
}

/// Run the tasks of a cube: what must lie in the workspace before, and what lies there afterwards.
fn writes_where_the_docker_runner_does(cube: &str, tasks: &str, staged: &[&str], made: &[&str]) {
    let workspace = unique(&cube.replace('_', "-"));
    let shell = |line: String| {
        let k8s = "{backoffLimit: 0, pvc: mlcube-output}";
        // The one parameter has the claim mounted.
        let all = format!("outputs: {{all: {{type: directory, default: {workspace}}}}}");
        let task =
            format!("{{main: {{parameters: {{{all}}}, entrypoint: {}}}}}", entrypoint(&line));
        TestCube::new(k8s, &task).run(&[])
    };
    let root = format!("/mnt/mlcube/mlcube-output/{workspace}");
    let stage = staged
        .iter()
        .map(|file| format!("mkdir -p $(dirname {root}/{file}); echo staged > {root}/{file}; "));
    shell(stage.collect()).check(cube, 0, "", &[]);

    let mut command = program();
    command.args(["run", "--mlcube", &format!("tests/cases/cubes/{cube}"), "--task", tasks]);
    command.args([
        "-Pk8s.pvc=mlcube-output",
        &format!("-Pk8s.workspace={workspace}"),
        "--namespace",
        NAMESPACE,
    ]);
    command
        .args([format!("-Pdocker.image={}", variable("MLCUBE_TEST_IMAGE"))])
        .env("KUBECONFIG", kubeconfig());
    let ended = cluster::Running::start(&mut command).wait();
    assert_eq!(ended.code, Some(0), "{cube}: {ended:#?}");
    let first = tasks.split(',').next().unwrap_or_default();
    assert!(ended.stdout.starts_with(&format!("{first}\n--")), "the task comes first: {ended:#?}");

    let mut expected: Vec<_> =
        staged.iter().chain(made).map(|file| format!("./{file}\n")).collect();
    expected.sort();
    shell(format!("cd {root} && find . -type f | sort")).check(cube, 0, &expected.concat(), &[]);
}
