//! The logs of containers. Each run of each container has a follower of its own; what the runs of
//! one container wrote is told in their order.

mod file;
mod follower;
mod held;
mod pieces;
mod print;
mod source;
mod stitch;

use super::facts;
use crate::event::{ContainerRun, Event};
use crate::outcome::Part;
use follower::Follower;
use held::Held;
use k8s_openapi::api::core::v1::Pod;
use kube::Api;
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;

/// Pieces in flight between the containers and the console.
const PIECES: usize = 16;

/// What is heard of the logs of a Job.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Logs {
    /// Whose they are.
    pub of: LogsOf,
    /// Whether each line has its time.
    pub times: bool,
}

/// The containers whose logs are heard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogsOf {
    /// All.
    #[default]
    All,
    /// Those that run the task.
    Main,
    /// Those that fail: the end of the log, once they have.
    Failed,
    /// None.
    None,
}

/// The followers of a Job.
pub struct Followers {
    pods: Api<Pod>,
    logs: Logs,
    /// Whether the Job has one Pod, but for those that follow on one that failed.
    is_one_pod: bool,
    /// The Pods of which a container ran, in their order.
    tries: Vec<String>,
    held: Held,
    events: mpsc::Sender<Event>,
    tasks: JoinSet<()>,
    /// The runs, and whether each is over. A follower that has told all no longer listens.
    runs: HashMap<Arc<ContainerRun>, watch::Sender<bool>>,
    /// The end of the last follower of each Pod's container.
    turns: HashMap<(String, String), oneshot::Receiver<()>>,
}

impl Followers {
    /// No follower yet, and where they will tell what they read.
    pub fn new(pods: Api<Pod>, logs: Logs, is_one_pod: bool) -> (Self, mpsc::Receiver<Event>) {
        let (events, received) = mpsc::channel(PIECES);
        let (tasks, runs, turns) = (JoinSet::new(), HashMap::new(), HashMap::new());
        let (tries, held) = (Vec::new(), Held::default());
        (Self { pods, logs, is_one_pod, tries, held, events, tasks, runs, turns }, received)
    }

    /// A run of a container of a Pod.
    pub fn run(&mut self, pod: &Pod, container: String, restart: u32) -> Arc<ContainerRun> {
        let name = pod.metadata.name.clone().unwrap_or_default();
        let known = self.tries.iter().position(|known| *known == name);
        let before = known.unwrap_or_else(|| {
            self.tries.push(name.clone());
            self.tries.len() - 1
        });
        let attempt = if self.is_one_pod { before + 1 } else { 1 };
        let part = facts::part(pod, &container);
        let is_only = self.logs.of == LogsOf::Main || facts::containers(pod).count() == 1;
        let is_alone = self.is_one_pod && is_only;
        Arc::new(ContainerRun { pod: name, container, restart, part, attempt, is_alone })
    }

    /// Follow the log of a run, if it is heard.
    pub fn follow(&mut self, run: &Arc<ContainerRun>, may_restart: bool) {
        match self.logs.of {
            LogsOf::All | LogsOf::Failed => {}
            LogsOf::Main if run.part == Part::Main => {}
            LogsOf::Main | LogsOf::None => return,
        }
        let (progress, over) = watch::channel(false);
        let (done, next) = oneshot::channel::<()>();
        // A log that is cut says from when on it is told.
        let keeps_times = self.logs.times || self.logs.of == LogsOf::Failed;
        let turn = self.turns.insert((run.pod.clone(), run.container.clone()), next);
        let follower = Follower {
            source: source::Source { pods: self.pods.clone(), run: Arc::clone(run), may_restart },
            over,
            turn,
            events: self.events.clone(),
            heard: Instant::now(),
            file: file::File::default(),
            stitcher: stitch::Stitcher::new(keeps_times),
            pieces: pieces::Pieces::default(),
            next: None,
        };
        self.runs.insert(Arc::clone(run), progress);
        self.tasks.spawn(async move {
            follower.follow().await;
            drop(done);
        });
    }

    /// What a follower tells; none if it is not to be told, or not yet.
    pub fn hear(&mut self, event: Event) -> Option<Event> {
        match &event {
            Event::Log { run, .. } | Event::LogGap { run, .. }
                if self.logs.of == LogsOf::Failed =>
            {
                let run = Arc::clone(run);
                self.held.take(&run, event).map(|event| self.fit(event))
            }
            _ => Some(event),
        }
    }

    /// The run is over: its log will not grow. Gives what is to be told of it now.
    pub fn end(&mut self, run: &Arc<ContainerRun>, exit_code: i32) -> Vec<Event> {
        self.is_over(run);
        let has_failed = exit_code != 0 && run.part != Part::Sidecar;
        self.decide(run, has_failed)
    }

    /// A Pod is gone: all its runs are over. Gives what is to be told of them now.
    pub fn end_pod(&mut self, pod: &str) -> Vec<Event> {
        self.runs.keys().filter(|run| run.pod == pod).for_each(|run| self.is_over(run));
        let lost: Vec<_> = self.held.open().into_iter().filter(|run| run.pod == pod).collect();
        lost.iter().flat_map(|run| self.decide(run, true)).collect()
    }

    /// The Job has failed: gives what is held of runs whose end was not seen.
    pub fn failed(&mut self) -> Vec<Event> {
        self.held.open().iter().flat_map(|run| self.decide(run, true)).collect()
    }

    fn is_over(&self, run: &ContainerRun) {
        if let Some(progress) = self.runs.get(run) {
            progress.send_replace(true);
        }
    }

    fn decide(&mut self, run: &Arc<ContainerRun>, is_told: bool) -> Vec<Event> {
        if self.logs.of != LogsOf::Failed {
            return Vec::new();
        }
        let told = self.held.decide(run, is_told);
        told.into_iter().map(|event| self.fit(event)).collect()
    }

    /// An event without the times that were not asked for.
    fn fit(&self, mut event: Event) -> Event {
        if let Event::Log { piece, .. } = &mut event
            && !self.logs.times
        {
            piece.times = Vec::new();
        }
        event
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
