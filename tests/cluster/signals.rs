//! Signals, closed pipes, and the way back to a Job that the program leaves behind.

use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use kube::config::Kubeconfig;
use serde_json::Value;

use crate::support::cluster::{
    self, Running, TestCube, client, command_behind, delete_job, entrypoint, paste, until,
};
use crate::support::forwarder::{Asked, Fault, Forwarder};

/// A container that runs until it is told to end.
const FOR_EVER: &str = "trap 'exit 0' TERM; echo runs; while true; do sleep 0.1; done";

/// The kubeconfig of the cluster, where only a shell's quotes reach it, and its context.
fn quoted_kubeconfig(cube: &TestCube) -> (PathBuf, String) {
    let mut kubeconfig = Kubeconfig::read_from(cluster::kubeconfig()).expect("the kubeconfig");
    let context = "the lab's cluster; $(exit)".to_owned();
    kubeconfig.contexts[0].name.clone_from(&context);
    kubeconfig.current_context = None;
    let path = cube.path.join("my lab's $config");
    std::fs::write(&path, serde_json::to_string(&kubeconfig).expect("JSON")).expect("a file");
    (path, context)
}

/// The first signal detaches, and what is told leads back, with the flags that were given.
#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn a_signal_detaches_and_the_way_back_works() {
    let client = client().await;
    for (signal, code) in [("INT", 130), ("TERM", 143), ("HUP", 129)] {
        let cube = TestCube::shell(FOR_EVER);
        let (kubeconfig, context) = quoted_kubeconfig(&cube);
        let mut command = cube.command("run");
        command.env_remove("KUBECONFIG").arg("--kubeconfig").arg(&kubeconfig);
        let mut running = Running::start(command.args(["--context", &context]));
        running.until_told("started");
        running.signal(signal);
        let ended = running.wait();
        assert_eq!(ended.code, Some(code), "{signal}: {ended:#?}");
        let told = "detached  the Job of task `main` keeps running";
        assert!(ended.stderr.contains(told), "{signal}: {ended:#?}");
        assert_eq!(cube.jobs(&client).await.len(), 1, "{signal}: the Job goes on");
        assert!(command_behind(&ended.stderr, "follow it:").contains("--kubeconfig="));
        let stop = command_behind(&ended.stderr, "stop it:");
        let pasted = paste(stop, &cube);
        assert!(pasted.status.success(), "{signal}: {stop}: {pasted:#?}");
        until("the Job is gone", async || cube.jobs(&client).await.is_empty().then_some(())).await;
    }
}

/// `nohup`, and a script that starts the program in the background.
#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn a_signal_that_is_ignored_stays_so() {
    let client = client().await;
    let cube = TestCube::shell(FOR_EVER);
    let run = cube.command("run");
    let mut shell = Command::new("sh");
    shell.args(["-c", "trap '' HUP INT; exec \"$@\"", "sh"]).arg(run.get_program());
    shell.args(run.get_args()).env("KUBECONFIG", cluster::kubeconfig());
    let mut running = Running::start(&mut shell);
    running.until_told("started");
    running.signal("HUP");
    running.signal("INT");
    let job = cube.job(&client).await;
    delete_job(&client, &job).await;
    running.wait().check("ignored", 7, "runs\n", &["deleted"]);
}

/// A signal may come at any moment between two tasks: no Job is created after it in silence.
#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn a_signal_between_two_tasks_ends_the_run() {
    let client = client().await;
    let task = |line| format!("{{entrypoint: {}}}", entrypoint(line));
    let tasks = format!("{{one: {}, two: {}}}", task("true"), task(FOR_EVER));
    for moment in ["ended", "success", "success", "success", "success"] {
        let cube = TestCube::new("{backoffLimit: 0}", &tasks);
        let mut running = cube.start(&["--task", "one,two"]);
        running.until_told(moment);
        running.signal("INT");
        let ended = running.wait();
        assert_eq!(ended.code, Some(130), "{moment}: {ended:#?}");
        let jobs = cube.jobs(&client).await;
        let is_told = match jobs.len() {
            1 => ended.stderr.contains("task `two` was not submitted"),
            _ => ended.stderr.contains("detached  the Job of task `two` keeps running"),
        };
        assert!(is_told, "{moment}: {} Jobs: {ended:#?}", jobs.len());
        for job in jobs {
            delete_job(&client, &job.metadata.name.expect("a name")).await;
        }
    }
}

