//! Submissions through a network that cuts, delays, doubles and answers what it likes, and programs
//! that are killed meanwhile: there is one Job each, never two, and what is claimed is true.
//! `MLCUBE_SUBMISSIONS` says how many are tried, `MLCUBE_SUBMISSIONS_SEED` which.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use k8s_openapi::api::batch::v1::Job as BatchJob;
use k8s_openapi::api::core::v1::Namespace;
use kube::api::{DeleteParams, ListParams, PostParams};
use kube::{Api, Client};
use mlcube_k8s::cluster::{
    Bounds, Cluster, ClusterError, ClusterTarget, Interrupts, Submission, Submitted,
};
use mlcube_k8s::job::{Admitted, Job, UnderReview};
use serde_json::json;

use crate::support::cluster::{self, TestCube, client, unique};
use crate::support::dice::Dice;
use crate::support::forwarder::{Asked, Cut, Fault, Forwarder};

const COUNT: &str = "MLCUBE_SUBMISSIONS";
const SEED: &str = "MLCUBE_SUBMISSIONS_SEED";
/// How many are tried at least, and in one namespace.
const ROUND: usize = 1_000;
/// How many are under way at once.
const AT_ONCE: usize = 24;
/// The longest time after which a request that was let go of reaches the server.
const LATE: u64 = 250;
/// The requests at which a program is killed: of those from the first on, and of those from the
/// creation on, which are the creation itself, a list and two watches.
const CHECKS: usize = 3;
const WATCHES: usize = 4;
const LONG: Duration = Duration::from_secs(3600);
const BOUNDS: Bounds = Bounds {
    answer: Duration::from_millis(400),
    total: Duration::from_millis(1_500),
    pause: Duration::from_millis(10),
    grace: Duration::from_millis(200),
};
const QUOTA: &str = r#"{"kind":"Status","status":"Failure","code":409,"reason":"Conflict","message":"Operation cannot be fulfilled on resourcequotas: the object has been modified"}"#;
const NO_QUOTA: &str = r#"{"kind":"Status","status":"Failure","code":403,"reason":"Forbidden","message":"exceeded quota"}"#;

/// What becomes of a request of a submission.
fn fault(dice: &mut Dice, asked: &Asked<'_>) -> Fault {
    let time = Duration::from_millis(dice.below(LATE as usize) as u64);
    let cut = *dice.pick(&[Cut::Clean, Cut::Closed, Cut::Reset, Cut::Silent]);
    let cut = Fault::Cut(cut, dice.below(600), LONG);
    let code = *dice.pick(&[500, 502, 503, 504]);
    let anywhere = [Fault::None, Fault::None, Fault::Refused, Fault::Status(code), cut];
    let creation = [
        Fault::Answered(code),
        Fault::Says(429, Some(0), "Too many requests, please try again later."),
        Fault::Says(503, None, ""),
        Fault::Says(409, None, QUOTA),
        Fault::Twice,
        Fault::Slow(time),
        Fault::Late(time),
        Fault::Stuck,
    ];
    if asked.is_creation() && dice.below(100) == 0 {
        return Fault::Says(403, None, NO_QUOTA);
    }
    match asked.is_creation() && dice.below(3) > 0 {
        true => *dice.pick(&creation),
        false => *dice.pick(&anywhere),
    }
}

/// A future that is dropped after so many polls, as if its program were killed there.
struct Killed<F>(Pin<Box<F>>, usize);

impl<F: Future> Future for Killed<F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if self.1 == 0 {
            return Poll::Ready(None);
        }
        self.1 -= 1;
        self.0.as_mut().poll(context).map(Some)
    }
}

/// What a submission claimed in the end, if it lived.
type Claim = Option<Result<Option<Submitted>, ClusterError>>;

/// A Job that makes no Pods.
fn suspended() -> Admitted {
    let container = json!({"name": "main", "image": "none"});
    let job = json!({
        "apiVersion": "batch/v1", "kind": "Job", "metadata": {"generateName": "try-"},
        "spec": {"suspend": true, "template": {
            "spec": {"restartPolicy": "Never", "containers": [container]},
        }},
    });
    UnderReview::new(Job::from_json(job).expect("a Job")).admit()
}

