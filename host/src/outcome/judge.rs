//! The judge: takes one fact after the other, and says the outcome as soon as it is certain.

use super::blame::{Blamed, blame, succeeded};
use super::facts::{Condition, ContainerFacts, JobFacts, Observation, PodFacts};
use super::{Cause, Outcome};
use std::collections::BTreeMap;

/// Judges a run while its facts come in. Facts may be repeated, and those of Pods may come before
/// or after those of the Job that they belong to.
#[derive(Debug)]
pub struct Judge {
    pods: BTreeMap<String, PodFacts>,
    job: JobFacts,
    foreseen: Option<Outcome>,
    /// Whether something may have happened since the Job was last seen.
    has_gap: bool,
    /// Whether the Job's deletion was seen when it began: what ends afterwards was told to.
    was_seen_deleting: bool,
}

impl Default for Judge {
    fn default() -> Self {
        let job = JobFacts::default();
        let pods = BTreeMap::new();
        Self { pods, job, foreseen: None, has_gap: true, was_seen_deleting: false }
    }
}

impl Judge {
    /// Take the next fact; gives the outcome as soon as it is certain.
    ///
    /// `SuccessCriteriaMet` and `FailureTarget` come before `Complete` and `Failed`, while the last
    /// Pods are still terminating: they decide only if the Job disappears in between.
    pub fn observe(&mut self, observation: Observation) -> Option<Outcome> {
        match observation {
            Observation::Job(facts) => self.job(facts),
            Observation::JobGone => Some(self.gone()),
            Observation::Pod(pod) => {
                self.pod(pod);
                self.deleted()
            }
            Observation::PodGone(name) => {
                if let Some(pod) = self.pods.get_mut(&name) {
                    pod.is_over = true;
                }
                self.deleted()
            }
            Observation::Gap => {
                self.has_gap = true;
                None
            }
            Observation::TimeOver(after) => {
                Some(Outcome::TimedOut { after_seconds: after.as_secs() })
            }
            Observation::StartOver(after) => {
                Some(Outcome::NotStarted { after_seconds: after.as_secs() })
            }
            Observation::Stuck(stuck) => Some(Outcome::Stuck(stuck)),
            Observation::Interrupted => Some(Outcome::Detached),
        }
    }

    /// The outcome that the Job is heading for, as soon as Kubernetes has decided it.
    pub fn foreseen(&self) -> Option<&Outcome> {
        self.foreseen.as_ref()
    }

    /// The outcome once more, with all that became known after the Job's end.
    pub fn explain(&self, outcome: Outcome) -> Outcome {
        match outcome {
            Outcome::Failed(cause) => self.failed(cause.reason, cause.message),
            Outcome::Deleted | Outcome::Unknown if self.is_done() => Outcome::Succeeded,
            Outcome::Deleted if self.has_unseen_end() => Outcome::Unknown,
            outcome => outcome,
        }
    }

    fn job(&mut self, facts: JobFacts) -> Option<Outcome> {
        self.was_seen_deleting |= facts.is_deleting && !self.has_gap;
        self.has_gap = false;
        self.job = facts;
        if self.job.condition("Complete").is_some() {
            return Some(Outcome::Succeeded);
        }
        if let Some(failed) = self.job.condition("Failed") {
            return Some(self.failure(failed));
        }
        // Kubernetes never takes these two back.
        if self.job.condition("SuccessCriteriaMet").is_some() {
            self.foreseen = Some(Outcome::Succeeded);
        } else if let Some(target) = self.job.condition("FailureTarget") {
            self.foreseen = Some(self.failure(target));
        }
        self.deleted()
    }

    fn gone(&mut self) -> Outcome {
        match self.foreseen.take() {
            Some(foreseen) => foreseen,
            None if self.is_done() => Outcome::Succeeded,
            None if self.has_gap && !self.job.is_deleting => Outcome::Unknown,
            None if self.has_unseen_end() => Outcome::Unknown,
            None => Outcome::Deleted,
        }
    }

    /// A Job that is being deleted never ends once its Pods have, though a finalizer may keep it.
    fn deleted(&mut self) -> Option<Outcome> {
        let is_over = self.job.is_deleting && self.pods.values().all(|pod| pod.is_over);
        is_over.then(|| self.gone())
    }

    /// Whether it is certain from the Pods alone that the Job succeeded.
    fn is_done(&self) -> bool {
        // Of several Pods two may stand for the same index.
        self.job.completions == Some(1) && self.pods.values().any(succeeded)
    }

    /// Whether a Pod is gone whose end nobody saw, and no other came in its place: the task may have
    /// succeeded in it.
    fn has_unseen_end(&self) -> bool {
        if self.was_seen_deleting {
            return false;
        }
        let is_unseen = |pod: &&PodFacts| {
            let is_told = pod.deletion.is_some() || pod.removal.is_some();
            let is_good = pod.ended.iter().all(|container| container.end.exit_code == 0);
            pod.is_over && !pod.has_succeeded && is_good && !is_told
        };
        let follows = |pod: &PodFacts, other: &PodFacts| {
            other.index == pod.index && other.created > pod.created
        };
        let mut unseen = self.pods.values().filter(is_unseen);
        unseen.any(|pod| !self.pods.values().any(|other| follows(pod, other)))
    }

    fn failure(&self, condition: &Condition) -> Outcome {
        if condition.reason == "DeadlineExceeded" {
            return Outcome::DeadlineExceeded { message: condition.message.clone() };
        }
        self.failed(condition.reason.clone(), condition.message.clone())
    }

    fn failed(&self, reason: String, message: String) -> Outcome {
        let (container, pod) = match blame(self.pods.values(), &message) {
            Some(Blamed::Container(end)) => (Some(end), None),
            Some(Blamed::Pod(loss)) => (None, Some(loss)),
            None => (None, None),
        };
        Outcome::Failed(Box::new(Cause { reason, message, container, pod }))
    }

    /// Add what a Pod shows to what it showed before: nothing that happened to it is undone.
    fn pod(&mut self, mut now: PodFacts) {
        now.ended.sort_by_key(|container| container.part);
        let Some(known) = self.pods.get_mut(&now.name) else {
            self.pods.insert(now.name.clone(), now);
            return;
        };
        known.is_over |= now.is_over;
        known.has_succeeded |= now.has_succeeded;
        known.removal = now.removal.or(known.removal.take());
        known.deletion = known.deletion.or(now.deletion);
        for container in now.ended {
            let same = |known: &&mut ContainerFacts| known.end.container == container.end.container;
            match known.ended.iter_mut().find(same) {
                Some(earlier) if earlier.at <= container.at => *earlier = container,
                Some(_) => {}
                None => known.ended.push(container),
            }
        }
        known.ended.sort_by_key(|container| container.part);
    }
}
