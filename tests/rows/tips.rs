//! What people type from the habit of other programs. Each row is typed, told a tip, and the tip is
//! pasted into a shell in place of it: then the program does what was meant.

use std::process::{Command, Output};

use libtest_mimic::Trial;

use crate::support::{self, workspace};
use crate::trials;

/// What is typed after the command; what the tip names instead; what the Job then holds.
type Row = (&'static str, &'static str, &'static str);

const ROWS: [Row; 40] = [
    ("-ttrain", "--task=train", "- train"),
    ("-t train", "--task=train", "- train"),
    ("--tasks train", "--task=train", "- train"),
    ("--task-name=train", "--task=train", "- train"),
    ("-f tests/cases/documented", "--mlcube=tests/cases/documented", "- train"),
    (
        "--file=tests/cases/documented/mlcube.yaml",
        "--mlcube=tests/cases/documented/mlcube.yaml",
        "- train",
    ),
    ("--env LEVEL=debug", "-Pk8s.env.LEVEL=debug", "value: debug"),
    ("--env=LEVEL=3", "'-Pk8s.env.LEVEL=\"3\"'", "value: \"3\""),
    ("-e LEVEL=yes", "'-Pk8s.env.LEVEL=\"yes\"'", "value: \"yes\""),
    ("-e 'LEVEL=a b'", "'-Pk8s.env.LEVEL=\"a b\"'", "value: a b"),
    ("-e LEVEL=", "'-Pk8s.env.LEVEL=\"\"'", "value: \"\""),
    ("-e \"LEVEL=it's\"", "'-Pk8s.env.LEVEL=\"it'\\''s\"'", "value: it's"),
    ("--image team/mnist:2", "-Pdocker.image=team/mnist:2", "image: team/mnist:2"),
    ("-i team/mnist:2", "-Pdocker.image=team/mnist:2", "image: team/mnist:2"),
    ("--pvc data", "-Pk8s.pvc=data", "claimName: data"),
    ("--claim=data", "-Pk8s.pvc=data", "claimName: data"),
    ("--create-pvc", "--create-claims", "- train"),
    ("--gpu 2", "--gpus=2", "nvidia.com/gpu: \"2\""),
    ("-g 2", "--gpus=2", "nvidia.com/gpu: \"2\""),
    ("--cpus=2", "--cpu=2", "cpu: \"2\""),
    ("-m 8g", "--memory=8g", "memory: 8Gi"),
    ("--mem 8g", "--memory=8g", "memory: 8Gi"),
    ("--memry=8g", "--memory=8g", "memory: 8Gi"),
    ("--cleanup", "--rm", "- train"),
    ("--ttl 60", "-Pk8s.ttlSecondsAfterFinished=60", "ttlSecondsAfterFinished: 60"),
    ("--service-account robot", "-Pk8s.serviceAccountName=robot", "serviceAccountName: robot"),
    ("--sa=robot", "-Pk8s.serviceAccountName=robot", "serviceAccountName: robot"),
    ("--pull always", "-Pk8s.imagePullPolicy=Always", "imagePullPolicy: Always"),
    ("--data_dir=mine", "data_dir=mine", "mine"),
    ("--data_dir mine", "data_dir=mine", "mine"),
    ("'--data_dir=my data'", "'data_dir=my data'", "my data"),
    ("--background", "--detach", "- train"),
    ("--no-wait", "--detach", "- train"),
    ("--silent", "--quiet", "- train"),
    ("--quite", "--quiet", "- train"),
    ("--debug", "--verbose", "- train"),
    ("--kube-context=nowhere", "--context=nowhere", "- train"),
    ("--namspace=team", "--namespace=team", "namespace: team"),
    ("--json", "--output=json", "\"batch/v1\""),
    ("--format json", "--output=json", "\"batch/v1\""),
];

/// What is left out: the run is what was meant without it.
const SUPERFLUOUS: [&str; 14] = [
    "--wait",
    "--watch",
    "-w",
    "--follow",
    "--attach",
    "--tail=5",
    "--since 5m",
    "--name=x",
    "--yes",
    "-y",
    "--interactive",
    "--tty",
    "--container main",
    "--runner=k8s",
];

pub fn all() -> Vec<Trial> {
    let mut all = trials("tips/followed", ROWS, |row| row.0, follow);
    all.extend(trials(
        "tips/left-out",
        SUPERFLUOUS,
        |typed| *typed,
        |typed| {
            let told = told(&run(typed));
            assert!(told.contains("tip: leave it out: "), "{told}");
        },
    ));
    all
}

fn follow((typed, instead, made): Row) {
    let told = told(&run(typed));
    let code = format!("`{instead}`");
    assert!(told.contains(&code), "{code} is not in: {told}");
    let ended = run(instead);
    let job = String::from_utf8_lossy(&ended.stdout);
    assert!(ended.status.success(), "{instead}: {}", self::told(&ended));
    assert!(job.contains(made), "`{made}` is not in: {job}");
}

/// Type more behind a run that stops before the cluster.
fn run(more: &str) -> Output {
    let program = support::program();
    let cube = if more.contains("documented") { "" } else { "--mlcube tests/cases/documented" };
    let line = format!("exec \"$0\" run --dry-run {cube} {more}");
    let mut shell = Command::new("sh");
    shell.args(["-c", &line]).arg(program.get_program()).current_dir(workspace());
    shell.env("HOME", support::home()).env_remove("MLCUBE_K8S_POLICIES").env_remove("KUBECONFIG");
    shell.env_remove("XDG_CONFIG_HOME").env_remove("XDG_CACHE_HOME");
    shell.output().expect("a shell starts")
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
