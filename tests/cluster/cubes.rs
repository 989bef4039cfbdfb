//! The four cubes of mlcommons/mlcube_examples on a real cluster, every task in order, with a
//! stand-in for their images: the arguments are those of the reference, and the files land where
//! its docker runner puts them below the workspace.

use crate::support::cluster::{
    self, NAMESPACE, TestCube, client, entrypoint, kubeconfig, unique, variable,
};
use crate::support::desk::{bytes, claim_of, remove_claim, tree};
use crate::support::{program, workspace};
use serde_json::json;

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

/// Run the tasks of a cube by one command, from a folder here and back: what must lie in the workspace
/// before, and what comes back.
fn writes_where_the_docker_runner_does(cube: &str, tasks: &str, staged: &[&str], made: &[&str]) {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(there_and_back(cube, tasks, staged, made));
}

async fn there_and_back(cube: &str, tasks: &str, staged: &[&str], made: &[&str]) {
    let (client, claim) = (client().await, unique(&cube.replace('_', "-")));
    let folder = json!({"path": format!("/tmp/{claim}"), "type": "DirectoryOrCreate"});
    claim_of(&client, NAMESPACE, &claim, json!({"hostPath": folder})).await;
    let root = workspace().join("target/tests").join(&claim);
    for (index, file) in staged.iter().enumerate() {
        let path = root.join("here").join(file);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, bytes(1000 + index, 3)).expect("a file");
    }
    let mut command = program();
    command.args(["run", "--mlcube", &format!("tests/cases/cubes/{cube}"), "--task", tasks]);
    command.args([
        &format!("-Pk8s.pvc={claim}"),
        "-Pk8s.workspace=inner",
        "--namespace",
        NAMESPACE,
        "--stage",
        &format!("--fetch={}", root.join("back").display()),
        &format!("--workspace={}", root.join("here").display()),
    ]);
    command
        .args([format!("-Pdocker.image={}", variable("MLCUBE_TEST_IMAGE"))])
        .env("KUBECONFIG", kubeconfig());
    let ended = cluster::Running::start(&mut command).wait();
    assert_eq!(ended.code, Some(0), "{cube}: {ended:#?}");
    let first = tasks.split(',').next().unwrap_or_default();
    assert!(ended.stdout.starts_with(&format!("{first}\n--")), "the task comes first: {ended:#?}");

    // What came back is what lies on the claim, and that is where the docker runner puts it.
    let files: Vec<_> =
        tree(&root.join("back")).into_iter().filter(|(_, told)| told.starts_with("file")).collect();
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    let outputs: Vec<&str> = made.iter().filter(|file| names.contains(file)).copied().collect();
    assert_eq!(names, outputs, "{cube}: {ended:#?}");
    let k8s = format!("{{backoffLimit: 0, pvc: {claim}}}");
    let all = "outputs: {all: {type: directory, default: inner}}";
    let line = format!("cd /mnt/mlcube/{claim}/inner && find . -type f | sort | xargs sha256sum");
    let task = format!("{{main: {{parameters: {{{all}}}, entrypoint: {}}}}}", entrypoint(&line));
    let there = TestCube::new(&k8s, &task).run(&[]);
    let mut expected: Vec<_> = staged.iter().chain(made).copied().collect();
    expected.sort_unstable();
    let lines: Vec<_> =
        there.stdout.lines().map(|line| line.split_once("  ./").expect("a sum")).collect();
    assert_eq!(lines.iter().map(|(_, name)| *name).collect::<Vec<_>>(), expected, "{cube}");
    for (sum, name) in lines {
        let folder = if names.contains(&name) { "back" } else { "here" };
        let path = root.join(folder).join(name);
        if !path.exists() {
            continue;
        }
        let digest = mlcube_k8s::files::digest_of(&path, None).expect("a file");
        assert_eq!(digest.to_string(), sum, "{cube}: {name}");
    }
    let _ = std::fs::remove_dir_all(root);
    remove_claim(&client, &claim).await;
}
