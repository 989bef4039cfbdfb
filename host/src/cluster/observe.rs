//! Watching a submitted Job to its end: Job, Pods and logs become events for the console and facts
//! for the judge.

use super::facts::{self, Stage};
use super::{Cluster, ClusterError, Submitted, logs};
use crate::event::Event;
use crate::outcome::{JobFacts, Judge, Observation, Outcome, PodFacts};
use futures::StreamExt;
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::Pod;
use kube::Api;
use kube::api::ListParams;
use kube::runtime::{WatchStreamExt, watcher};
use std::collections::{HashMap, HashSet};
use std::pin::pin;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

/// Log lines in flight between the containers and the console.
const LINES: usize = 1024;
/// Ten years.
const FOR_EVER: Duration = Duration::from_secs(10 * 365 * 24 * 3600);
/// The time that watches may fail before the run gives up.
const LONGEST_OUTAGE: Duration = Duration::from_secs(300);
/// Failures further apart than this belong to two outages: a watch that works again may be silent.
const APART: Duration = Duration::from_secs(90);
/// The time without a line after which logs are given up once the Job is over.
const LAST_LINES: Duration = Duration::from_secs(10);
const AFTER_DELETION: Duration = Duration::from_millis(500);

/// The time to wait for a Job.
#[derive(Clone, Copy, Debug, Default)]
pub struct Patience {
    /// `--timeout`; none waits for ever.
    pub timeout: Option<Duration>,
}

/// One run under observation.
struct Observer<'a, F> {
    cluster: &'a Cluster,
    pods: Api<Pod>,
    judge: Judge,
    emit: F,
    lines: mpsc::Sender<Event>,
    followers: JoinSet<()>,
    reported: Reported,
    /// The Pods that exist, as far as is known.
    present: HashSet<String>,
    /// Of those, while a watch starts again, the ones that it has not listed yet.
    missed: HashSet<String>,
    outage: Option<Outage>,
}

/// A time in which watches failed.
#[derive(Clone, Copy)]
struct Outage {
    since: Instant,
    last: Instant,
}

/// The events that were reported already, so that nothing is reported twice.
#[derive(Default)]
struct Reported {
    suspended: bool,
    foreseen: bool,
    nodes: HashMap<String, String>,
    waiting: HashMap<String, (String, String)>,
    containers: HashMap<(String, String), Stage>,
}

impl Cluster {
    /// Watch the Job until its outcome is certain. Every event is emitted as it happens; when this
    /// returns, all lines that the containers wrote have been emitted.
    pub async fn observe(
        &self,
        submitted: &Submitted,
        patience: Patience,
        emit: impl FnMut(Event),
    ) -> Result<Outcome, ClusterError> {
        let (lines, mut received) = mpsc::channel(LINES);
        let pods: Api<Pod> = Api::namespaced(self.client_for_logs()?, submitted.namespace());
        let mut observer = Observer {
            cluster: self,
            pods,
            judge: Judge::default(),
            emit,
            lines,
            followers: JoinSet::new(),
            reported: Reported::default(),
            present: HashSet::new(),
            missed: HashSet::new(),
            outage: None,
        };
        let outcome = observer.watch(submitted, patience, &mut received).await?;
        match outcome {
            Outcome::Detached | Outcome::TimedOut { .. } => {}
            // Pods of a deleted Job may take their grace period to end: that is not waited for.
            Outcome::Deleted | Outcome::Unknown => {
                observer.last_lines(submitted, &mut received, AFTER_DELETION).await;
            }
            _ => observer.last_lines(submitted, &mut received, LAST_LINES).await,
        }
        Ok(observer.judge.explain(outcome))
    }
}

