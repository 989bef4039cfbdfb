//! Times in which the cluster cannot be reached, or does not let us watch any more.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use kube::Client;
use mlcube_k8s::cluster::{
    Cluster, ClusterError, ClusterTarget, Interrupts, Logs, Patience, Submission,
};
use mlcube_k8s::event::Event;
use mlcube_k8s::job::{Job, UnderReview};
use serde_json::json;

use crate::support::cluster::{self, Running, TestCube, client, delete_job, patch_job};
use crate::support::forwarder::{Cut, Fault, Forwarder};
use crate::support::program;

/// What makes a cluster that cannot be watched, by name.
const CAUSES: [(&str, Fault); 6] = [
    ("a network that is away", Fault::Refused),
    ("a proxy without a server", Fault::Status(502)),
    ("a server that is starting", Fault::Status(503)),
    ("credentials that are not accepted", Fault::Status(401)),
    ("rights that are lost", Fault::Status(403)),
    ("a server with an error", Fault::Status(500)),
];

/// A forwarder that passes on everything until it is told to break: then open connections end, and
/// new requests have this fault.
fn breakable(fault: Fault) -> (Forwarder, Arc<AtomicBool>) {
    let is_broken = Arc::new(AtomicBool::new(false));
    let now = Arc::clone(&is_broken);
    let forwarder = Forwarder::new(move |asked| match now.load(Ordering::SeqCst) {
        true => fault,
        // Responses do not last, so that a break is felt soon.
        false if asked.is_watch() || asked.is_log() => {
            Fault::Cut(Cut::Closed, usize::MAX, Duration::from_secs(1))
        }
        false => Fault::None,
    });
    (forwarder, is_broken)
}

/// It is told while it lasts, once, with what is done; its end is told, and nothing is lost.
#[test]
#[ignore = "needs a cluster: cargo xtask test"]
fn an_outage_is_told_while_it_lasts() {
    std::thread::scope(|scope| {
        for (name, fault) in CAUSES {
            scope.spawn(move || {
                let cube = TestCube::shell("sleep 12; echo done");
                let (forwarder, is_broken) = breakable(fault);
                let mut command = cube.command("run");
                command.arg("--kubeconfig").arg(forwarder.kubeconfig(&cube));
                let mut running = Running::start(&mut command);
                running.until_told("started");
                is_broken.store(true, Ordering::SeqCst);
                running.until_told("outage    the Job cannot be watched: ");
                is_broken.store(false, Ordering::SeqCst);
                running.until_told("restored  the Job can be watched again, after ");
                let ended = running.wait();
                ended.check(name, 0, "done\n", &["success", "it is tried again for "]);
                assert_eq!(ended.stderr.matches("outage ").count(), 1, "{name}: {ended:#?}");
            });
        }
    });
}

/// One that does not end is an error in the same words, with the way back.
#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn an_outage_without_end_ends_the_run() {
    let client = client().await;
    let container = json!({
        "name": "main", "image": cluster::variable("MLCUBE_TEST_IMAGE"), "command": ["/bin/sleep", "60"],
    });
    let job = json!({
        "apiVersion": "batch/v1", "kind": "Job", "metadata": {"generateName": "outage-"},
        "spec": {"template": {"spec": {"restartPolicy": "Never", "containers": [container]}}},
    });
    let admitted = UnderReview::new(Job::from_json(job).expect("a Job")).admit();
    let cube = TestCube::shell("true");
    let mut told = Vec::new();
    for (name, fault) in CAUSES {
        let (forwarder, is_broken) = breakable(fault);
        let target = ClusterTarget {
            kubeconfig: Some(forwarder.kubeconfig(&cube)),
            ..ClusterTarget::default()
        };
        let cluster = Cluster::connect(&target).await.expect("a cluster");
        let submission = Submission::new(&admitted);
        let submitted = cluster.submit(&submission, Interrupts::default(), |_| {}).await;
        let submitted = submitted.expect("the Job is created").expect("no signal");
        let patience =
            Patience { longest_outage: Some(Duration::from_secs(4)), ..Patience::default() };
        let observed =
            cluster.observe(&submitted, patience, Logs::default(), |event| match event {
                Event::PodScheduled { .. } => is_broken.store(true, Ordering::SeqCst),
                Event::Outage { .. } => told.push(name),
                _ => {}
            });
        let error = observed.await.expect_err(name);
        assert!(matches!(error, ClusterError::Lost { .. }), "{name}: {error}");
        let words = format!("Job `{}` could not be watched for ", submitted.name());
        assert!(error.to_string().starts_with(&words), "{name}: {error}");
        let hint = error.hint().expect("a hint");
        assert!(hint.contains("follows it") && hint.contains("--kubeconfig="), "{name}: {hint}");
        delete_job(&client, submitted.name()).await;
    }
    assert_eq!(told, CAUSES.map(|(name, _)| name), "each is told once");
}

