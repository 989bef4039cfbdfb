//! What keeps a Job from getting on. Facts become diagnoses, each told once: at once, or when what
//! the cluster often says in passing has lasted. What can never come right ends the run.

use super::Observer;
use crate::cluster::events::Told;
use crate::cluster::facts::{self, trouble};
use crate::cluster::nodes;
use crate::diagnosis::{Diagnosis, Diagnostics, Fact, Node, Outlook, Source, Step, Subject, Wants};
use crate::event::Event;
use crate::outcome::{Observation, Stuck};
use futures::FutureExt;
use futures::future::BoxFuture;
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::Pod;
use std::collections::HashMap;
use std::time::Duration;
use tokio::time::Instant;

/// The time for which something must last that can never come right, before it ends the run.
const GRACE: Duration = Duration::from_secs(10);
/// The most events that are kept because their Pod is not known yet.
const UNKNOWN: usize = 16;

/// What is known of trouble.
#[derive(Default)]
pub struct Troubles {
    diagnostics: Diagnostics,
    knows_wants: bool,
    pods: HashMap<String, Known>,
    /// When the youngest Pod was created.
    youngest: i64,
    /// Events of Pods that were not seen yet.
    unknown: Vec<Told>,
    /// The last event of each kind of the Job's claims: they count while a Pod waits for one.
    of_claims: Vec<Told>,
    /// Diagnoses that are told if they last until then.
    held: Vec<(Instant, Diagnosis)>,
    /// What can never come right, and ends the run if it lasts until then.
    stuck: Option<(Instant, Diagnosis)>,
    nodes: Option<BoxFuture<'static, Option<Vec<Node>>>>,
    asked_for_nodes: bool,
    has_started: bool,
}

/// A Pod that exists.
struct Known {
    uid: String,
    step: Step,
    is_set_up: bool,
    waits_for_claims: bool,
}

impl Troubles {
    /// When something is due that has lasted.
    pub fn due(&self) -> Option<Instant> {
        let held = self.held.iter().map(|(due, _)| *due);
        held.chain(self.stuck.as_ref().map(|(due, _)| *due)).min()
    }

    /// Whether the task has started, in whichever Pod.
    pub fn has_started(&self) -> bool {
        self.has_started
    }

    /// The nodes, once they were asked for; pending for ever if they are not.
    pub async fn nodes(&mut self) -> Option<Vec<Node>> {
        match &mut self.nodes {
            Some(nodes) => {
                let known = nodes.await;
                self.nodes = None;
                known
            }
            None => std::future::pending().await,
        }
    }

    /// Whether a fact is of something that has passed: its Pod has taken that step. What events say
    /// of the start is that the Pod cannot be set up, and some container has begun when it is.
    fn has_passed(&self, fact: &Fact, step: Step) -> bool {
        let is_of_setup = fact.source == Source::Event && step == Step::Start;
        match &fact.about {
            Subject::Pod(pod) => self
                .pods
                .get(pod)
                .is_none_or(|known| known.step > step || (is_of_setup && known.is_set_up)),
            Subject::Job => step < Step::Run && !self.pods.is_empty(),
            Subject::PersistentVolumeClaim(_) => !self.wait_for_claims(),
        }
    }

    /// Whether a Pod waits for the volume of a claim. What events tell of claims may be long past
    /// else: they are kept for an hour.
    fn wait_for_claims(&self) -> bool {
        self.pods.values().any(|known| known.waits_for_claims)
    }

    /// Keep the last event of each kind of a claim, of the last claim of its name.
    fn keep(&mut self, told: Told) {
        let is_older = |one: &Told, other: &Told| {
            one.fact.about == other.fact.about
                && one.at <= other.at
                && (one.uid != other.uid || one.fact.reason == other.fact.reason)
        };
        if self.of_claims.iter().any(|kept| is_older(&told, kept) && told.at < kept.at) {
            return;
        }
        self.of_claims.retain(|kept| !is_older(kept, &told));
        if self.of_claims.len() < UNKNOWN {
            self.of_claims.push(told);
        }
    }

