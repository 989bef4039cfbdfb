//! What Jobs, Pods and events say of trouble, as facts for a diagnosis. A Pod that is being deleted
//! says nothing but that.

use super::pod::part;
use super::{is_usual, statuses};
use crate::diagnosis::{Exit, Fact, Source, Step, Subject};
use crate::outcome::Part;
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{ContainerStateTerminated, ContainerStatus, Pod};

/// The controller of Jobs that is Kubernetes' own.
const OWN_CONTROLLER: &str = "kubernetes.io/job-controller";

/// The finalizers by which Kubernetes deletes in order, and counts Pods: what they wait for tells more.
const IN_ORDER: [&str; 2] = ["foregroundDeletion", "orphan"];
const COUNTED: &str = "batch.kubernetes.io/job-tracking";

/// The fact in a Job that waits for a controller other than Kubernetes' own, or that is deleted and
/// kept.
pub fn of_job(job: &Job) -> Option<Fact> {
    if job.metadata.deletion_timestamp.is_some() {
        let all = job.metadata.finalizers.clone().unwrap_or_default();
        let foreign: Vec<_> =
            all.into_iter().filter(|one| !IN_ORDER.contains(&one.as_str())).collect();
        let is_kept = !foreign.is_empty();
        return is_kept.then(|| terminating(Subject::Job, foreign, 0, None));
    }
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

fn terminating(about: Subject, finalizers: Vec<String>, grace: u64, node: Option<String>) -> Fact {
    let message = match (&*finalizers, &node) {
        ([], Some(node)) => format!("on node {node}"),
        ([], None) => String::new(),
        (finalizers, _) => format!("finalizers: {}", finalizers.join(", ")),
    };
    let source = Source::Terminating { finalizers, grace, node };
    Fact { about, source, reason: "Terminating".into(), message }
}

/// What keeps a Pod that is deleted: its containers, as long as they have not ended, and then its
/// finalizers.
fn kept(pod: &Pod) -> Fact {
    let metadata = &pod.metadata;
    let phase = pod.status.as_ref().and_then(|status| status.phase.as_deref());
    let mut finalizers = match phase {
        Some("Succeeded" | "Failed") => metadata.finalizers.clone().unwrap_or_default(),
        _ => Vec::new(),
    };
    if finalizers.iter().any(|one| one != COUNTED) {
        finalizers.retain(|one| one != COUNTED);
    }
    let grace = metadata.deletion_grace_period_seconds.filter(|_| finalizers.is_empty());
    let grace = grace.and_then(|grace| grace.try_into().ok()).unwrap_or_default();
    let about = Subject::Pod(metadata.name.clone().unwrap_or_default());
    terminating(about, finalizers, grace, pod.spec.as_ref().and_then(|spec| spec.node_name.clone()))
}

/// The step that a Pod has to take next.
pub fn step(pod: &Pod) -> Step {
    let has_node = pod.spec.as_ref().is_some_and(|spec| spec.node_name.is_some());
    let main = statuses(pod).find(|status| part(pod, &status.name) == Part::Main);
    match (has_node, main.is_some_and(has_begun)) {
        (_, true) => Step::Run,
        (true, false) => Step::Start,
        (false, false) => Step::Scheduling,
    }
}

/// Whether a Pod has its volumes and its network: one of its containers has begun.
pub fn is_set_up(pod: &Pod) -> bool {
    statuses(pod).any(has_begun)
}

fn has_begun(status: &ContainerStatus) -> bool {
    status.state.as_ref().is_some_and(|now| now.running.is_some() || now.terminated.is_some())
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
    let disrupted = conditions()
        .find(|condition| condition.type_ == "DisruptionTarget" && condition.status == "True");
    if status.phase.as_deref() == Some("Failed") && status.reason.is_some() {
        facts.push(fact(Source::Over, status.reason.as_ref(), status.message.as_ref()));
    } else if let Some(target) = disrupted {
        facts.push(fact(Source::Over, target.reason.as_ref(), target.message.as_ref()));
    }
    if pod.metadata.deletion_timestamp.is_some() {
        facts.push(kept(pod));
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
