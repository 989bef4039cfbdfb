//! What Jobs, Pods and events say of trouble, as facts for a diagnosis. A Pod that is being deleted
//! says nothing any more.

use super::pod::part;
use super::{is_usual, statuses};
use crate::diagnosis::{Exit, Fact, Source, Step, Subject};
use crate::outcome::Part;
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{ContainerState, ContainerStateTerminated, ContainerStatus, Pod};

/// The controller of Jobs that is Kubernetes' own.
const OWN_CONTROLLER: &str = "kubernetes.io/job-controller";

/// The fact in a Job that waits for a controller other than Kubernetes' own.
pub fn of_job(job: &Job) -> Option<Fact> {
    let spec = job.spec.as_ref()?;
    let controller = spec.managed_by.clone().filter(|name| name != OWN_CONTROLLER)?;
    let is_untouched = job.status.as_ref().is_none_or(|status| status.start_time.is_none());
    let is_suspended = spec.suspend == Some(true);
    (is_untouched && !is_suspended).then(|| Fact {
        about: Subject::Job,
        source: Source::Managed,
        reason: String::new(),
        message: controller,
    })
}

/// The step that a Pod has to take next.
pub fn step(pod: &Pod) -> Step {
    let has_node = pod.spec.as_ref().is_some_and(|spec| spec.node_name.is_some());
    let main = statuses(pod).find(|status| part(pod, &status.name) == Part::Main);
    let has_begun = |state: &ContainerState| state.running.is_some() || state.terminated.is_some();
    let state = main.and_then(|status| status.state.as_ref());
    match (has_node, state.is_some_and(has_begun)) {
        (_, true) => Step::Run,
        (true, false) => Step::Start,
        (false, false) => Step::Scheduling,
    }
}

/// The facts in the status of a Pod.
pub fn of_pod(pod: &Pod) -> Vec<Fact> {
    let Some(status) = &pod.status else { return Vec::new() };
    let name = pod.metadata.name.clone().unwrap_or_default();
    let fact = |source, reason: Option<&String>, message: Option<&String>| Fact {
        about: Subject::Pod(name.clone()),
        source,
        reason: reason.cloned().unwrap_or_default(),
        message: message.cloned().unwrap_or_default(),
    };
    let mut facts = Vec::new();
    let conditions = || status.conditions.iter().flatten();
    let preempted = conditions().find(|condition| {
        condition.type_ == "DisruptionTarget"
            && condition.reason.as_deref() == Some("PreemptionByScheduler")
    });
    if status.phase.as_deref() == Some("Failed") && status.reason.is_some() {
        facts.push(fact(Source::Over, status.reason.as_ref(), status.message.as_ref()));
    } else if let Some(preempted) = preempted {
        facts.push(fact(Source::Over, preempted.reason.as_ref(), preempted.message.as_ref()));
    }
    if pod.metadata.deletion_timestamp.is_some() {
        return facts;
    }
    let has_node = pod.spec.as_ref().is_some_and(|spec| spec.node_name.is_some());
    let scheduled = conditions().find(|condition| condition.type_ == "PodScheduled");
    match scheduled.filter(|_| !has_node) {
        Some(condition) if condition.status == "False" => {
            let (reason, message) = (condition.reason.as_ref(), condition.message.as_ref());
            facts.push(fact(Source::Scheduling, reason, message));
        }
        None if !has_node => facts.push(fact(Source::Silence, None, None)),
        _ => {}
    }
    for container in statuses(pod) {
        facts.extend(of_container(pod, container).into_iter().map(|(source, reason, message)| {
            Fact { about: Subject::Pod(name.clone()), source, reason, message }
        }));
    }
    facts.extend(runs_on(pod).map(|container| fact(Source::RunsOn { container }, None, None)));
    facts
}

/// What the status of a container says: that it waits for no usual reason, or that it failed.
fn of_container(pod: &Pod, status: &ContainerStatus) -> Option<(Source, String, String)> {
    let (container, part) = (status.name.clone(), part(pod, &status.name));
    let last = status.last_state.as_ref().and_then(|state| state.terminated.as_ref());
    let state = status.state.as_ref()?;
    if let Some(waiting) = &state.waiting {
        let reason = waiting.reason.clone().unwrap_or_default();
        if is_usual(&reason) {
            return None;
        }
        let source = Source::Waiting { container, part, last: last.map(exit) };
        return Some((source, reason, waiting.message.clone().unwrap_or_default()));
    }
    let end = state.terminated.as_ref().or(last).filter(|end| end.exit_code != 0)?;
    // How a sidecar ends says nothing: it was told to.
    if part == Part::Sidecar {
        return None;
    }
    let Exit { code, reason, message } = exit(end);
    Some((Source::Ended { container, part, code }, reason, message))
}

fn exit(end: &ContainerStateTerminated) -> Exit {
    Exit {
        code: end.exit_code,
        reason: end.reason.clone().unwrap_or_default(),
        message: end.message.clone().unwrap_or_default(),
    }
}

/// The first container that keeps a Pod from its end although the main container has ended for
/// good.
fn runs_on(pod: &Pod) -> Option<String> {
    let restarts = pod.spec.as_ref().and_then(|spec| spec.restart_policy.as_deref());
    let ended = |status: &ContainerStatus| {
        let end = status.state.as_ref()?.terminated.as_ref()?;
        (end.exit_code == 0 || restarts == Some("Never")).then_some(())
    };
    let of = |wanted: Part| statuses(pod).filter(move |one| part(pod, &one.name) == wanted);
    of(Part::Main).find_map(ended)?;
    let runs = |status: &&ContainerStatus| {
        status.state.as_ref().is_some_and(|state| state.running.is_some())
    };
    of(Part::Other).find(runs).map(|status| status.name.clone())
}