    /// Drop what has passed, and what the status of an object no longer shows.
    fn sweep(&mut self, is_shown: impl Fn(&Fact) -> bool) {
        let held = std::mem::take(&mut self.held);
        let (passed, held): (Vec<_>, Vec<_>) = held.into_iter().partition(|(_, diagnosis)| {
            let is_status = diagnosis.fact.source != Source::Event;
            self.has_passed(&diagnosis.fact, diagnosis.cause.step())
                || (is_status && !is_shown(&diagnosis.fact))
        });
        self.held = held;
        passed.iter().for_each(|(_, diagnosis)| self.diagnostics.forget(diagnosis));
        let passed =
            |(_, stuck): &(Instant, Diagnosis)| self.has_passed(&stuck.fact, stuck.cause.step());
        if self.stuck.as_ref().is_some_and(passed) {
            self.stuck = None;
        }
    }
}

impl Troubles {
    /// Read what is held once more, now that more is known.
    fn read_again(&mut self) {
        for (due, diagnosis) in std::mem::take(&mut self.held) {
            self.diagnostics.forget(&diagnosis);
            let again = self.diagnostics.observe(&diagnosis.fact);
            self.held.extend(again.map(|diagnosis| (due, diagnosis)));
        }
    }

    /// Hold a diagnosis for as long as it must last; gives it back if it is to be told at once.
    fn hold(&mut self, diagnosis: Diagnosis) -> Option<Diagnosis> {
        let (exact, diagnostics) = (diagnosis.cause, &mut self.diagnostics);
        let now = Instant::now();
        // What says the same more exactly has lasted as long.
        let mut due = None;
        self.held.retain(|(held_until, held)| {
            let is_vaguer = held.cause.is_vaguer_than(exact);
            if is_vaguer {
                diagnostics.forget(held);
                due = due.into_iter().chain([*held_until]).min();
            }
            !is_vaguer
        });
        let Some(lasting) = diagnosis.cause.settling().lasting() else { return Some(diagnosis) };
        // The time that it was given is not held against it.
        let grace = match diagnosis.fact.source {
            Source::Terminating { grace, .. } => Duration::from_secs(grace),
            _ => Duration::ZERO,
        };
        let until = now + lasting + grace;
        self.held.push((due.map_or(until, |due| until.min(due)), diagnosis));
        None
    }
}

