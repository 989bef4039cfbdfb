//! The outcome of a run, judged from facts alone. The same facts in the same order always give the
//! same outcome; nothing here reads a clock or queries a cluster.

use serde::Serialize;
use std::time::Duration;

/// The outcome of the run of one task.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "outcome", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum Outcome {
    /// The Job is complete.
    Succeeded,
    /// The Job failed.
    Failed(Cause),
    /// The Job was deleted before it ended.
    Deleted,
    /// The Job ran into its own deadline, `spec.activeDeadlineSeconds`.
    DeadlineExceeded {
        /// The message of the Job's condition.
        message: String,
    },
    /// The time to wait ran out; the Job keeps running.
    TimedOut {
        /// The time waited, in seconds.
        after_seconds: u64,
    },
    /// The user interrupted the program; the Job keeps running.
    Detached,
}

/// The cause of a failed Job.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Cause {
    /// The reason of the Job's condition: `BackoffLimitExceeded`, `PodFailurePolicy`…
    pub reason: String,
    /// The message of the Job's condition.
    pub message: String,
    /// The last container that ended with an exit code other than 0.
    pub container: Option<ContainerEnd>,
}

/// The end of a container.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ContainerEnd {
    /// Its Pod.
    pub pod: String,
    /// Its name.
    pub container: String,
    /// Its exit code, 128 + n after signal n.
    pub exit_code: i32,
    /// `Completed`, `Error`, `OOMKilled`…
    pub reason: String,
    /// The termination message of the container.
    pub message: String,
}

/// A fact about the Job or its Pods.
#[derive(Clone, Debug, PartialEq)]
pub enum Observation {
    /// The Job's status, as a whole.
    Job(JobFacts),
    /// The Job no longer exists.
    JobGone,
    /// A container ended.
    ContainerEnded(ContainerEnd),
    /// The time to wait ran out.
    TimeOver(Duration),
    /// The user interrupted.
    Interrupted,
}

/// The facts in a Job's status.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct JobFacts {
    /// The conditions, in no particular order.
    pub conditions: Vec<Condition>,
    /// Whether `spec.suspend` is set.
    pub suspended: bool,
}

/// A condition of a Job.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Condition {
    /// `Complete`, `Failed`, `Suspended`, `SuccessCriteriaMet`, `FailureTarget`…
    pub kind: String,
    /// Whether its status is `True`.
    pub is_true: bool,
    /// One word.
    pub reason: String,
    /// One sentence.
    pub message: String,
}

impl JobFacts {
    /// The condition of this type, if its status is `True`.
    pub fn condition(&self, kind: &str) -> Option<&Condition> {
        self.conditions.iter().find(|condition| condition.is_true && condition.kind == kind)
    }
}

/// Judges a run while its facts come in.
#[derive(Debug, Default)]
pub struct Judge {
    last_failure: Option<ContainerEnd>,
    foreseen: Option<Outcome>,
}

impl Judge {
    /// Take the next fact; gives the outcome as soon as it is certain.
    ///
    /// `SuccessCriteriaMet` and `FailureTarget` come before `Complete` and `Failed`, while the last
    /// Pods are still terminating: they decide only if the Job disappears in between.
    pub fn observe(&mut self, observation: Observation) -> Option<Outcome> {
        match observation {
            Observation::ContainerEnded(end) => {
                if end.exit_code != 0 {
                    self.last_failure = Some(end);
                }
                None
            }
            Observation::Job(facts) => self.job(&facts),
            Observation::JobGone => Some(self.foreseen.take().unwrap_or(Outcome::Deleted)),
            Observation::TimeOver(after) => {
                Some(Outcome::TimedOut { after_seconds: after.as_secs() })
            }
            Observation::Interrupted => Some(Outcome::Detached),
        }
    }

    /// The outcome that the Job is heading for, as soon as Kubernetes has decided it.
    pub fn foreseen(&self) -> Option<&Outcome> {
        self.foreseen.as_ref()
    }

    /// Add to a failure the container that caused it, if that became known only after the Job's
    /// end.
    pub fn explain(&self, outcome: Outcome) -> Outcome {
        match outcome {
            Outcome::Failed(cause) if cause.container.is_none() => {
                Outcome::Failed(Cause { container: self.last_failure.clone(), ..cause })
            }
            outcome => outcome,
        }
    }

