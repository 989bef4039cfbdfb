//! Conversion of Kubernetes' objects to the small facts that the rest of the program knows.
//! Conditions are read by type and status, never by position.

mod pod;
pub mod trouble;

use crate::job as drafted;
use crate::outcome::{Condition, ContainerEnd, JobFacts};
use jiff::Timestamp;
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{
    Container, ContainerState, ContainerStateTerminated, ContainerStatus, Pod,
};

pub use pod::{part, pod};

/// A Job of the cluster as one that can be drafted anew: the same JSON, which names its kind.
pub fn draft(job: &Job) -> drafted::Job {
    let json = serde_json::to_value(job).expect("a Job is JSON");
    drafted::Job::from_json(json).expect("it names its kind")
}

/// The facts in the status of a Job.
pub fn job(job: &Job) -> JobFacts {
    let status = job.status.clone().unwrap_or_default();
    let conditions = status.conditions.unwrap_or_default().into_iter().map(|condition| Condition {
        kind: condition.type_,
        is_true: condition.status == "True",
        reason: condition.reason.unwrap_or_default(),
        message: condition.message.unwrap_or_default(),
    });
    let completions = job.spec.as_ref().and_then(|spec| spec.completions);
    JobFacts {
        conditions: conditions.collect(),
        suspended: job.spec.as_ref().and_then(|spec| spec.suspend).unwrap_or(false),
        is_deleting: job.metadata.deletion_timestamp.is_some(),
        completions: completions.and_then(|count| count.try_into().ok()),
    }
}

/// Whether a reason is a normal stage of every Pod.
fn is_usual(reason: &str) -> bool {
    matches!(reason, "" | "ContainerCreating" | "PodInitializing")
}

/// The stage of a container.
#[derive(Clone, Debug, PartialEq)]
pub enum Stage {
    /// It runs.
    Running,
    /// It ended.
    Ended(ContainerEnd),
}

/// One run of a container, as the status of its Pod has it.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    /// The container.
    pub container: String,
    /// How often it was restarted before.
    pub restart: u32,
    /// Its stage.
    pub stage: Stage,
    /// When it began.
    pub started: Option<Timestamp>,
    /// When it ended.
    pub ended: Option<Timestamp>,
}

/// The runs of the containers of a Pod that have begun: the ones that can have written something.
/// Of each container a Pod tells the last two.
pub fn runs(pod: &Pod) -> Vec<Seen> {
    let name = pod.metadata.name.as_deref().unwrap_or_default();
    let seen = |status: &ContainerStatus| {
        let known = known(status);
        let run = |restart: Option<u32>, state: Option<&ContainerState>| {
            let state = state?;
            let (stage, [started, ended]) = (stage(name, &status.name, state)?, times(state));
            let (container, restart) = (status.name.clone(), restart?);
            Some(Seen { container, restart, stage, started, ended })
        };
        let last = run(known.last, status.last_state.as_ref());
        let now = run(known.now, status.state.as_ref());
        last.into_iter().chain(now)
    };
    statuses(pod).flat_map(seen).collect()
}

/// The runs of a container whose logs a kubelet gives, by the number of restarts before them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Kept {
    /// The one in the container's state.
    now: Option<u32>,
    /// The one before it.
    last: Option<u32>,
}

impl Kept {
    /// The run whose log a kubelet gives when it is asked for the previous one, or not.
    pub fn run(self, previous: bool) -> Option<u32> {
        if previous { self.last } else { self.now.or(self.last) }
    }
}

/// The runs of a container that are kept, and whether the state of the container is about to
/// change: it has ended, and its Pod has not.
pub fn kept(pod: &Pod, container: &str) -> Option<(Kept, bool)> {
    let status = statuses(pod).find(|status| status.name == container)?;
    let phase = pod.status.as_ref().and_then(|status| status.phase.as_deref());
    let has_ended = status.state.as_ref().is_some_and(|state| state.terminated.is_some());
    Some((known(status), has_ended && !matches!(phase, Some("Succeeded" | "Failed"))))
}

/// A container that waits to be restarted has not been counted up yet.
fn known(status: &ContainerStatus) -> Kept {
    let count = u32::try_from(status.restart_count).unwrap_or_default();
    let has_begun = status
        .state
        .as_ref()
        .is_some_and(|state| state.running.is_some() || state.terminated.is_some());
    let has_last = status.last_state.as_ref().is_some_and(|state| state.terminated.is_some());
    let last = if has_begun { count.checked_sub(1) } else { Some(count) };
    Kept { now: has_begun.then_some(count), last: last.filter(|_| has_last) }
}

