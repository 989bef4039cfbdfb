//! Why containers are not started: what their status says while they wait, and the sandbox of the
//! Pod.

use super::run::Place;
use super::{Finding, describe, image, run, storage};
use crate::diagnosis::fact::Exit;
use crate::diagnosis::words::{between, has_any, quoted};
use crate::diagnosis::{Cause, Wants};
use crate::outcome::Part;
use crate::text::sentence;

/// The longest part of a foreign sentence in one of ours, in bytes.
const WORDS: usize = 240;

/// A container waits for a reason.
pub fn waiting(
    place: &Place,
    last: Option<&Exit>,
    reason: &str,
    message: &str,
    wants: &Wants,
) -> Option<Finding> {
    if let Some(finding) = image::waiting(place, reason, message, wants) {
        return Some(finding);
    }
    match reason {
        "CreateContainerConfigError" | "CreateContainerError" => {
            Some(config(place, message, wants))
        }
        "RunContainerError" => Some(run::not_started(place, message, wants)),
        "PostStartHookError" => Some(run::post_start_hook(place.pod, message)),
        "CrashLoopBackOff" => Some(match last {
            // What decided stands in the status of the last run.
            Some(exit) => run::ended(place, exit.code, &exit.reason, &exit.message, wants)
                .unwrap_or_else(|| run::crash_loop(place, Some(exit))),
            None => run::crash_loop(place, None),
        }),
        _ => None,
    }
}

fn config(place: &Place, message: &str, wants: &Wants) -> Finding {
    let container = quoted(place.container);
    if let Some(finding) = storage::object(message, wants, "") {
        return finding;
    }
    if has_any(message, &["runasnonroot", "verify user is non-root"]) {
        return Finding::new(
            Cause::RunsAsRoot,
            format!("container {container} must not run as root, and its image would"),
            "set `k8s.runAsUser` to the number of a user, or build the image with one (`USER 1000`)",
        );
    }
    if has_any(message, &["no command specified"]) {
        return Finding::new(
            Cause::NoCommand,
            format!("container {container} has nothing to run: its image has no entry point"),
            "give the task an `entrypoint`, or build the image with one",
        );
    }
    Finding::new(
        Cause::ContainerConfig,
        format!("container {container} cannot be set up: {}", sentence(message, WORDS)),
        "correct what it names; it is tried again",
    )
    .with(describe(place.pod))
}

/// The node could not set up what the containers of a Pod share.
pub fn sandbox(pod: &str, message: &str) -> Finding {
    if let Some(handler) = between(message, "no runtime for \"", "\" is configured") {
        return Finding::new(
            Cause::Sandbox,
            format!("the node has no runtime {} for the Pod's runtime class", quoted(handler)),
            "choose another class, or nodes that have the runtime",
        )
        .with("describe runtimeclass");
    }
    let why = message.strip_prefix("Failed to create pod sandbox: ").unwrap_or(message);
    let why = why.split_once(" desc = ").map_or(why, |(_, why)| why);
    Finding::new(
        Cause::Sandbox,
        format!("the node cannot set up the Pod: {}", sentence(why, WORDS)),
        "it is tried again; if it lasts, the node needs its administrator",
    )
    .with(describe(pod))
}

/// Whether a container comes before the task.
pub fn is_before(part: Part) -> bool {
    matches!(part, Part::Init)
}
