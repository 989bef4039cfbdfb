//! Watching a submitted Job to its end: Job, Pods and logs become events for the console and facts
//! for the judge.

use super::facts::{self, Seen, Stage};
use super::interrupt::interrupted;
use super::logs::Followers;
use super::watches::{self, Outage, Present, pods_of};
use super::{Cluster, ClusterError, Submitted};
use crate::event::{ContainerRun, Event, Gap};
use crate::outcome::{JobFacts, Judge, Observation, Outcome, PodFacts};
use futures::StreamExt;
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::Pod;
use kube::api::ListParams;
use kube::runtime::watcher;
use kube::{Api, Client};
use std::collections::HashMap;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout, timeout_at};

/// Ten years.
const FOR_EVER: Duration = Duration::from_secs(10 * 365 * 24 * 3600);
/// The time without a line after which the logs of containers are given up once the Job is over: of
/// those that ended, and of those that run on.
const LAST_LINES: [Duration; 2] = [Duration::from_secs(60), Duration::from_secs(10)];
/// Pods of a deleted Job may take their grace period to end: that is not waited for.
const AFTER_DELETION: Duration = Duration::from_millis(500);
/// The longest time in which lines of a deleted Job are told.
const LONGEST_AFTER_DELETION: Duration = Duration::from_secs(3);
/// The attempts to list the Pods of a Job that is over, and the pause after the first.
const LISTINGS: u32 = 6;
const LISTING: Duration = Duration::from_millis(200);

/// The time to wait for a Job.
#[derive(Clone, Copy, Debug, Default)]
pub struct Patience {
    /// `--timeout`; none waits for ever.
    pub timeout: Option<Duration>,
}

/// The end of an observation.
#[derive(Clone, Debug, PartialEq)]
pub struct Observed {
    /// The outcome of the Job.
    pub outcome: Outcome,
    /// The number of gaps in the logs that were told.
    pub gaps: usize,
}

/// One run under observation.
struct Observer<'a, F> {
    cluster: &'a Cluster,
    client: Client,
    judge: Judge,
    emit: F,
    followers: Followers,
    reported: Reported,
    gaps: usize,
    present: Present,
    outage: Outage,
}

/// The events that were reported already, so that nothing is reported twice.
#[derive(Default)]
struct Reported {
    suspended: bool,
    foreseen: bool,
    nodes: HashMap<String, String>,
    waiting: HashMap<String, (String, String)>,
    runs: HashMap<Arc<ContainerRun>, Stage>,
}

impl Cluster {
    /// Watch the Job until its outcome is certain. Every event is emitted as it happens; when this
    /// returns, all lines that the containers wrote have been emitted.
    pub async fn observe(
        &self,
        submitted: &Submitted,
        patience: Patience,
        emit: impl FnMut(Event),
    ) -> Result<Observed, ClusterError> {
        let client = self.client_for_streams()?;
        let (followers, mut received) =
            Followers::new(Api::namespaced(client.clone(), submitted.namespace()));
        let mut observer = Observer {
            cluster: self,
            client,
            judge: Judge::default(),
            emit,
            followers,
            reported: Reported::default(),
            gaps: 0,
            present: Present::default(),
            outage: Outage::default(),
        };
        let outcome = observer.watch(submitted, patience, &mut received).await?;
        if !matches!(outcome, Outcome::Detached | Outcome::TimedOut { .. }) {
            let is_gone = matches!(outcome, Outcome::Deleted | Outcome::Unknown);
            observer.last_lines(submitted, &mut received, is_gone).await;
        }
        Ok(Observed { outcome: observer.judge.explain(outcome), gaps: observer.gaps })
    }
}

