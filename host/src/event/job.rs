//! A Job as events name it, and the commands that lead back to it.

use crate::job::Place;

/// A Job in the cluster, by name.
#[derive(Clone, Debug, Default)]
pub struct JobRef {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Its unique id; empty until it is known.
    pub uid: String,
    /// The task that it runs.
    pub task: String,
    /// Where the task's outputs are.
    pub outputs: Vec<Place>,
    /// The way back to it.
    pub back: WayBack,
}

/// A Job that the program left behind.
#[derive(Clone, Debug)]
pub struct LeftJob {
    /// The Job.
    pub job: JobRef,
    /// Whether it was created: else it was sent, and the answer was not waited for.
    pub is_certain: bool,
}

/// The way back to a Job: commands to paste into a shell, with the flags that were given.
#[derive(Clone, Debug, Default)]
pub struct WayBack {
    /// The command that shows whether it is there.
    pub look: String,
    /// The command that follows it.
    pub follow: String,
    /// The command that stops it.
    pub stop: String,
    /// The command that prints its logs.
    pub logs: String,
    /// The command that removes it once it is over.
    pub remove: String,
    /// The command that brings its outputs, if they need it.
    pub fetch: Option<String>,
}