impl<F: FnMut(Event)> Observer<'_, F> {
    async fn watch(
        &mut self,
        submitted: &Submitted,
        patience: Patience,
        received: &mut mpsc::Receiver<Event>,
    ) -> Result<Outcome, ClusterError> {
        let jobs: Api<Job> = Api::namespaced(self.cluster.client.clone(), submitted.namespace());
        let mut jobs = pin!(watcher::watch_object(jobs, submitted.name()).default_backoff());
        let pods: Api<Pod> = Api::namespaced(self.cluster.client.clone(), submitted.namespace());
        let mut pods = pin!(
            watcher(pods, watcher::Config::default().labels(&pods_of(submitted))).default_backoff()
        );
        let mut interrupted = pin!(interrupted());
        let mut over = pin!(sleep(patience.timeout.unwrap_or(FOR_EVER)));
        loop {
            let observations = tokio::select! {
                biased;
                Some(line) = received.recv() => { (self.emit)(line); continue }
                Some(pod) = pods.next() => match pod {
                    Ok(event) => { self.outage = None; self.pod_event(event) }
                    Err(error) => { self.check_watch(error)?; continue }
                },
                Some(job) = jobs.next() => match job {
                    Ok(job) => { self.outage = None; vec![self.job(submitted, job)] }
                    Err(error) => { self.check_watch(error)?; vec![Observation::Gap] }
                },
                () = &mut over => vec![Observation::TimeOver(patience.timeout.unwrap_or(FOR_EVER))],
                () = &mut interrupted => vec![Observation::Interrupted],
            };
            let judge = &mut self.judge;
            if let Some(outcome) = observations.into_iter().find_map(|fact| judge.observe(fact)) {
                return Ok(outcome);
            }
            if let Some(outcome) = self.judge.foreseen().filter(|_| !self.reported.foreseen) {
                self.reported.foreseen = true;
                (self.emit)(Event::Foreseen(outcome.clone()));
            }
        }
    }

    fn job(&mut self, submitted: &Submitted, job: Option<Job>) -> Observation {
        let Some(job) = job.filter(|job| job.metadata.uid.as_deref() == Some(submitted.uid()))
        else {
            return Observation::JobGone;
        };
        let facts: JobFacts = facts::job(&job);
        if facts.suspended != self.reported.suspended {
            self.reported.suspended = facts.suspended;
            (self.emit)(if facts.suspended { Event::Suspended } else { Event::Resumed });
        }
        Observation::Job(facts)
    }

    /// The facts of a change to a Pod. A watch that starts again lists the Pods that there are: of
    /// the others it has missed the end.
    fn pod_event(&mut self, event: watcher::Event<Pod>) -> Vec<Observation> {
        match event {
            watcher::Event::Apply(pod) => vec![Observation::Pod(self.pod(&pod))],
            watcher::Event::Delete(pod) => {
                let facts = self.pod(&pod);
                let name = facts.name.clone();
                self.present.remove(&name);
                vec![Observation::Pod(facts), Observation::PodGone(name)]
            }
            watcher::Event::Init => {
                self.missed = std::mem::take(&mut self.present);
                Vec::new()
            }
            watcher::Event::InitApply(pod) => {
                let facts = self.pod(&pod);
                self.missed.remove(&facts.name);
                vec![Observation::Pod(facts)]
            }
            watcher::Event::InitDone => self.missed.drain().map(Observation::PodGone).collect(),
        }
    }

    /// Emit the changes of a Pod, follow the log of each of its containers as soon as it has one,
    /// and give the facts for the judge.
    fn pod(&mut self, pod: &Pod) -> PodFacts {
        let name = pod.metadata.name.clone().unwrap_or_default();
        let node = pod.spec.as_ref().and_then(|spec| spec.node_name.clone());
        if let Some(node) = node.filter(|node| self.reported.nodes.get(&name) != Some(node)) {
            self.reported.nodes.insert(name.clone(), node.clone());
            (self.emit)(Event::PodScheduled { pod: name.clone(), node });
        }
        if let Some(waiting) =
            facts::waiting(pod).filter(|waiting| self.reported.waiting.get(&name) != Some(waiting))
        {
            self.reported.waiting.insert(name.clone(), waiting.clone());
            let (reason, message) = waiting;
            (self.emit)(Event::PodWaiting { pod: name.clone(), reason, message });
        }
        for (container, stage) in facts::started(pod) {
            self.container(&name, container, stage);
        }
        self.present.insert(name);
        facts::pod(pod)
    }

    fn container(&mut self, pod: &str, container: String, stage: Stage) {
        let key = (pod.to_owned(), container);
        let before = self.reported.containers.insert(key.clone(), stage.clone());
        if before.as_ref() == Some(&stage) {
            return;
        }
        if before.is_none() {
            let (pod, container) = key.clone();
            (self.emit)(Event::ContainerStarted { pod: pod.clone(), container: container.clone() });
            self.followers.spawn(logs::follow(
                self.pods.clone(),
                pod,
                container,
                self.lines.clone(),
            ));
        }
        if let Stage::Ended(end) = stage {
            (self.emit)(Event::ContainerEnded(end));
        }
    }

    /// Emit the lines that are still in flight, also of Pods that ended before they were seen.
    /// Waiting ends with the last log, or after `limit` without a line.
    async fn last_lines(
        &mut self,
        submitted: &Submitted,
        received: &mut mpsc::Receiver<Event>,
        limit: Duration,
    ) {
        let params = ListParams::default().labels(&pods_of(submitted));
        if let Ok(pods) = self.pods.list(&params).await {
            for pod in &pods.items {
                let facts = self.pod(pod);
                self.judge.observe(Observation::Pod(facts));
            }
        }
        loop {
            tokio::select! {
                biased;
                line = timeout(limit, received.recv()) => match line {
                    Ok(Some(line)) => (self.emit)(line),
                    Ok(None) | Err(_) => break,
                },
                ended = self.followers.join_next() => if ended.is_none() { break },
            }
        }
        while let Ok(line) = received.try_recv() {
            (self.emit)(line);
        }
        if !self.followers.is_empty() && limit == LAST_LINES {
            (self.emit)(Event::Warning(
                "the last log lines of a container did not arrive in time".into(),
            ));
        }
    }

    /// A watch that breaks is restarted; one that is forbidden, or a cluster that is unreachable
    /// for too long, ends the run.
    fn check_watch(&mut self, error: watcher::Error) -> Result<(), ClusterError> {
        let cause = match error {
            watcher::Error::InitialListFailed(error)
            | watcher::Error::WatchStartFailed(error)
            | watcher::Error::WatchFailed(error) => error,
            _ => return Ok(()),
        };
        let now = Instant::now();
        let earlier = self.outage.filter(|outage| now - outage.last < APART);
        let since = earlier.map_or(now, |outage| outage.since);
        self.outage = Some(Outage { since, last: now });
        let is_final =
            matches!(&cause, kube::Error::Api(status) if matches!(status.code, 401 | 403));
        if is_final || now - since > LONGEST_OUTAGE {
            return Err(self.cluster.error("watch the Job, which keeps running", cause));
        }
        Ok(())
    }
}

/// Completes on SIGINT or SIGTERM.
async fn interrupted() {
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        },
        Err(_) => drop(tokio::signal::ctrl_c().await),
    }
}

fn pods_of(submitted: &Submitted) -> String {
    format!("batch.kubernetes.io/controller-uid={}", submitted.uid())
}