/// A command for the last run of a cube, through a forwarder.
fn told_through(cube: &TestCube, forwarder: &Forwarder, words: &[&str]) -> Running {
    let mut command = program();
    command.args(words).arg("--kubeconfig").arg(forwarder.kubeconfig(cube));
    Running::start(&mut command)
}

/// The Job of a cube that runs it to its end, or only begins it.
async fn started(cube: &TestCube, client: &Client, is_over: bool) -> String {
    let how: &[&str] = if is_over { &[] } else { &["--detach"] };
    cube.run(how).check("run", 0, if is_over { "one\ntwo\n" } else { "" }, &[]);
    cube.job(client).await
}

/// `cancel` and `delete` take up what fails, and say what keeps a Job that they ask to be removed.
#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn an_outage_does_not_end_a_removal() {
    let client = client().await;
    let rows = [("cancel", false, "cancelled Job "), ("delete", true, "removed   Job ")];
    for (verb, is_over, told) in rows {
        let cube = TestCube::shell("echo one; echo two");
        let job = started(&cube, &client, is_over).await;
        let finalizers = json!({"metadata": {"finalizers": ["example.com/keep"]}});
        patch_job(&client, &job, finalizers).await;
        let is_broken = Arc::new(AtomicBool::new(true));
        let now = Arc::clone(&is_broken);
        let forwarder = Forwarder::new(move |asked| match now.load(Ordering::SeqCst) {
            true if asked.method == "DELETE" => Fault::Refused,
            _ => Fault::None,
        });
        let mut running = told_through(&cube, &forwarder, &[verb, &job]);
        running.until_told("outage    the Job cannot be watched: ");
        is_broken.store(false, Ordering::SeqCst);
        running.until_told("restored  the Job can be watched again, after ");
        running.until_told("its finalizer `example.com/keep` keeps it there");
        patch_job(&client, &job, json!({"metadata": {"finalizers": null}})).await;
        let ended = running.wait();
        ended.check(verb, 0, "", &[told, "it is tried again for "]);
        assert_eq!(ended.stderr.matches("keeps it there").count(), 1, "{ended:#?}");
        assert!(cube.jobs(&client).await.is_empty());
    }
}

/// So does the wait until a Job is gone.
#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn an_outage_does_not_end_the_wait_for_a_removal() {
    let client = client().await;
    let cube = TestCube::shell("sleep 60");
    let job = started(&cube, &client, false).await;
    patch_job(&client, &job, json!({"metadata": {"finalizers": ["example.com/keep"]}})).await;
    let (forwarder, is_broken) = breakable(Fault::Status(502));
    let mut running = told_through(&cube, &forwarder, &["cancel", &job]);
    running.until_told("its finalizer `example.com/keep` keeps it there");
    is_broken.store(true, Ordering::SeqCst);
    running.until_told("outage    the Job cannot be watched: ");
    patch_job(&client, &job, json!({"metadata": {"finalizers": null}})).await;
    is_broken.store(false, Ordering::SeqCst);
    running.wait().check("cancel", 0, "", &["restored  the Job can be watched", "cancelled Job "]);
}

/// A log that breaks off, and is not to be had for a while, is printed whole and once.
#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn an_outage_does_not_end_what_is_printed_of_a_log() {
    let client = client().await;
    for cut in [Cut::Reset, Cut::Closed, Cut::Clean] {
        let cube = TestCube::shell("echo one; sleep 1; echo two");
        let job = started(&cube, &client, true).await;
        let is_broken = Arc::new(AtomicBool::new(true));
        let now = Arc::clone(&is_broken);
        let forwarder = Forwarder::new(move |asked| match asked.is_log() {
            true if asked.before == 0 => Fault::Cut(cut, 40, Duration::from_secs(1)),
            true if now.load(Ordering::SeqCst) => Fault::Status(503),
            _ => Fault::None,
        });
        let mut running = told_through(&cube, &forwarder, &["logs", &job]);
        running.until_told("outage    the Job cannot be watched: ");
        is_broken.store(false, Ordering::SeqCst);
        running.wait().check("logs", 0, "one\ntwo\n", &["restored  the Job can be watched"]);
    }
}
