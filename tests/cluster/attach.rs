//! Coming back to a run: from the same machine and from another, while it goes on and when it is
//! over.

use std::process::Command;

use serde_json::{Value, json};

use crate::support::cluster::{
    Ended, Running, TestCube, client, command_behind, delete_job, entrypoint, paste, patch_job,
    unique, until, variable,
};
use crate::support::program;

/// A machine: a journal of its own.
struct Machine<'a> {
    cube: &'a TestCube,
    state: String,
}

impl<'a> Machine<'a> {
    fn new(cube: &'a TestCube) -> Self {
        Self { cube, state: cube.path.join(unique("state")).display().to_string() }
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = match words[0] {
            "run" => self.cube.command("run"),
            _ => program(),
        };
        let words = if words[0] == "run" { &words[1..] } else { words };
        command.args(words).env("KUBECONFIG", crate::support::cluster::kubeconfig());
        command.env("MLCUBE_K8S_STATE", &self.state);
        command
    }

    fn start(&self, words: &[&str]) -> Running {
        Running::start(&mut self.command(words))
    }

    fn tell(&self, words: &[&str]) -> Ended {
        self.start(words).wait()
    }

    /// Submit a Job and return; gives its name.
    fn detached(&self) -> String {
        self.detached_with(&[])
    }

    /// The same, with more words.
    fn detached_with(&self, more: &[String]) -> String {
        let words = ["run", "--detach"].into_iter().chain(more.iter().map(String::as_str));
        let ended = self.tell(&words.collect::<Vec<_>>());
        ended.check("detach", 0, "", &["detached  the Job of task `main` keeps running"]);
        let follow = command_behind(&ended.stderr, "follow it:");
        follow.split(' ').nth(2).expect("a name").to_owned()
    }
}

/// The lines, the verdict and the exit code are those of `run`.
#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn attach_tells_what_run_tells() {
    let rows = [
        ("echo one; sleep 3; echo two", 0, 0, "one\ntwo\n", "success   task `main`"),
        ("echo bad; sleep 3; exit 3", 1, 3, "bad\n", "failure   task `main`: container"),
    ];
    for (line, code, own, stdout, told) in rows {
        let cube = TestCube::shell(line);
        let (here, elsewhere) = (Machine::new(&cube), Machine::new(&cube));
        let job = here.detached();
        // While it goes on, by its name, from another machine; then from here, the last.
        elsewhere.tell(&["attach", &job]).check(line, code, stdout, &["attached  to Job", told]);
        here.tell(&["attach"]).check(line, code, stdout, &[told]);
        here.tell(&["attach", "--propagate"]).check(line, own, stdout, &[told]);
        here.tell(&["logs"]).check(line, 0, stdout, &[]);
        here.tell(&["logs", "--follow", &job]).check(line, code, stdout, &[]);
        here.tell(&["run"]).check(line, code, stdout, &[told]);
    }
}

/// The time of a run is that of the cluster, whoever comes to it, and however late.
#[test]
#[ignore = "needs a cluster: cargo xtask test"]
fn attach_tells_the_time_of_the_whole_run() {
    let cube = TestCube::shell("sleep 4");
    let (here, elsewhere) = (Machine::new(&cube), Machine::new(&cube));
    // The cluster's times are whole seconds, and a phase of none is not told.
    let waiting =
        json!([{"name": "w", "image": variable("MLCUBE_TEST_IMAGE"), "command": ["sleep", "2"]}]);
    let job = here.detached_with(&cube.added("/spec/template/spec/initContainers", &waiting));
    let ended = elsewhere.tell(&["attach", &job]);
    ended.check("while it runs", 0, "", &["\ntime      ", ", ran "]);
    let ended = elsewhere.tell(&["attach", "-o", "json", &job]);
    let last = ended.stdout.lines().last().expect("events");
    let last: Value = serde_json::from_str(last).expect("JSON");
    assert_eq!((&last["event"], &last["tries"]), (&"finished".into(), &1.into()), "{last:#}");
    let ran = last["phases"]["ran"].as_f64().expect("seconds");
    let total = last["seconds"].as_f64().expect("seconds");
    // The cluster's times are whole seconds.
    assert!(ran >= 3.0 && total >= ran, "{last:#}");
}

