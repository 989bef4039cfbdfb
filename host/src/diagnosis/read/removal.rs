//! What keeps a Job or a Pod that is deleted, and Pods that somebody has taken away.

use super::{Finding, describe};
use crate::diagnosis::words::{list, quoted};
use crate::diagnosis::{Cause, Wants};
use crate::text::sentence;

/// The longest part of a foreign sentence in one of ours, in bytes.
const WORDS: usize = 240;
/// What to do about a finalizer.
const FINALIZER: &str = "wait for the controller that set it; if that is gone for good, take the finalizer out of `metadata.finalizers`";

/// A Job that is deleted stays.
pub fn job(finalizers: &[String], wants: &Wants) -> Finding {
    let (what, keep) = named(finalizers);
    let summary = format!("the Job is being deleted, and its {what} {keep} it there");
    let command = format!("get job {} --output yaml", wants.job);
    Finding::new(Cause::JobKept, summary, FINALIZER).with(command)
}

/// A Pod that is deleted stays: it has ended, or did not end in the time that it had.
pub fn pod(pod: &str, finalizers: &[String], grace: u64, node: Option<&str>) -> Finding {
    let own = quoted(pod);
    if !finalizers.is_empty() {
        let (what, keep) = named(finalizers);
        let summary = format!("pod {own} has ended, and its {what} {keep} it there");
        return Finding::new(Cause::PodKept, summary, FINALIZER)
            .with(format!("get pods {pod} --output yaml"));
    }
    let node = node.map_or("its node".into(), |node| format!("its node {}", quoted(node)));
    Finding::new(
        Cause::PodKept,
        format!("pod {own} was told to end, and is still there after the {grace} s that it had: {node} may not answer"),
        "see whether the node is ready; if it will never be again, delete the Pod with `--force`",
    )
    .with(format!("get pods {pod} --output wide"))
}

fn named(finalizers: &[String]) -> (String, &'static str) {
    match finalizers {
        [one] => (format!("finalizer {}", quoted(one)), "keeps"),
        more => (format!("finalizers {}", list(more)), "keep"),
    }
}

/// Somebody took a Pod away, by the reason of its condition `DisruptionTarget`.
pub fn disrupted(pod: &str, reason: &str, message: &str) -> Option<Finding> {
    let why = sentence(message, WORDS);
    let why = if why.is_empty() { why } else { format!(": {why}") };
    Some(match reason {
        "Preempting" | "PreemptionByScheduler" => Finding::new(
            Cause::Preempted,
            "a Pod of a higher priority took the place of this one",
            "wait for another try, or ask for a higher priority class",
        )
        .with("get priorityclasses"),
        "EvictionByEvictionAPI" => Finding::new(
            Cause::Drained,
            format!("pod {} was evicted, as when its node is emptied{why}", quoted(pod)),
            "wait for another try; a PodDisruptionBudget keeps Pods from being evicted so",
        )
        .with("get nodes"),
        "DeletionByTaintManager" | "DeletionByPodGC" => Finding::new(
            Cause::NodeLost,
            format!("the node of pod {} was lost, and the Pod with it{why}", quoted(pod)),
            "wait for another try",
        )
        .with("get nodes"),
        "TerminationByKubelet" => Finding::new(
            Cause::Evicted,
            format!("the node ended pod {}{why}", quoted(pod)),
            "wait for another try; if it happens again, ask for what the task needs in `k8s.resources`",
        )
        .with(describe(pod)),
        _ => return None,
    })
}
