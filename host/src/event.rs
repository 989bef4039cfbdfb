//! The events of a run. The console decides how they look; nothing else prints.

mod job;
mod transfer;

use crate::diagnosis::Diagnosis;
use crate::job::{Capability, Claim, ClaimState, Conflict, Mode, Review};
use crate::outcome::{ContainerEnd, Outcome, Part};
use jiff::Timestamp;
pub use job::{JobRef, LeftJob, WayBack};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
pub use transfer::{Amount, Transfer, Way};

/// An event of a run.
#[derive(Clone, Debug)]
pub enum Event {
    /// Something the user should know, though the run goes on.
    Warning(String),
    /// This runner needs no configuration step.
    NothingToConfigure {
        /// The cube's name.
        cube: String,
    },
    /// A policies file is in force.
    PoliciesFrom {
        /// The file.
        path: String,
        /// Its origin: the flag, the variable or the user's configuration.
        named_by: &'static str,
    },
    /// No policies are in force.
    NoPolicies,
    /// A large policy is being compiled, because it is not in the cache.
    PolicyCompiling {
        /// Its name in the chain.
        policy: String,
        /// The size of its file.
        bytes: usize,
        /// The time elapsed.
        seconds: u64,
    },
    /// A policy is ready.
    PolicyLoaded {
        /// Its name in the chain.
        policy: String,
        /// The name and the version of its description.
        name_and_version: (String, String),
        /// The digest of its file.
        digest: String,
        /// Its capabilities.
        capabilities: Vec<Capability>,
        /// Whether it is enforced or audited.
        mode: Mode,
    },
    /// A policy has reviewed the Job.
    Reviewed {
        /// The task of the Job.
        task: String,
        /// The review.
        review: Review,
        /// Whether it says anything that the policy's review before did not.
        is_news: bool,
    },
    /// Two policies wrote the same field.
    Conflicting(Conflict),
    /// The policies in use are locked.
    Locked {
        /// The lock file.
        path: String,
        /// The number of policies.
        count: usize,
    },
    /// A policy is compiled into the cache.
    Precompiled {
        /// The policy's file.
        path: String,
        /// The cache's folder.
        folder: String,
    },
    /// A claim that the Jobs name, where missing ones are created.
    Claim {
        /// The claim.
        claim: Claim,
        /// What became of it.
        state: ClaimState,
    },
    /// The Job is about to be sent: from here on it may be in the cluster.
    Submitting(JobRef),
    /// The Job is in the cluster.
    Submitted(JobRef),
    /// The Job was there before, and is watched from now on.
    Attached(JobRef),
    /// The Job is being stopped: its Pods are told to end.
    Cancelling(JobRef),
    /// The Job is stopped and removed.
    Cancelled(JobRef),
    /// A Job that was over is removed.
    Removed(JobRef),
    /// A Job cannot be stopped, because it has ended.
    AlreadyOver {
        /// The Job.
        job: JobRef,
        /// Its state.
        state: &'static str,
    },
    /// The Job is suspended: it waits to be resumed, by a queue for example.
    Suspended,
    /// The Job is no longer suspended.
    Resumed,
    /// What keeps the Job from getting on, once. Its command is whole.
    Diagnosed(Box<Diagnosis>),
    /// A Pod was scheduled to a node.
    PodScheduled {
        /// The Pod.
        pod: String,
        /// The node.
        node: String,
    },
    /// A container runs, or has run.
    ContainerStarted(Arc<ContainerRun>),
    /// A container ended.
    ContainerEnded(ContainerEnd),
    /// What a container wrote, byte for byte and in order: whole lines, or a part of a line that is
    /// long or not yet ended.
    Log {
        /// What wrote it.
        run: Arc<ContainerRun>,
        /// The piece.
        piece: Piece,
    },
    /// A part of a log that cannot be had.
    LogGap {
        /// What wrote it.
        run: Arc<ContainerRun>,
        /// The part.
        gap: Gap,
    },
    /// The Job cannot be watched at present.
    Outage {
        /// The cause.
        why: String,
        /// The time after which the program stops trying.
        gives_up_after: Duration,
    },
    /// The Job can be watched again.
    OutageOver {
        /// How long it could not.
        lasted: Duration,
    },
    /// Data on its way between the workspace and a claim.
    Transfer(Transfer),
    /// The outcome is decided, and the last Pods are still terminating.
    Foreseen(Outcome),
    /// A signal ended the command.
    Interrupted {
        /// The signal, such as `SIGINT`.
        signal: &'static str,
        /// The Job that is left behind.
        left: Option<LeftJob>,
        /// The tasks whose Jobs were not created because of it; none if the command creates none.
        not_submitted: Option<Vec<String>>,
    },
    /// The run of one task is over.
    Finished {
        /// Its Job.
        job: JobRef,
        /// How it ended.
        outcome: Outcome,
        /// The number of gaps in the logs.
        gaps: usize,
        /// When what happened, by the cluster's clock: for a run that was not seen from its
        /// beginning.
        history: History,
    },
}

/// What a run went through, by the cluster's clock, in whole seconds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// When its Job was created, if that is known.
    pub created: Option<Timestamp>,
    /// What happened then.
    pub moments: BTreeSet<(Timestamp, Moment)>,
    /// When its Job ended, if it has.
    pub ended: Option<Timestamp>,
}

/// Something that takes a run into another phase. In one second they come in this order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Moment {
    /// Its Job is suspended.
    Suspended,
    /// Its Job is no longer suspended.
    Resumed,
    /// A Pod has a node.
    Scheduled,
    /// The task runs in a container.
    Started {
        /// The Pod.
        pod: String,
        /// The container.
        container: String,
        /// How often it was restarted before.
        restart: u32,
    },
    /// The task no longer runs in a container.
    Ended {
        /// The Pod.
        pod: String,
        /// The container.
        container: String,
    },
}

impl Event {
    /// Whether it only tells how far something is: the next of its kind takes its place.
    pub fn is_progress(&self) -> bool {
        matches!(self, Self::PolicyCompiling { .. } | Self::Transfer(Transfer::Progress { .. }))
    }
}

/// A piece of a log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Piece {
    /// The bytes, line ends among them. A part of a line never ends within a character.
    pub bytes: Vec<u8>,
    /// Where in them a line begins, and the time of that line; only if times are asked for.
    pub times: Vec<(usize, Timestamp)>,
}

/// One run of a container: from its start to its end.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ContainerRun {
    /// Its Pod.
    pub pod: String,
    /// Its name.
    pub container: String,
    /// How often the container was restarted before, inside its Pod.
    pub restart: u32,
    /// Its part in its Pod.
    pub part: Part,
    /// Which try of its Job it is, from one: a Pod that follows on one that failed is the next.
    pub attempt: usize,
    /// Whether nothing else of its Job is heard at the same time, so that its lines need no name.
    pub is_alone: bool,
}

/// A part of a log that cannot be had. How many lines it had is not known: logs do not count them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The time of the last line before it, in RFC 3339; none if there is none.
    pub after: Option<String>,
    /// The time of the first line behind it, in RFC 3339; none if the rest is missing.
    pub before: Option<String>,
    /// The time between the two.
    pub lasting: Option<Duration>,
    /// The cause.
    pub why: String,
}