/// A forwarder that lets requests of a kind wait for ever.
fn stuck(is_stuck: impl Fn(&Asked<'_>) -> bool + Send + Sync + 'static) -> Forwarder {
    Forwarder::new(move |asked| if is_stuck(asked) { Fault::Stuck } else { Fault::None })
}

#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn a_signal_before_the_first_job_ends_the_program() {
    let cube = TestCube::shell("true");
    let forwarder = stuck(|asked| asked.path.contains("selfsubjectaccessreviews"));
    let kubeconfig = forwarder.kubeconfig(&cube).display().to_string();
    let mut running = cube.start(&["--kubeconfig", &kubeconfig]);
    running.until_told("policies  none");
    running.signal("TERM");
    running.wait().check("early", 143, "", &["stopped   by SIGTERM: nothing was submitted"]);
    assert!(cube.jobs(&client().await).await.is_empty());
}

/// The second signal does not wait for the answer to the creation.
#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn the_second_signal_does_not_wait() {
    let client = client().await;
    let cube = TestCube::shell(FOR_EVER);
    let forwarder = stuck(|asked| asked.is_creation());
    let kubeconfig = forwarder.kubeconfig(&cube).display().to_string();
    let running = cube.start(&["--kubeconfig", &kubeconfig]);
    let job = cube.job(&client).await;
    running.signal("INT");
    std::thread::sleep(Duration::from_millis(200));
    let start = Instant::now();
    running.signal("INT");
    let ended = running.wait();
    assert!(start.elapsed() < Duration::from_secs(30), "{ended:#?}");
    let told = format!("stopped   by SIGINT: Job {job} of task `main` was being created");
    ended.check("twice", 130, "", &[&told, "look:"]);
    delete_job(&client, &job).await;
}

/// Nobody reads what the task writes, so the program cannot go on: it ends all the same.
#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn a_reader_that_sleeps_keeps_nobody() {
    let client = client().await;
    let cube = TestCube::shell("yes");
    let mut running = cube.start(&[]);
    running.until_told("started");
    std::thread::sleep(Duration::from_secs(2));
    running.signal("TERM");
    std::thread::sleep(Duration::from_millis(200));
    running.signal("TERM");
    assert_eq!(running.wait_without_reading(Duration::from_secs(20)), Some(143));
    delete_job(&client, &cube.job(&client).await).await;
}

/// Without a reader the Job is watched to its end, and the lines are not lost.
#[test]
#[ignore = "needs a cluster: cargo xtask test"]
fn a_closed_pipe_is_told_with_the_way_back() {
    let cube = TestCube::shell("sleep 1; echo one; echo two");
    let mut running = cube.start(&[]);
    running.close_stdout();
    let told = ["cannot write to standard output", "follow it:", "success   task `main`"];
    running.wait().check("closed", 10, "", &told);
}

/// The events of JSON say the same.
#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn json_has_the_way_back() {
    let client = client().await;
    let cube = TestCube::shell(FOR_EVER);
    let running = cube.start(&["-o", "json"]);
    let job = cube.job(&client).await;
    until("it runs", async || cube.jobs(&client).await.pop()?.status?.ready.filter(|n| *n == 1))
        .await;
    running.signal("INT");
    let ended = running.wait();
    assert_eq!(ended.code, Some(130), "{ended:#?}");
    let last: Value = ended.stdout.lines().last().expect("events").parse().expect("JSON");
    assert_eq!((&last["event"], &last["job"]), (&"finished".into(), &job.clone().into()));
    let stop = last["stop"].as_str().expect("a command");
    assert!(stop.contains(&job), "{stop}");
    delete_job(&client, &job).await;
}