impl<F: FnMut(Event)> Observer<'_, F> {
    /// Take the facts in the Job.
    pub(super) fn trouble_of_job(&mut self, job: &Job) {
        if !self.troubles.knows_wants {
            self.troubles.knows_wants = true;
            self.troubles.diagnostics.set_wants(Wants::new(&facts::draft(job)));
            self.troubles.read_again();
        }
        let fact = trouble::of_job(job);
        self.troubles.sweep(|held| held.about != Subject::Job || fact.is_some());
        fact.iter().for_each(|fact| self.fact(fact));
    }

    /// Take the facts in a Pod.
    pub(super) fn trouble_of_pod(&mut self, pod: &Pod) {
        let metadata = &pod.metadata;
        let name = metadata.name.clone().unwrap_or_default();
        let uid = metadata.uid.clone().unwrap_or_default();
        let created = metadata.creation_timestamp.as_ref().map_or(0, |time| time.0.as_second());
        self.troubles.youngest = self.troubles.youngest.max(created);
        let step = trouble::step(pod);
        let about = Subject::Pod(name.clone());
        self.troubles.has_started |= step == Step::Run;
        let facts = trouble::of_pod(pod);
        let waits_for_claims = facts.iter().any(Fact::waits_for_claims);
        let is_set_up = trouble::is_set_up(pod);
        self.troubles.pods.insert(name, Known { uid, step, is_set_up, waits_for_claims });
        self.troubles.sweep(|held| {
            held.about != about || facts.iter().any(|fact| fact.source == held.source)
        });
        facts.iter().for_each(|fact| self.fact(fact));
        if waits_for_claims {
            let of_claims = self.troubles.of_claims.clone();
            of_claims.iter().for_each(|told| self.fact(&told.fact));
        }
        let unknown = std::mem::take(&mut self.troubles.unknown);
        unknown.into_iter().for_each(|told| self.trouble_of_event(told));
    }

    /// A Pod is gone.
    pub(super) fn trouble_ends(&mut self, pod: &str) {
        self.troubles.pods.remove(pod);
        self.troubles.sweep(|_| true);
    }

    /// Take the fact in an event, if it is about this Job, and no older than what is known.
    pub(super) fn trouble_of_event(&mut self, told: Told) {
        let troubles = &mut self.troubles;
        match &told.fact.about {
            Subject::Job if told.uid != self.uid || told.at < troubles.youngest => return,
            Subject::Pod(pod) => match troubles.pods.get(pod) {
                Some(known) if known.uid == told.uid => {}
                Some(_) => return,
                None => {
                    let job = self.name.trim_end_matches('-');
                    let stem: String = job.chars().take(50).collect();
                    if pod.starts_with(&stem) && troubles.unknown.len() < UNKNOWN {
                        troubles.unknown.push(told);
                    }
                    return;
                }
            },
            Subject::PersistentVolumeClaim(claim) => {
                if !troubles.diagnostics.wants_claim(claim) {
                    return;
                }
                troubles.keep(told.clone());
                if !troubles.wait_for_claims() {
                    return;
                }
            }
            _ => {}
        }
        self.fact(&told.fact);
    }

    /// The nodes are known: what was said of them may be said more exactly.
    pub(super) fn nodes_are_known(&mut self, nodes: Option<Vec<Node>>) {
        self.troubles.diagnostics.set_nodes(nodes.unwrap_or_default());
        self.troubles.read_again();
    }

    fn fact(&mut self, fact: &Fact) {
        let Some(diagnosis) = self.troubles.diagnostics.observe(fact) else { return };
        let step = diagnosis.cause.step();
        let is_old = self.troubles.has_passed(fact, step);
        // What a Pod's own status says is so now, and the age of an event of the Job is known.
        if is_old && fact.source == Source::Event && fact.about != Subject::Job {
            return self.troubles.diagnostics.forget(&diagnosis);
        }
        if fact.source == Source::Scheduling && !self.troubles.asked_for_nodes {
            self.troubles.asked_for_nodes = true;
            self.troubles.nodes = Some(nodes::list(self.client.clone()).boxed());
        }
        if let Some(diagnosis) = self.troubles.hold(diagnosis) {
            self.tell(diagnosis);
        }
    }

    /// Tell what has lasted; gives what ends the run.
    pub(super) fn trouble_lasts(&mut self) -> Vec<Observation> {
        let now = Instant::now();
        let held = std::mem::take(&mut self.troubles.held);
        let (due, held): (Vec<_>, Vec<_>) = held.into_iter().partition(|(due, _)| *due <= now);
        self.troubles.held = held;
        due.into_iter().for_each(|(_, diagnosis)| self.tell(diagnosis));
        let stuck = self.troubles.stuck.take_if(|(due, _)| *due <= now);
        let stuck = stuck.map(|(_, Diagnosis { cause, summary, .. })| {
            let cause = cause.as_str().to_owned();
            Observation::Stuck(Box::new(Stuck { cause, summary }))
        });
        stuck.into_iter().collect()
    }

    fn tell(&mut self, diagnosis: Diagnosis) {
        if diagnosis.cause.outlook() == Outlook::Stuck && self.troubles.stuck.is_none() {
            self.troubles.stuck = Some((Instant::now() + GRACE, diagnosis.clone()));
        }
        let told = self.cluster.diagnosed(diagnosis);
        (self.emit)(told);
    }
}