impl<F: FnMut(Event)> Observer<'_, F> {
    async fn watch(
        &mut self,
        submitted: &Submitted,
        patience: Patience,
        received: &mut mpsc::Receiver<Event>,
    ) -> Result<Outcome, ClusterError> {
        let mut jobs = pin!(watches::job(&self.client, submitted));
        let mut pods = pin!(watches::pods(&self.client, submitted));
        let mut interrupted = pin!(interrupted());
        let mut over = pin!(sleep(patience.timeout.unwrap_or(FOR_EVER)));
        loop {
            let observations = tokio::select! {
                biased;
                Some(line) = received.recv() => { self.line(line); continue }
                Some(pod) = pods.next() => match pod {
                    Ok(event) => { self.outage.end(); self.pod_event(event) }
                    Err(error) => { self.outage.check(self.cluster, error)?; continue }
                },
                Some(job) = jobs.next() => match job {
                    Ok(job) => { self.outage.end(); vec![self.job(submitted, job)] }
                    Err(error) => { self.outage.check(self.cluster, error)?; vec![Observation::Gap] }
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

    /// The facts of a change to a Pod.
    fn pod_event(&mut self, event: watcher::Event<Pod>) -> Vec<Observation> {
        match event {
            watcher::Event::Apply(pod) | watcher::Event::InitApply(pod) => {
                vec![Observation::Pod(self.pod(&pod))]
            }
            watcher::Event::Delete(pod) => {
                let facts = self.pod(&pod);
                let name = facts.name.clone();
                self.followers.end_pod(&name);
                self.present.remove(&name);
                vec![Observation::Pod(facts), Observation::PodGone(name)]
            }
            watcher::Event::Init => {
                self.present.list_again();
                Vec::new()
            }
            watcher::Event::InitDone => {
                let gone = self.present.not_listed();
                gone.iter().for_each(|name| self.followers.end_pod(name));
                gone.into_iter().map(Observation::PodGone).collect()
            }
        }
    }

    /// Emit the changes of a Pod, follow the log of each run of its containers as soon as it has
    /// one, and give the facts for the judge.
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
        for Seen { container, restart, stage } in facts::runs(pod) {
            let may_restart = facts::may_restart(pod, &container);
            let run = ContainerRun { pod: name.clone(), container, restart };
            self.run(Arc::new(run), stage, may_restart);
        }
        self.present.insert(name);
        facts::pod(pod)
    }

    fn run(&mut self, run: Arc<ContainerRun>, stage: Stage, may_restart: bool) {
        let before = self.reported.runs.insert(Arc::clone(&run), stage.clone());
        if before.as_ref() == Some(&stage) {
            return;
        }
        if before.is_none() {
            (self.emit)(Event::ContainerStarted(Arc::clone(&run)));
            self.followers.follow(&run, may_restart);
        }
        if let Stage::Ended(end) = stage {
            (self.emit)(Event::ContainerEnded(end));
            self.followers.end(&run);
        }
    }

    /// Emit what a follower tells.
    fn line(&mut self, event: Event) {
        self.gaps += usize::from(matches!(event, Event::LogGap { .. }));
        (self.emit)(event);
    }

    /// Emit the lines that are still in flight, also of Pods that ended before they were seen.
    async fn last_lines(
        &mut self,
        submitted: &Submitted,
        received: &mut mpsc::Receiver<Event>,
        is_deleted: bool,
    ) {
        self.list_pods(submitted).await;
        let total = if is_deleted { LONGEST_AFTER_DELETION } else { FOR_EVER };
        let end = Instant::now() + total;
        loop {
            let is_owed = self.followers.unfinished().any(|(_, is_over)| is_over);
            let quiet = LAST_LINES[usize::from(!is_owed)];
            let quiet = Instant::now() + if is_deleted { AFTER_DELETION } else { quiet };
            tokio::select! {
                biased;
                line = timeout_at(quiet.min(end), received.recv()) => match line {
                    Ok(Some(line)) => self.line(line),
                    Ok(None) | Err(_) => break,
                },
                is_more = self.followers.join_next() => if !is_more { break },
            }
        }
        while let Ok(line) = received.try_recv() {
            self.line(line);
        }
        let unfinished: Vec<_> =
            self.followers.unfinished().map(|(run, is_over)| (Arc::clone(run), is_over)).collect();
        for (run, is_over) in unfinished {
            let why = match is_over {
                true => "it did not come in time",
                false => "the container runs on after the end of the Job",
            };
            let gap = Gap { after: None, before: None, lasting: None, why: why.into() };
            self.line(Event::LogGap { run, gap });
        }
    }

    /// Look at all Pods once more: a Pod may be quicker than any watch.
    async fn list_pods(&mut self, submitted: &Submitted) {
        let api: Api<Pod> = Api::namespaced(self.client.clone(), submitted.namespace());
        let params = ListParams::default().labels(&pods_of(submitted));
        for attempt in 0..LISTINGS {
            if let Ok(Ok(pods)) = timeout(LAST_LINES[1], api.list(&params)).await {
                let name = |pod: &Pod| pod.metadata.name.clone().unwrap_or_default();
                let mut gone: Vec<_> =
                    self.followers.unfinished().map(|(run, _)| run.pod.clone()).collect();
                gone.retain(|gone| !pods.items.iter().any(|pod| name(pod) == *gone));
                gone.iter().for_each(|pod| self.followers.end_pod(pod));
                for pod in &pods.items {
                    let facts = self.pod(pod);
                    self.judge.observe(Observation::Pod(facts));
                }
                return;
            }
            sleep(LISTING * 2u32.pow(attempt)).await;
        }
        (self.emit)(Event::Warning(
            "the Pods of the Job cannot be listed: lines of Pods that were never seen are missing"
                .into(),
        ));
    }
}