/// The containers of a Pod.
pub fn containers(pod: &Pod) -> impl Iterator<Item = &Container> {
    let spec = pod.spec.iter();
    spec.flat_map(|spec| spec.init_containers.iter().flatten().chain(&spec.containers))
}

/// Whether a container may run more than once in its Pod.
pub fn may_restart(pod: &Pod, container: &str) -> bool {
    let Some(spec) = &pod.spec else { return true };
    let own = containers(pod).find(|one| one.name == container);
    own.and_then(|one| one.restart_policy.as_deref()).or(spec.restart_policy.as_deref())
        != Some("Never")
}

fn stage(pod: &str, container: &str, state: &ContainerState) -> Option<Stage> {
    if let Some(end) = &state.terminated {
        return Some(Stage::Ended(container_end(pod, container, end)));
    }
    state.running.as_ref().map(|_| Stage::Running)
}

/// When a run began, and when it ended.
fn times(state: &ContainerState) -> [Option<Timestamp>; 2] {
    let (running, end) = (state.running.as_ref(), state.terminated.as_ref());
    let started = running.and_then(|running| running.started_at.as_ref());
    let started = started.or(end.and_then(|end| end.started_at.as_ref()));
    [started, end.and_then(|end| end.finished_at.as_ref())].map(|time| time.map(|time| time.0))
}

fn container_end(pod: &str, container: &str, end: &ContainerStateTerminated) -> ContainerEnd {
    ContainerEnd {
        pod: pod.to_owned(),
        container: container.to_owned(),
        exit_code: end.exit_code,
        reason: end.reason.clone().unwrap_or_default(),
        message: end.message.clone().unwrap_or_default(),
    }
}

fn statuses(pod: &Pod) -> impl Iterator<Item = &ContainerStatus> {
    let status = pod.status.as_ref();
    let init =
        status.and_then(|status| status.init_container_statuses.as_ref()).into_iter().flatten();
    init.chain(status.and_then(|status| status.container_statuses.as_ref()).into_iter().flatten())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn pod(policy: &str, count: i32, state: Value, last: Value) -> Pod {
        let status = json!({
            "name": "c", "image": "", "imageID": "", "ready": false, "restartCount": count,
            "state": state, "lastState": last,
        });
        let json = json!({
            "metadata": {"name": "p"}, "status": {"phase": "Running", "containerStatuses": [status]},
            "spec": {"restartPolicy": policy, "containers": [{"name": "c"}]},
        });
        serde_json::from_value(json).expect("a Pod")
    }

    #[test]
    fn every_run_of_a_container_is_counted_once() {
        let (running, waiting) = (json!({"running": {}}), json!({"waiting": {"reason": "x"}}));
        let ended = json!({"terminated": {"exitCode": 1}});
        let none = json!({});
        // The count of restarts, state, last state; the runs seen, the current and the previous log.
        type Row = (&'static str, i32, Value, Value, &'static [u32], Option<u32>, Option<u32>);
        let rows: [Row; 7] = [
            ("created", 0, waiting.clone(), none.clone(), &[], None, None),
            ("first", 0, running.clone(), none.clone(), &[0], Some(0), None),
            ("first ended", 0, ended.clone(), none, &[0], Some(0), None),
            ("between", 0, waiting.clone(), ended.clone(), &[0], Some(0), Some(0)),
            ("second", 1, running, ended.clone(), &[0, 1], Some(1), Some(0)),
            ("second ended", 1, ended.clone(), ended.clone(), &[0, 1], Some(1), Some(0)),
            ("between again", 1, waiting, ended, &[1], Some(1), Some(1)),
        ];
        for (name, count, state, last, expected, now, previous) in rows {
            let pod = pod("OnFailure", count, state, last);
            let seen: Vec<_> = runs(&pod).iter().map(|run| run.restart).collect();
            let (kept, _) = kept(&pod, "c").expect("a status");
            assert_eq!(
                (&seen[..], kept.run(false), kept.run(true)),
                (expected, now, previous),
                "{name}"
            );
        }
    }

    #[test]
    fn a_pod_says_whether_its_containers_may_restart() {
        for (policy, expected) in [("Never", false), ("OnFailure", true), ("Always", true)] {
            assert_eq!(
                may_restart(&pod(policy, 0, json!({}), json!({})), "c"),
                expected,
                "{policy}"
            );
        }
    }
}
