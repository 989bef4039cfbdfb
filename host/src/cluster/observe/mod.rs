//! Watching a submitted Job to its end: Job, Pods and logs become events for the console and facts
//! for the judge.

mod last_lines;
mod pods;

use super::facts::{self, Stage};
use super::interrupt::interrupted;
use super::logs::{Followers, Logs};
use super::watches::{self, Outage, Present, Sight};
use super::{Cluster, ClusterError, Submitted};
use crate::event::{ContainerRun, Event};
use crate::outcome::{JobFacts, Judge, Observation, Outcome};
use futures::StreamExt;
use kube::{Api, Client};
use std::collections::HashMap;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::sleep;

/// Ten years.
const FOR_EVER: Duration = Duration::from_secs(10 * 365 * 24 * 3600);

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
        logs: Logs,
        emit: impl FnMut(Event),
    ) -> Result<Observed, ClusterError> {
        let client = self.client_for_watches()?;
        let pods = Api::namespaced(self.client_for_logs()?, submitted.namespace());
        let (followers, mut received) = Followers::new(pods, logs, submitted.is_one_pod());
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
            if outcome != Outcome::Succeeded {
                let told = observer.followers.failed();
                observer.emit_all(told);
            }
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
                    Ok(sight) => { self.outage.end(); self.job(submitted, sight) }
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

    fn job(&mut self, submitted: &Submitted, sight: Sight) -> Vec<Observation> {
        let job = match sight {
            Sight::There(job) if job.metadata.uid.as_deref() == Some(submitted.uid()) => job,
            Sight::Gone => return vec![Observation::JobGone],
            // Another Job that has its name by now tells no more.
            Sight::Missing | Sight::There(_) => {
                return vec![Observation::Gap, Observation::JobGone];
            }
        };
        let facts: JobFacts = facts::job(&job);
        if facts.suspended != self.reported.suspended {
            self.reported.suspended = facts.suspended;
            (self.emit)(if facts.suspended { Event::Suspended } else { Event::Resumed });
        }
        vec![Observation::Job(facts)]
    }

    /// Emit what a follower tells.
    fn line(&mut self, event: Event) {
        let told = self.followers.hear(event);
        self.emit_all(told);
    }

    /// Emit what is told of logs.
    fn emit_all(&mut self, events: impl IntoIterator<Item = Event>) {
        for event in events {
            self.gaps += usize::from(matches!(event, Event::LogGap { .. }));
            (self.emit)(event);
        }
    }
}
