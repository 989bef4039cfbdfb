//! The four cubes of mlcommons/mlcube_examples on a real cluster, every task in order, with a stand-in for their images: the
//! arguments are those of the reference, and the files land where its docker runner puts them below the workspace.

mod support;
#[path = "support/cluster.rs"]
mod testbed;

use testbed::{NAMESPACE, TestCube, entrypoint, kubeconfig, unique, variable};

/// A cube: its tasks, what must lie in the workspace before, what lies there afterwards.
struct Row {
    cube: &'static str,
    tasks: &'static str,
    staged: &'static [&'static str],
    made: &'static [&'static str],
}

const ROWS: [Row; 4] = [
    Row {
        cube: "mnist",
        tasks: "download,train",
        staged: &["data.yaml", "train.yaml"],
        made: &["data/made", "logs/made", "model/made"],
    },
    Row { cube: "matmul", tasks: "matmul", staged: &["shapes.yaml"], made: &["matmul.txt"] },
    Row { cube: "hello_world", tasks: "hello,bye", staged: &["names/alice.txt"], made: &["chats/chat_with_alice.txt"] },
    Row {
        cube: "emdenoise",
        tasks: "download,preprocess,train,test",
        staged: &["parameters/default.parameters.yaml"],
        made: &["data/made", "logs/made", "model/made", "output/made", "raw_data/made"],
    },
];

#[test]
#[ignore = "needs a cluster: cargo xtask test"]
fn cubes_write_where_the_docker_runner_does() {
    for row in ROWS {
        let workspace = unique(&row.cube.replace('_', "-"));
        let shell = |line: String| {
            let k8s = "{backoffLimit: 0, pvc: mlcube-output}";
            // The one parameter has the claim mounted.
            let all = format!("outputs: {{all: {{type: directory, default: {workspace}}}}}");
            let task = format!("{{main: {{parameters: {{{all}}}, entrypoint: {}}}}}", entrypoint(&line));
            TestCube::new(k8s, &task).run(&[])
        };
        let root = format!("/mnt/mlcube/mlcube-output/{workspace}");
        let stage =
            row.staged.iter().map(|file| format!("mkdir -p $(dirname {root}/{file}); echo staged > {root}/{file}; "));
        shell(stage.collect()).check(row.cube, 0, "", &[]);

        let mut command = support::program();
        command.args(["run", "--mlcube", &format!("tests/cases/cubes/{}", row.cube), "--task", row.tasks]);
        command.args(["-Pk8s.pvc=mlcube-output", &format!("-Pk8s.workspace={workspace}"), "--namespace", NAMESPACE]);
        command.args([format!("-Pdocker.image={}", variable("MLCUBE_TEST_IMAGE"))]).env("KUBECONFIG", kubeconfig());
        let ended = testbed::Running::start(&mut command).wait();
        assert_eq!(ended.code, Some(0), "{}: {ended:#?}", row.cube);
        let first = row.tasks.split(',').next().unwrap_or_default();
        assert!(ended.stdout.starts_with(&format!("{first}\n--")), "the task comes first: {ended:#?}");

        let mut expected: Vec<_> = row.staged.iter().chain(row.made).map(|file| format!("./{file}\n")).collect();
        expected.sort();
        shell(format!("cd {root} && find . -type f | sort")).check(row.cube, 0, &expected.concat(), &[]);
    }
}