/// What is pasted leads back, also as kubectl's plugin.
#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn what_is_pasted_leads_back() {
    let client = client().await;
    let kubeconfig = crate::support::cluster::kubeconfig().display().to_string();
    for name in ["mlcube-k8s", "kubectl-mlcube"] {
        let cube = TestCube::shell("echo one; sleep 1; echo two");
        // To make the programs that a shell finds.
        paste("true", &cube);
        let mut run = Command::new(cube.path.join("bin").join(name));
        run.args(["run", "--detach", "--kubeconfig", &kubeconfig, "--mlcube"]).arg(&cube.path);
        let ended = Running::start(run.env("HOME", &cube.path)).wait();
        assert_eq!(ended.code, Some(0), "{ended:#?}");
        let follow = command_behind(&ended.stderr, "follow it:");
        assert!(follow.starts_with(&name.replace("kubectl-", "kubectl ")), "{follow}");
        let pasted = paste(follow, &cube);
        assert!(pasted.status.success(), "{follow}: {pasted:#?}");
        assert_eq!(String::from_utf8_lossy(&pasted.stdout), "one\ntwo\n");
        let stop = command_behind(&ended.stderr, "stop it:");
        let pasted = paste(stop, &cube);
        let told = String::from_utf8_lossy(&pasted.stderr).into_owned();
        assert!(pasted.status.success() && told.contains("has ended before: succeeded"), "{told}");
        let pasted = paste(command_behind(&told, "remove it:"), &cube);
        assert!(pasted.status.success(), "{pasted:#?}");
        until("it is gone", async || cube.jobs(&client).await.is_empty().then_some(())).await;
    }
}

#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn a_run_is_listed_shown_cancelled_and_gone() {
    let client = client().await;
    let cube = TestCube::unschedulable();
    let (here, elsewhere) = (Machine::new(&cube), Machine::new(&cube));
    let job = here.detached();
    let listed = elsewhere.tell(&["list"]);
    assert_eq!(listed.code, Some(0), "{listed:#?}");
    let line = listed.stdout.lines().find(|line| line.contains(&job)).expect("it is listed");
    assert!(line.contains("pending") && line.contains("main"), "{line}");
    let listed = elsewhere.tell(&["list", "-o", "json"]);
    let runs: Vec<Value> = serde_json::from_str(&listed.stdout).expect("JSON");
    let run = runs.iter().find(|run| run["job"] == *job).expect("it is listed");
    assert_eq!((&run["task"], &run["state"]), (&"main".into(), &"pending".into()));
    until("its Pod waits", async || {
        here.tell(&["status"]).stdout.contains("Unschedulable").then_some(())
    })
    .await;
    let status = here.tell(&["status", "-o", "json"]);
    let status: Value = serde_json::from_str(&status.stdout).expect("JSON");
    assert_eq!((&status["job"], &status["pods"][0]["node"]), (&job.clone().into(), &Value::Null));
    // Without a journal nobody is taken for the last, and a name must be right.
    let told = ["error: no run was started from here", &format!("`{job}`")];
    elsewhere.tell(&["cancel"]).check("no last", 2, "", &told);
    let misspelt = format!("{job}x");
    let told =
        [&*format!("error: there is no run `{misspelt}`"), &format!("did you mean `{job}`?")];
    elsewhere.tell(&["attach", &misspelt]).check("misspelt", 2, "", &told);
    let told = [&*format!("error: Job `{job}` still goes on"), "cancel"];
    here.tell(&["delete"]).check("still there", 2, "", &told);
    let mut watching = elsewhere.start(&["attach", &job]);
    watching.until_told("attached  to Job");
    here.tell(&["cancel"]).check("cancel", 0, "", &["cancelled Job ", "is kept"]);
    assert!(cube.jobs(&client).await.is_empty());
    watching.wait().check("cancelled by another", 7, "", &["deleted"]);
    let told = [&*format!("error: the last run from here, `{job}`, is no longer there")];
    here.tell(&["status"]).check("gone", 2, "", &told);
}

