//! Conversion of Kubernetes' objects to the small facts that the rest of the program knows.
//! Conditions are read by type and status, never by position.

use crate::job::DEFAULT_CONTAINER;
use crate::outcome::{Condition, ContainerEnd, ContainerFacts, JobFacts, Part, PodFacts, Removal};
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{
    Container, ContainerState, ContainerStateTerminated, ContainerStatus, Pod,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

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

/// The facts in a Pod that decide about its Job.
pub fn pod(pod: &Pod) -> PodFacts {
    let metadata = &pod.metadata;
    let phase = pod.status.as_ref().and_then(|status| status.phase.as_deref());
    let grace = metadata.deletion_grace_period_seconds.unwrap_or_default();
    let name = metadata.name.clone().unwrap_or_default();
    let ended = statuses(pod).filter_map(|status| {
        // One that is restarted within its Pod shows its last end beside its present state.
        let last = [status.state.as_ref(), status.last_state.as_ref()];
        let end = last.into_iter().flatten().find_map(|state| state.terminated.as_ref())?;
        Some(ContainerFacts {
            end: container_end(&name, &status.name, end),
            at: end.finished_at.as_ref().map_or(0, seconds),
            part: part(pod, &status.name),
        })
    });
    PodFacts {
        created: metadata.creation_timestamp.as_ref().map_or(0, seconds),
        is_over: matches!(phase, Some("Succeeded" | "Failed")),
        has_succeeded: phase == Some("Succeeded"),
        removal: removal(pod),
        // Kubernetes writes down when the grace period is over.
        deletion: metadata.deletion_timestamp.as_ref().map(|time| seconds(time) - grace),
        ended: ended.collect(),
        name,
    }
}

fn seconds(time: &Time) -> i64 {
    time.0.as_second()
}

/// The part of a container in its Pod.
fn part(pod: &Pod, name: &str) -> Part {
    let Some(spec) = &pod.spec else { return Part::Other };
    let annotations = pod.metadata.annotations.as_ref();
    let named = annotations.and_then(|all| all.get(DEFAULT_CONTAINER));
    let is_called = |container: &&Container| container.name == *name;
    let main = named
        .filter(|named| spec.containers.iter().any(|container| container.name == **named))
        .or_else(|| spec.containers.first().map(|container| &container.name));
    if main.is_some_and(|main| main == name) {
        return Part::Main;
    }
    match spec.init_containers.iter().flatten().find(is_called) {
        Some(init) if init.restart_policy.as_deref() == Some("Always") => Part::Sidecar,
        Some(_) => Part::Init,
        None => Part::Other,
    }
}

/// Who took a Pod away, if it says so: by the condition `DisruptionTarget`, or by the reason of its
/// status (<https://kubernetes.io/docs/concepts/workloads/pods/disruptions/>).
fn removal(pod: &Pod) -> Option<Removal> {
    let status = pod.status.as_ref()?;
    let why = || status.message.clone().unwrap_or_default();
    match status.reason.as_deref().unwrap_or_default() {
        "Evicted" => return Some(Removal::Eviction(why())),
        "Preempting" => return Some(Removal::Preemption(why())),
        "NodeLost" | "NodeShutdown" | "Shutdown" | "Terminated" => {
            return Some(Removal::NodeLoss(why()));
        }
        _ => {}
    }
    let target =
        status.conditions.iter().flatten().find(|condition| {
            condition.type_ == "DisruptionTarget" && condition.status == "True"
        })?;
    let why = target.message.clone().unwrap_or_default();
    Some(match target.reason.as_deref().unwrap_or_default() {
        "PreemptionByScheduler" => Removal::Preemption(why),
        "EvictionByEvictionAPI" => Removal::Drain(why),
        "DeletionByTaintManager" | "DeletionByPodGC" => Removal::NodeLoss(why),
        _ => Removal::Eviction(why),
    })
}

/// The reason why a Pod waits, if it does: one word and one sentence.
pub fn waiting(pod: &Pod) -> Option<(String, String)> {
    let status = pod.status.as_ref()?;
    let unscheduled = status
        .conditions
        .iter()
        .flatten()
        .find(|c| c.type_ == "PodScheduled" && c.status == "False");
    if let Some(condition) = unscheduled {
        let reason = condition.reason.clone().unwrap_or_default();
        return Some((reason, condition.message.clone().unwrap_or_default()));
    }
    let waiting = statuses(pod).filter_map(|status| status.state.as_ref()?.waiting.as_ref());
    let waiting =
        waiting.filter(|waiting| !is_usual(waiting.reason.as_deref().unwrap_or_default()));
    waiting
        .map(|waiting| {
            (
                waiting.reason.clone().unwrap_or_default(),
                waiting.message.clone().unwrap_or_default(),
            )
        })
        .next()
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

/// The containers of a Pod that run or have ended: the ones that can have written something.
pub fn started(pod: &Pod) -> Vec<(String, Stage)> {
    let name = pod.metadata.name.clone().unwrap_or_default();
    statuses(pod)
        .filter_map(|status| {
            let stage = stage(&name, &status.name, status.state.as_ref()?)?;
            Some((status.name.clone(), stage))
        })
        .collect()
}

fn stage(pod: &str, container: &str, state: &ContainerState) -> Option<Stage> {
    if let Some(end) = &state.terminated {
        return Some(Stage::Ended(container_end(pod, container, end)));
    }
    state.running.as_ref().map(|_| Stage::Running)
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