    fn job(&mut self, facts: &JobFacts) -> Option<Outcome> {
        if facts.condition("Complete").is_some() {
            return Some(Outcome::Succeeded);
        }
        if let Some(failed) = facts.condition("Failed") {
            return Some(self.failure(failed));
        }
        self.foreseen =
            match (facts.condition("SuccessCriteriaMet"), facts.condition("FailureTarget")) {
                (Some(_), _) => Some(Outcome::Succeeded),
                (None, Some(target)) => Some(self.failure(target)),
                (None, None) => None,
            };
        None
    }

    fn failure(&self, condition: &Condition) -> Outcome {
        if condition.reason == "DeadlineExceeded" {
            return Outcome::DeadlineExceeded { message: condition.message.clone() };
        }
        Outcome::Failed(Cause {
            reason: condition.reason.clone(),
            message: condition.message.clone(),
            container: self.last_failure.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn condition(kind: &str, is_true: bool, reason: &str) -> Condition {
        Condition { kind: kind.into(), is_true, reason: reason.into(), message: String::new() }
    }

    fn job(conditions: &[Condition]) -> Observation {
        Observation::Job(JobFacts { conditions: conditions.to_vec(), ..JobFacts::default() })
    }

    fn ended(exit_code: i32) -> ContainerEnd {
        let text = String::from;
        ContainerEnd {
            pod: text("p"),
            container: text("c"),
            exit_code,
            reason: text("Error"),
            message: text(""),
        }
    }

    fn failed(reason: &str, container: Option<ContainerEnd>) -> Outcome {
        Outcome::Failed(Cause { reason: reason.into(), message: String::new(), container })
    }

    #[test]
    fn every_history_has_one_outcome() {
        let met = condition("SuccessCriteriaMet", true, "CompletionsReached");
        let target = condition("FailureTarget", true, "BackoffLimitExceeded");
        let complete = condition("Complete", true, "CompletionsReached");
        let given_up = condition("Failed", true, "BackoffLimitExceeded");
        let suspended = condition("Suspended", true, "JobSuspended");
        let resumed = condition("Suspended", false, "JobResumed");
        let deadline = Outcome::DeadlineExceeded { message: String::new() };
        let end = |code| Observation::ContainerEnded(ended(code));
        let gone = Observation::JobGone;
        let rows: Vec<(&str, Vec<Observation>, Option<Outcome>)> = vec![
            ("nothing yet", vec![job(&[])], None),
            (
                "success, as Kubernetes 1.31 and later tell it",
                vec![job(&[met.clone(), complete.clone()])],
                Some(Outcome::Succeeded),
            ),
            ("success is foreseen, Pods still end", vec![job(std::slice::from_ref(&met))], None),
            (
                "deleted after success was certain",
                vec![job(&[met]), gone.clone()],
                Some(Outcome::Succeeded),
            ),
            ("suspended is queued, not failed", vec![job(std::slice::from_ref(&suspended))], None),
            (
                "resumed, then complete",
                vec![job(&[suspended]), job(&[resumed, complete])],
                Some(Outcome::Succeeded),
            ),
            ("a false condition says nothing", vec![job(&[condition("Failed", false, "")])], None),
            ("failure is foreseen", vec![end(3), job(std::slice::from_ref(&target))], None),
            (
                "failed",
                vec![end(3), job(&[target.clone(), given_up.clone()])],
                Some(failed("BackoffLimitExceeded", Some(ended(3)))),
            ),
            (
                "failed before any Pod was seen",
                vec![job(std::slice::from_ref(&given_up))],
                Some(failed("BackoffLimitExceeded", None)),
            ),
            (
                "a good end does not explain a failure",
                vec![end(137), end(0), job(&[given_up])],
                Some(failed("BackoffLimitExceeded", Some(ended(137)))),
            ),
            (
                "deleted after failure was certain",
                vec![job(&[target]), gone.clone()],
                Some(failed("BackoffLimitExceeded", None)),
            ),
            (
                "the Job's own deadline",
                vec![job(&[condition("Failed", true, "DeadlineExceeded")])],
                Some(deadline),
            ),
            ("deleted", vec![job(&[]), gone], Some(Outcome::Deleted)),
            (
                "our time is over",
                vec![Observation::TimeOver(Duration::from_secs(5))],
                Some(Outcome::TimedOut { after_seconds: 5 }),
            ),
            ("interrupted", vec![Observation::Interrupted], Some(Outcome::Detached)),
        ];
        for (name, history, expected) in rows {
            let mut judge = Judge::default();
            let outcomes: Vec<_> =
                history.into_iter().filter_map(|fact| judge.observe(fact)).collect();
            assert_eq!(outcomes.into_iter().next(), expected, "{name}");
        }
    }
}
