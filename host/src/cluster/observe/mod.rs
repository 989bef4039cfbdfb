//! Watching a submitted Job to its end: Job, Pods and logs become events for the console and facts
//! for the judge.

mod history;
mod last_lines;
mod pods;
mod trouble;

use super::facts::{self, Stage};
use super::logs::{Followers, Logs};
use super::outage::{self, Outage};
use super::watches::{self, Present, Sight};
use super::{Cluster, ClusterError, Patience, Submitted, events};
use crate::event::{ContainerRun, Event, History};
use crate::outcome::{JobFacts, Judge, Observation, Outcome};
use futures::StreamExt;
use futures::future::OptionFuture;
use kube::{Api, Client};
use std::collections::HashMap;
use std::pin::pin;
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};
use trouble::Troubles;

/// The end of an observation.
#[derive(Clone, Debug, PartialEq)]
pub struct Observed {
    /// The outcome of the Job.
    pub outcome: Outcome,
    /// The number of gaps in the logs that were told.
    pub gaps: usize,
    /// When what happened, as far as the cluster still knows it.
    pub history: History,
}

/// One run under observation.
struct Observer<'a, F> {
    cluster: &'a Cluster,
    client: Client,
    name: String,
    uid: String,
    judge: Judge,
    emit: F,
    followers: Followers,
    reported: Reported,
    gaps: usize,
    present: Present,
    outage: Outage,
    troubles: Troubles,
    history: History,
    /// Whether all Pods were listed once.
    has_listed: bool,
}

/// The events that were reported already, so that nothing is reported twice.
#[derive(Default)]
struct Reported {
    suspended: bool,
    foreseen: bool,
    nodes: HashMap<String, String>,
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
            name: submitted.name().to_owned(),
            uid: submitted.uid().to_owned(),
            judge: Judge::default(),
            emit,
            followers,
            reported: Reported::default(),
            gaps: 0,
            present: Present::default(),
            outage: Outage::new(patience.longest_outage.unwrap_or(outage::LONGEST)),
            troubles: Troubles::default(),
            history: History::default(),
            has_listed: false,
        };
        let outcome = observer.watch(submitted, patience, &mut received).await?;
        if !outcome.leaves_the_job() {
            let is_gone = matches!(outcome, Outcome::Deleted | Outcome::Unknown);
            observer.last_lines(submitted, &mut received, is_gone, patience.interrupts).await;
            if outcome != Outcome::Succeeded {
                let told = observer.followers.failed();
                observer.emit_all(told);
            }
        }
        let Observer { judge, gaps, history, .. } = observer;
        Ok(Observed { outcome: judge.explain(outcome), gaps, history })
    }
}

/// Wait until a time; for ever if there is none.
async fn until(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time).await,
        None => std::future::pending().await,
    }
}

impl<F: FnMut(Event)> Observer<'_, F> {
    async fn watch(
        &mut self,
        submitted: &Submitted,
        patience: Patience,
        received: &mut mpsc::Receiver<Event>,
    ) -> Result<Outcome, ClusterError> {
        let mut jobs = watches::job(&self.client, submitted).boxed_local();
        let mut pods = pin!(watches::pods(&self.client, submitted));
        let mut events = pin!(events::facts(&self.client, submitted));
        let mut may_read_events = true;
        let mut interrupted = pin!(patience.interrupts.first());
        let mut over = pin!(sleep_until(patience.end()));
        let start_over = patience.start_timeout.map(|time| Instant::now() + time);
        let mut probe = None;
        loop {
            let due = self.troubles.due();
            if probe.is_none() {
                probe = self.outage.probe(&self.client, submitted).map(Box::pin);
            }
            let observations = tokio::select! {
                biased;
                // First, because lines may come without a pause.
                _ = &mut interrupted => vec![Observation::Interrupted],
                Some(line) = received.recv() => { self.line(line); continue }
                Some(pod) = pods.next() => match pod {
                    Ok(event) => self.pod_event(event),
                    Err(error) => { self.fails(submitted, outage::cause(error))?; continue }
                },
                Some(job) = jobs.next() => match job {
                    Ok(sight) => self.job(submitted, sight),
                    Err(error) => {
                        self.fails(submitted, outage::cause(error))?;
                        vec![Observation::Gap]
                    }
                },
                Some(answer) = OptionFuture::from(probe.as_mut()) => {
                    probe = None;
                    match answer {
                        Ok(()) => {
                            self.works();
                            // New ones, because the old ones may pause before they try again.
                            jobs = watches::job_anew(&self.client, submitted).boxed_local();
                            pods.set(watches::pods(&self.client, submitted));
                        }
                        Err(why) => self.fails(submitted, Some(why))?,
                    }
                    vec![Observation::Gap]
                }
                Some(event) = events.next(), if may_read_events && self.has_listed => {
                    match event {
                        Ok(told) => self.trouble_of_event(told),
                        Err(error) if events::is_forbidden(&error) => {
                            may_read_events = false;
                            (self.emit)(Event::Warning(events::UNREAD.into()));
                        }
                        // The watch is taken up by itself, and nothing depends on it.
                        Err(_) => {}
                    }
                    continue
                }
                nodes = self.troubles.nodes() => { self.nodes_are_known(nodes); continue }
                () = until(due) => self.trouble_lasts(),
                () = &mut over => vec![Observation::TimeOver(patience.timeout.unwrap_or_default())],
                () = until(start_over), if !self.troubles.has_started() => {
                    vec![Observation::StartOver(patience.start_timeout.unwrap_or_default())]
                }
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
        history::of_job(&mut self.history, &job);
        self.trouble_of_job(&job);
        let facts: JobFacts = facts::job(&job);
        if facts.suspended != self.reported.suspended {
            self.reported.suspended = facts.suspended;
            (self.emit)(if facts.suspended { Event::Suspended } else { Event::Resumed });
        }
        vec![Observation::Job(facts)]
    }

    /// The Job cannot be watched.
    fn fails(&mut self, submitted: &Submitted, why: Option<String>) -> Result<(), ClusterError> {
        let Some(why) = why else { return Ok(()) };
        let verdict = self.outage.fails(Instant::now());
        let told = self.cluster.outage(verdict, submitted, why)?;
        told.into_iter().for_each(&mut self.emit);
        Ok(())
    }

    /// The Job can be watched again.
    fn works(&mut self) {
        if let Some(lasted) = self.outage.ends(Instant::now()) {
            (self.emit)(Event::OutageOver { lasted });
        }
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