#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn a_job_is_removed_on_success_and_on_success_alone() {
    let client = client().await;
    for (line, code, left) in [("true", 0, 0), ("exit 3", 1, 1)] {
        let cube = TestCube::shell(line);
        Machine::new(&cube).tell(&["run", "--rm"]).check(line, code, "", &[]);
        until("it is removed, or stays", async || {
            (cube.jobs(&client).await.len() == left).then_some(())
        })
        .await;
    }
}

/// One that is kept is not called removed, and is not waited for.
#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn a_job_that_is_kept_is_not_called_removed() {
    let client = client().await;
    let cube = TestCube::shell("echo done");
    let added = cube.added("/metadata/finalizers", &json!(["example.com/keep"]));
    let mut command = Machine::new(&cube).command(&["run", "--rm"]);
    let ended = Running::start(command.args(added)).wait();
    let told = ["success", "stays until its finalizer `example.com/keep` is taken away"];
    ended.check("kept", 0, "done\n", &told);
    assert!(!ended.stderr.contains("removed   Job"), "{ended:#?}");
    let job = cube.job(&client).await;
    patch_job(&client, &job, json!({"metadata": {"finalizers": null}})).await;
    until("it is gone", async || cube.jobs(&client).await.is_empty().then_some(())).await;
}

#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn a_signal_cancels_where_that_is_asked_for() {
    let client = client().await;
    let cube = TestCube::shell("trap 'exit 0' TERM; echo runs; while true; do sleep 0.1; done");
    let mut running = Machine::new(&cube).start(&["run", "--on-interrupt=cancel"]);
    running.until_told("started");
    running.signal("INT");
    let ended = running.wait();
    assert_eq!(ended.code, Some(130), "{ended:#?}");
    for told in ["cancel    the Pods of Job ", "cancelled Job "] {
        assert!(ended.stderr.contains(told), "{told}: {ended:#?}");
    }
    assert!(cube.jobs(&client).await.is_empty());
}

/// It is a note: the run goes on beside the other.
#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn the_same_command_is_told_of_its_last_run() {
    let client = client().await;
    let task = |line: &str| format!("{{entrypoint: {}}}", entrypoint(line));
    let tasks = format!("{{main: {}, other: {}}}", task("sleep 4"), task("true"));
    let cube = TestCube::new("{backoffLimit: 0}", &tasks);
    let here = Machine::new(&cube);
    let job = here.tell(&["run", "--detach", "--task", "main"]);
    let job =
        command_behind(&job.stderr, "follow it:").split(' ').nth(2).expect("a name").to_owned();
    let told = format!(
        "warning   task `main` of this cube still goes on as {job}: `mlcube-k8s attach {job} "
    );
    let other = here.tell(&["run", "--task", "other"]);
    assert!(other.code == Some(0) && !other.stderr.contains("still goes on"), "{other:#?}");
    here.tell(&["run", "--task", "main"]).check("again", 0, "", &[&told, "success"]);
    assert_eq!(cube.jobs(&client).await.len(), 3);
    // Both are over now.
    let ended = here.tell(&["run", "--task", "main"]);
    assert!(ended.code == Some(0) && !ended.stderr.contains("still goes on"), "{ended:#?}");
}

/// A journal is a help, and no condition.
#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn a_journal_that_cannot_be_written_stops_no_run() {
    let cube = TestCube::shell("echo done");
    let ended = Running::start(cube.command("run").env("MLCUBE_K8S_STATE", "/proc/nowhere")).wait();
    ended.check(
        "no journal",
        0,
        "done\n",
        &["warning   runs cannot be noted in `/proc/nowhere/runs`"],
    );
    assert_eq!(ended.stderr.matches("cannot be noted").count(), 1, "{ended:#?}");
    let client = client().await;
    delete_job(&client, &cube.job(&client).await).await;
}
