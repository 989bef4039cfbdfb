//! The outcome of a run, judged from facts alone. The same facts in the same order always give the
//! same outcome; nothing here reads a clock or queries a cluster.

mod blame;
mod facts;
mod judge;
#[cfg(test)]
mod tests;

use serde::Serialize;

pub use facts::{Condition, ContainerFacts, JobFacts, Observation, Part, PodFacts, Removal};
pub use judge::Judge;

/// The outcome of the run of one task.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "outcome", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum Outcome {
    /// The Job is complete.
    Succeeded,
    /// The Job failed.
    Failed(Box<Cause>),
    /// The Job was deleted before it ended.
    Deleted,
    /// The Job is gone, and what became of it happened while nothing was seen.
    Unknown,
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
    /// The time to wait for the start of the task ran out; the Job keeps waiting.
    NotStarted {
        /// The time waited, in seconds.
        after_seconds: u64,
    },
    /// It can never run; the Job is left as it is.
    Stuck(Box<Stuck>),
    /// The user interrupted the program; the Job keeps running.
    Detached,
}

impl Outcome {
    /// Whether the Job is still there and goes on, or waits: it is only no longer watched.
    pub fn leaves_the_job(&self) -> bool {
        match self {
            Self::TimedOut { .. } | Self::NotStarted { .. } | Self::Stuck(_) | Self::Detached => {
                true
            }
            Self::Succeeded
            | Self::Failed(_)
            | Self::Deleted
            | Self::Unknown
            | Self::DeadlineExceeded { .. } => false,
        }
    }
}

/// Why a Job can never run.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Stuck {
    /// The name of the cause: `image-name-invalid`, `pod-security`…
    pub cause: String,
    /// The cause in a sentence.
    pub summary: String,
}

/// The cause of a failed Job.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Cause {
    /// The reason of the Job's condition: `BackoffLimitExceeded`, `PodFailurePolicy`…
    pub reason: String,
    /// The message of the Job's condition.
    pub message: String,
    /// The container whose failure decided, with an exit code other than 0.
    pub container: Option<ContainerEnd>,
    /// The Pod whose loss decided: then no exit code says anything about the task.
    pub pod: Option<PodLoss>,
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

/// A Pod that was taken away while its containers ran.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PodLoss {
    /// The Pod.
    pub pod: String,
    /// Who took it away.
    #[serde(flatten)]
    pub removal: Removal,
}
