//! Who decided that a Job failed: the container that failed, or whoever took its Pod away. What
//! followed from that (sidecars told to stop, Pods deleted by the Job's controller) is not blamed.

use super::facts::{ContainerFacts, Part, PodFacts, Removal};
use super::{ContainerEnd, PodLoss};
use std::collections::HashSet;

/// The failure that decided.
pub enum Blamed {
    /// A container that failed by itself.
    Container(ContainerEnd),
    /// The loss of a Pod.
    Pod(PodLoss),
}

/// The failure of one Pod.
struct Failure<'a> {
    pod: &'a PodFacts,
    at: i64,
    what: What<'a>,
}

enum What<'a> {
    Container(&'a ContainerEnd),
    Removal(&'a Removal),
    /// It is gone, and its end was not seen.
    Unseen,
}

/// The failure that decided, given all Pods and the message of the Job's condition: the Pod that
/// the message names, else the last to fail. What another Pod made good for its index did not decide.
pub fn blame<'a>(
    pods: impl Iterator<Item = &'a PodFacts> + Clone,
    message: &str,
) -> Option<Blamed> {
    let done: HashSet<u32> =
        pods.clone().filter(|pod| succeeded(pod)).filter_map(|pod| pod.index).collect();
    let is_open = |pod: &&PodFacts| pod.index.is_none_or(|index| !done.contains(&index));
    let failures: Vec<Failure> = pods.filter(is_open).filter_map(failure).collect();
    let named = failures.iter().find(|failure| names(message, &failure.pod.name));
    let decisive = named.or_else(|| {
        failures.iter().filter(|failure| !failure.follows_from(&failures)).max_by_key(|failure| {
            (failure.at, matches!(failure.what, What::Container(_)), &failure.pod.name)
        })
    })?;
    match decisive.what {
        What::Container(end) => Some(Blamed::Container(end.clone())),
        What::Removal(removal) => {
            let pod = decisive.pod.name.clone();
            Some(Blamed::Pod(PodLoss { pod, removal: removal.clone() }))
        }
        What::Unseen => None,
    }
}

impl Failure<'_> {
    /// Whether this Pod was deleted because another had failed: they ran at the same time.
    fn follows_from(&self, failures: &[Failure]) -> bool {
        let is_deleted = matches!(self.what, What::Removal(Removal::Deletion));
        is_deleted
            && failures.iter().any(|other| {
                matches!(other.what, What::Container(_)) && other.at >= self.pod.created
            })
    }
}

/// The failure of a Pod, if it failed.
fn failure(pod: &PodFacts) -> Option<Failure<'_>> {
    let last = pod.ended.iter().map(|container| container.at).max().unwrap_or(pod.created);
    if let Some(removal) = &pod.removal {
        return Some(Failure { pod, at: last, what: What::Removal(removal) });
    }
    let by_itself = pod.ended.iter().find(|container| {
        let has_failed = container.end.exit_code != 0 && container.part != Part::Sidecar;
        has_failed && !was_told(container, pod.deletion)
    });
    if let Some(container) = by_itself {
        let what = What::Container(&container.end);
        return Some(Failure { pod, at: container.at, what });
    }
    if let Some(at) = pod.deletion.filter(|_| !succeeded(pod)) {
        return Some(Failure { pod, at, what: What::Removal(&Removal::Deletion) });
    }
    let is_unseen = pod.is_over && !pod.has_succeeded && pod.ended.is_empty();
    is_unseen.then_some(Failure { pod, at: pod.created, what: What::Unseen })
}

/// Whether a container ended because its Pod was deleted, with whatever exit code it answered.
fn was_told(container: &ContainerFacts, deletion: Option<i64>) -> bool {
    !container.is_restarted && deletion.is_some_and(|deletion| container.at >= deletion)
}

/// Whether the task of a Pod ended well by itself: one that is told to stop may answer with 0.
pub fn succeeded(pod: &PodFacts) -> bool {
    let main = || pod.ended.iter().find(|container| container.part == Part::Main);
    let is_uncut = |deletion| main().is_some_and(|main| main.at < deletion);
    pod.has_succeeded && pod.removal.is_none() && pod.deletion.is_none_or(is_uncut)
}

/// Whether a message has this name as a whole, and not as a part of a longer one.
fn names(message: &str, name: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
    !name.is_empty()
        && message.match_indices(name).any(|(at, _)| {
            !message[..at].ends_with(is_part) && !message[at + name.len()..].starts_with(is_part)
        })
}