/// A namespace for a round; its removal is not waited for.
async fn namespace(client: &Client) -> String {
    let name = unique("submissions");
    let namespace: Namespace =
        serde_json::from_value(json!({"metadata": {"name": name}})).expect("a namespace");
    let all: Api<Namespace> = Api::all(client.clone());
    all.create(&PostParams::default(), &namespace).await.expect("a namespace can be made");
    name
}

/// Try `count` submissions, and check what became of each. Gives how many there are of each claim.
async fn round(client: &Client, seed: u64, count: usize) -> BTreeMap<&'static str, usize> {
    let namespace = namespace(client).await;
    let (admitted, cube) = (suspended(), TestCube::shell("true"));
    let dice: Arc<Mutex<BTreeMap<String, Dice>>> = Arc::default();
    let known = Arc::clone(&dice);
    let forwarder = Forwarder::new(move |asked| {
        let mut known = known.lock().expect("no panic");
        let dice = asked.job().and_then(|job| known.get_mut(&job));
        dice.map_or(Fault::None, |dice| fault(dice, asked))
    });
    let target = ClusterTarget {
        kubeconfig: Some(forwarder.kubeconfig(&cube)),
        namespace: Some(namespace.parse().expect("a namespace")),
        ..ClusterTarget::default()
    };
    let through = Cluster::connect(&target).await.expect("a cluster");
    let one = async |index: usize| {
        let mut own = Dice(seed + index as u64);
        let submission = Submission::new(&admitted).within(BOUNDS);
        let name = submission.job().name().to_owned();
        // One in four is killed.
        let polls = if own.below(4) == 0 { own.below(25) } else { usize::MAX };
        dice.lock().expect("no panic").insert(name.clone(), own);
        let submitting = through.submit(&submission, Interrupts::default(), |_| {});
        (index, name, Killed(Box::pin(submitting), polls).await)
    };
    let mut claims: Vec<(usize, String, Claim)> = Vec::new();
    let (mut next, mut under_way) = (0, FuturesUnordered::new());
    while claims.len() < count {
        while next < count && under_way.len() < AT_ONCE {
            under_way.push(one(next));
            next += 1;
        }
        claims.extend(under_way.next().await);
    }
    // What the network still holds arrives.
    tokio::time::sleep(Duration::from_millis(2 * LATE + 1_000)).await;
    let jobs: Api<BatchJob> = Api::namespaced(client.clone(), &namespace);
    let found = jobs.list(&ListParams::default()).await.expect("Jobs can be listed").items;
    let mut uids: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for job in found {
        let (labels, uid) = (job.metadata.labels.unwrap_or_default(), job.metadata.uid);
        uids.entry(labels["mlcube-k8s.dev/run"].clone()).or_default().extend(uid);
    }
    let mut counts = BTreeMap::new();
    for (index, name, claim) in claims {
        let run = name.rsplit('-').next().expect("a name has a run");
        let there = uids.remove(run).unwrap_or_default();
        let seed = seed + index as u64;
        assert!(there.len() <= 1, "seed {seed}: {} Jobs", there.len());
        let (word, is_true) = match &claim {
            None => ("killed", true),
            Some(Ok(Some(job))) => ("created", there == [job.uid()] && job.name() == name),
            Some(Ok(None)) => ("interrupted", there.is_empty()),
            Some(Err(ClusterError::Uncertain { .. })) => ("uncertain", true),
            Some(Err(_)) => ("not created", there.is_empty()),
        };
        assert!(is_true, "seed {seed}: {claim:?} is claimed, and there is {there:?}");
        *counts.entry(word).or_default() += 1;
    }
    assert!(uids.is_empty(), "Jobs that nobody submitted: {uids:?}");
    let all: Api<Namespace> = Api::all(client.clone());
    let _ = all.delete(&namespace, &DeleteParams::default()).await;
    counts
}

