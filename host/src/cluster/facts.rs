//! Conversion of Kubernetes' objects to the small facts that the rest of the program knows.
//! Conditions are read by type and status, never by position.

use crate::outcome::{Condition, ContainerEnd, JobFacts};
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{ContainerState, ContainerStatus, Pod};

/// The facts in the status of a Job.
pub fn job(job: &Job) -> JobFacts {
    let status = job.status.clone().unwrap_or_default();
    let conditions = status.conditions.unwrap_or_default().into_iter().map(|condition| Condition {
        kind: condition.type_,
        is_true: condition.status == "True",
        reason: condition.reason.unwrap_or_default(),
        message: condition.message.unwrap_or_default(),
    });
    JobFacts {
        conditions: conditions.collect(),
        suspended: job.spec.as_ref().and_then(|spec| spec.suspend).unwrap_or(false),
    }
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
        return Some(Stage::Ended(ContainerEnd {
            pod: pod.to_owned(),
            container: container.to_owned(),
            exit_code: end.exit_code,
            reason: end.reason.clone().unwrap_or_default(),
            message: end.message.clone().unwrap_or_default(),
        }));
    }
    state.running.as_ref().map(|_| Stage::Running)
}

fn statuses(pod: &Pod) -> impl Iterator<Item = &ContainerStatus> {
    let status = pod.status.as_ref();
    let init =
        status.and_then(|status| status.init_container_statuses.as_ref()).into_iter().flatten();
    init.chain(status.and_then(|status| status.container_statuses.as_ref()).into_iter().flatten())
}
