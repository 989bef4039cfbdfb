//! The facts that decide: all that the judge knows of a cluster. Times are those of the cluster, in
//! seconds since 1970.

use super::{ContainerEnd, Stuck};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A fact about the Job or its Pods.
#[derive(Clone, Debug, PartialEq)]
pub enum Observation {
    /// The Job's status, as a whole.
    Job(JobFacts),
    /// The Job no longer exists.
    JobGone,
    /// A Pod's status, as a whole.
    Pod(PodFacts),
    /// A Pod no longer exists.
    PodGone(String),
    /// From here back to the last fact something may have happened unseen.
    Gap,
    /// The time to wait ran out.
    TimeOver(Duration),
    /// The time to wait for the start of the task ran out.
    StartOver(Duration),
    /// Something has lasted that can never come right.
    Stuck(Box<Stuck>),
    /// The user interrupted.
    Interrupted,
}

/// The facts in a Job.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct JobFacts {
    /// The conditions, in no particular order.
    pub conditions: Vec<Condition>,
    /// Whether `spec.suspend` is set.
    pub suspended: bool,
    /// Whether it is being deleted; a finalizer may keep it for long.
    pub is_deleting: bool,
    /// `spec.completions`.
    pub completions: Option<u32>,
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

/// The facts in a Pod.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PodFacts {
    /// Its name.
    pub name: String,
    /// The index that it stands for, in a Job whose Pods have one.
    pub index: Option<u32>,
    /// When it was created.
    pub created: i64,
    /// Whether all its containers have ended.
    pub is_over: bool,
    /// Whether it ended well: its phase is `Succeeded`.
    pub has_succeeded: bool,
    /// Who took it away, if somebody did.
    pub removal: Option<Removal>,
    /// When somebody asked for its deletion.
    pub deletion: Option<i64>,
    /// The ends of its containers, each container's last.
    pub ended: Vec<ContainerFacts>,
}

/// The facts in the end of a container.
#[derive(Clone, Debug, PartialEq)]
pub struct ContainerFacts {
    /// The end.
    pub end: ContainerEnd,
    /// When it ended.
    pub at: i64,
    /// The container's part in the Pod.
    pub part: Part,
    /// Whether it was restarted after it: nobody had told it to end.
    pub is_restarted: bool,
}

/// The part of a container in its Pod, in the order in which their failures are blamed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// It runs the task.
    Main,
    /// It ends before the task starts.
    Init,
    /// Another container, whose failure is the Pod's.
    Other,
    /// It runs until it is told to stop: how it ends says nothing.
    Sidecar,
}

/// Who took a Pod away.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "removedBy", content = "why", rename_all = "kebab-case")]
pub enum Removal {
    /// The kubelet, whose node ran short of something; with its message.
    Eviction(String),
    /// The scheduler, for a Pod of a higher priority.
    Preemption(String),
    /// Somebody who empties the node, through the eviction API.
    Drain(String),
    /// Kubernetes, because the node was lost or shut down.
    NodeLoss(String),
    /// Somebody who deleted it.
    Deletion,
}

impl JobFacts {
    /// The condition of this type, if its status is `True`.
    pub fn condition(&self, kind: &str) -> Option<&Condition> {
        self.conditions.iter().find(|condition| condition.is_true && condition.kind == kind)
    }
}
