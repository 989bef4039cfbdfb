//! Everything that is worth telling while a run goes on. The console decides how it looks; nothing else prints.

use crate::job::{Conflict, Mode, Review};
use crate::outcome::{ContainerEnd, Outcome};

/// Something happened.
#[derive(Clone, Debug)]
pub enum Event {
    /// Something the user should know, though the run goes on.
    Warning(String),
    /// This runner needs no configuration step.
    NothingToConfigure {
        /// The cube's name.
        cube: String,
    },
    /// Which policies file is in force.
    PoliciesFrom {
        /// The file.
        path: String,
        /// The flag, variable or configuration file that named it.
        named_by: &'static str,
    },
    /// A large policy is being compiled, because the cache has it not.
    PolicyCompiling {
        /// Its name in the chain.
        policy: String,
        /// The size of its file.
        bytes: usize,
        /// How long this has taken so far.
        seconds: u64,
    },
    /// A policy is ready.
    PolicyLoaded {
        /// Its name in the chain.
        policy: String,
        /// The name and version that it says of itself.
        describes_itself_as: (String, String),
        /// The digest of its file.
        digest: String,
        /// The interfaces by which it can change a Job.
        capabilities: Vec<String>,
        /// Whether its word counts.
        mode: Mode,
    },
    /// A policy has said what it thinks of the Job.
    Reviewed {
        /// The task of the Job.
        task: String,
        /// What it said and did.
        review: Review,
    },
    /// Two policies wrote the same field.
    Conflicting(Conflict),
    /// The policies in use are written down.
    Locked {
        /// The lock file.
        path: String,
        /// How many policies.
        count: usize,
    },
    /// A policy lies compiled in the cache.
    Precompiled {
        /// The policy's file.
        path: String,
        /// The cache's folder.
        folder: String,
    },
    /// The Job is in the cluster.
    Submitted(JobRef),
    /// The Job is suspended: it waits for somebody, a queue perhaps, to resume it.
    Suspended,
    /// The Job is no longer suspended.
    Resumed,
    /// A Pod waits, and why.
    PodWaiting {
        /// The Pod.
        pod: String,
        /// One word: `Unschedulable`, `ImagePullBackOff`…
        reason: String,
        /// One sentence.
        message: String,
    },
    /// A Pod was given a node.
    PodScheduled {
        /// The Pod.
        pod: String,
        /// The node.
        node: String,
    },
    /// A container runs, or has run.
    ContainerStarted {
        /// Its Pod.
        pod: String,
        /// Its name.
        container: String,
    },
    /// A container ended.
    ContainerEnded(ContainerEnd),
    /// A line that a container wrote.
    Log {
        /// Its Pod.
        pod: String,
        /// Its container.
        container: String,
        /// The line without its end.
        line: String,
    },
    /// The outcome is decided, the last Pods still end.
    Foreseen(Outcome),
    /// The run of one task is over.
    Finished {
        /// Its Job.
        job: JobRef,
        /// How it ended.
        outcome: Outcome,
    },
}

/// A Job in the cluster, by name.
#[derive(Clone, Debug)]
pub struct JobRef {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Its unique id.
    pub uid: String,
    /// The task that it runs.
    pub task: String,
}
