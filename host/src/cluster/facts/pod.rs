//! The facts in a Pod that decide about its Job.

use super::{container_end, statuses};
use crate::job::DEFAULT_CONTAINER;
use crate::outcome::{ContainerFacts, Part, PodFacts, Removal};
use k8s_openapi::api::core::v1::{Container, Pod};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

/// The facts in a Pod that decide about its Job.
pub fn pod(pod: &Pod) -> PodFacts {
    let metadata = &pod.metadata;
    let phase = pod.status.as_ref().and_then(|status| status.phase.as_deref());
    let grace = metadata.deletion_grace_period_seconds.unwrap_or_default();
    let name = metadata.name.clone().unwrap_or_default();
    let ended = statuses(pod).flat_map(|status| {
        // One that is restarted within its Pod shows its last end beside its present state.
        let ends = [(status.state.as_ref(), false), (status.last_state.as_ref(), true)];
        let name = &name;
        ends.into_iter().filter_map(move |(state, is_restarted)| {
            let end = state?.terminated.as_ref()?;
            Some(ContainerFacts {
                end: container_end(name, &status.name, end),
                at: end.finished_at.as_ref().map_or(0, seconds),
                part: part(pod, &status.name),
                is_restarted,
            })
        })
    });
    PodFacts {
        index: index(pod),
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

/// The index that a Pod stands for.
fn index(pod: &Pod) -> Option<u32> {
    let annotations = pod.metadata.annotations.as_ref()?;
    annotations.get("batch.kubernetes.io/job-completion-index")?.parse().ok()
}

fn seconds(time: &Time) -> i64 {
    time.0.as_second()
}

/// The part of a container in its Pod.
pub fn part(pod: &Pod, name: &str) -> Part {
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
