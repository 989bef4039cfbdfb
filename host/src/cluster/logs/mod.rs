//! The logs of containers. Each run of each container has a follower of its own; what the runs of
//! one container wrote is told in their order.

mod file;
mod follower;
mod pieces;
mod source;
mod stitch;

use crate::event::{ContainerRun, Event};
use follower::Follower;
use k8s_openapi::api::core::v1::Pod;
use kube::Api;
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;

/// Pieces in flight between the containers and the console.
const PIECES: usize = 16;

/// The followers of a Job.
pub struct Followers {
    pods: Api<Pod>,
    events: mpsc::Sender<Event>,
    tasks: JoinSet<()>,
    /// The runs, and whether each is over. A follower that has told all no longer listens.
    runs: HashMap<Arc<ContainerRun>, watch::Sender<bool>>,
    /// The end of the last follower of each Pod's container.
    turns: HashMap<(String, String), oneshot::Receiver<()>>,
}

impl Followers {
    /// No follower yet, and where they will tell what they read.
    pub fn new(pods: Api<Pod>) -> (Self, mpsc::Receiver<Event>) {
        let (events, received) = mpsc::channel(PIECES);
        let (tasks, runs, turns) = (JoinSet::new(), HashMap::new(), HashMap::new());
        (Self { pods, events, tasks, runs, turns }, received)
    }

    /// Follow the log of a run.
    pub fn follow(&mut self, run: &Arc<ContainerRun>, may_restart: bool) {
        let (progress, over) = watch::channel(false);
        let (done, next) = oneshot::channel::<()>();
        let turn = self.turns.insert((run.pod.clone(), run.container.clone()), next);
        let follower = Follower {
            source: source::Source { pods: self.pods.clone(), run: Arc::clone(run), may_restart },
            over,
            turn,
            events: self.events.clone(),
            heard: Instant::now(),
            file: file::File::default(),
            stitcher: stitch::Stitcher::default(),
            pieces: pieces::Pieces::default(),
        };
        self.runs.insert(Arc::clone(run), progress);
        self.tasks.spawn(async move {
            follower.follow().await;
            drop(done);
        });
    }

    /// The run is over: its log will not grow.
    pub fn end(&self, run: &ContainerRun) {
        if let Some(progress) = self.runs.get(run) {
            progress.send_replace(true);
        }
    }

    /// All runs of a Pod are over.
    pub fn end_pod(&self, pod: &str) {
        self.runs.keys().filter(|run| run.pod == pod).for_each(|run| self.end(run));
    }

    /// The runs of which not all is told, and whether each is over.
    pub fn unfinished(&self) -> impl Iterator<Item = (&Arc<ContainerRun>, bool)> {
        let listening = self.runs.iter().filter(|(_, progress)| progress.receiver_count() > 0);
        listening.map(|(run, progress)| (run, *progress.borrow()))
    }

    /// Wait until one more follower has told all; none is left if this is `false`.
    pub async fn join_next(&mut self) -> bool {
        self.tasks.join_next().await.is_some()
    }
}