#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn there_is_one_job_and_every_claim_is_true() {
    let number = |name| std::env::var(name).ok().and_then(|text: String| text.parse().ok());
    let (count, seed) = (number(COUNT).unwrap_or(ROUND as u64), number(SEED).unwrap_or(1));
    let client = client().await;
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for start in (0..count).step_by(ROUND) {
        let size = ROUND.min((count - start) as usize);
        let round = round(&client, seed + start, size).await;
        round.into_iter().for_each(|(word, times)| *counts.entry(word).or_default() += times);
    }
    // Each is seen, and most are cleared up.
    if count >= ROUND as u64 {
        let share = |word| counts.get(word).copied().unwrap_or(0) as f64 / count as f64;
        assert!(share("created") > 0.5 && share("killed") > 0.05, "{counts:?}");
        assert!(share("uncertain") < 0.2, "{counts:?}");
    }
}

/// A refusal is final, and what is passing is waited for, as long as the server asks.
#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn what_passes_is_tried_again_and_what_does_not_is_told() {
    let client = client().await;
    let slow = Fault::Says(429, Some(1), "Too many requests, please try again later.");
    let rows = [
        ("slow down", slow, 2, 0, "success"),
        ("a quota", Fault::Says(409, None, QUOTA), 3, 0, "success"),
        ("a proxy", Fault::Status(502), 3, 0, "success"),
        ("a lost answer", Fault::Answered(504), 1, 0, "success"),
        ("a silent server", Fault::Refused, 3, 0, "success"),
        ("asked twice", Fault::Twice, 1, 0, "success"),
        ("no quota", Fault::Says(403, None, NO_QUOTA), 1, 6, "the cluster refuses to create Job"),
    ];
    for (name, fault, times, code, told) in rows {
        let cube = TestCube::shell("true");
        let count = Mutex::new(0);
        let forwarder = Forwarder::new(move |asked| {
            if !asked.is_creation() {
                return Fault::None;
            }
            let mut count = count.lock().expect("no panic");
            *count += 1;
            if *count <= times { fault } else { Fault::None }
        });
        let kubeconfig = forwarder.kubeconfig(&cube).display().to_string();
        cube.run(&["--kubeconfig", &kubeconfig]).check(name, code, "", &[told]);
        assert_eq!(cube.jobs(&client).await.len(), usize::from(code == 0), "{name}");
    }
}

/// The program itself is killed at each of its requests around the creation, before and after the
/// server hears of it. A Job that is there is in the journal.
#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn a_killed_program_leaves_one_job_at_most() {
    let client = client().await;
    let mut created = 0;
    let moments = (0..CHECKS).map(|at| (false, at)).chain((0..WATCHES).map(|at| (true, at)));
    for ((is_after, at), fault) in
        moments.flat_map(|moment| [(moment, Fault::Refused), (moment, Fault::Answered(502))])
    {
        let cube = TestCube::unschedulable();
        let (pid, count) = (Arc::new(Mutex::new(None::<u32>)), Mutex::new(0));
        let victim = Arc::clone(&pid);
        let forwarder = Forwarder::new(move |asked| {
            let mut count = count.lock().expect("no panic");
            *count += usize::from(!is_after || asked.is_creation() || *count > 0);
            if *count <= at {
                return Fault::None;
            }
            if let Some(pid) = victim.lock().expect("no panic").take() {
                let killed = Command::new("kill").args(["-KILL", &pid.to_string()]).status();
                assert!(killed.is_ok_and(|status| status.success()));
            }
            fault
        });
        let (mut command, state) = (cube.command("run"), cube.path.join("state"));
        command.arg("--kubeconfig").arg(forwarder.kubeconfig(&cube));
        let running = {
            let mut pid = pid.lock().expect("no panic");
            let running = cluster::Running::start(command.env("MLCUBE_K8S_STATE", &state));
            *pid = Some(running.pid());
            running
        };
        assert_eq!(running.wait().code, None, "it is killed at request {at}");
        let jobs = cube.jobs(&client).await;
        assert!(jobs.len() <= 1, "{} Jobs after request {at}", jobs.len());
        created += jobs.len();
        for job in jobs {
            let name = job.metadata.name.expect("a name");
            let entry = state.join("runs").join(format!("{name}.json"));
            assert!(entry.is_file(), "{name} is not in the journal");
            cluster::delete_job(&client, &name).await;
        }
    }
    assert!(created > WATCHES, "it is killed after the creation, too: {created}");
}
