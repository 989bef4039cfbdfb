//! Why containers and Pods end before they should, and why one does not end.

use super::{Finding, describe, removal, start};
use crate::diagnosis::fact::Exit;
use crate::diagnosis::words::{between, has_any, quoted};
use crate::diagnosis::{Cause, Wants};
use crate::outcome::Part;
use crate::text::sentence;

/// The longest part of a foreign sentence in one of ours, in bytes.
const WORDS: usize = 240;
/// How Kubernetes calls the end of a container that could not be started.
const NOT_STARTED: [&str; 2] = ["StartError", "ContainerCannotRun"];
/// How the kubelet calls Pods that it does not take, by what their names begin with.
const REFUSED: [&str; 9] = [
    "OutOf",
    "NodeAffinity",
    "NodeName",
    "NodePorts",
    "Sysctl",
    "AppArmor",
    "UnexpectedAdmissionError",
    "Topology",
    "PodOSNotSupported",
];

/// A container of a Pod.
pub struct Place<'a> {
    pub pod: &'a str,
    pub container: &'a str,
    pub part: Part,
}

/// A container ended, with an exit code other than 0. What only the program itself can know is no
/// diagnosis: its own output says more.
pub fn ended(
    place: &Place,
    code: i32,
    reason: &str,
    message: &str,
    wants: &Wants,
) -> Option<Finding> {
    let container = quoted(place.container);
    if NOT_STARTED.contains(&reason) {
        return Some(not_started(place, message, wants));
    }
    if reason == "OOMKilled" {
        let limit = wants.limit(place.container, "memory");
        let limit =
            limit.map_or("its limit".into(), |limit| format!("its limit of {}", quoted(limit)));
        return Some(
            Finding::new(
                Cause::OutOfMemory,
                format!("container {container} needs more memory than {limit}, and was killed"),
                "raise it with `--memory` or in `k8s.resources`, or let the task take less",
            )
            .with(describe(place.pod)),
        );
    }
    (start::is_before(place.part) && code != 0).then(|| {
        Finding::new(
            Cause::InitFailed,
            format!(
                "init container {container} fails with exit code {code}, so the task cannot start"
            ),
            "see what it wrote",
        )
        .with(logs(place))
    })
}

fn logs(Place { pod, container, .. }: &Place) -> String {
    format!("logs {pod} --container {container}")
}

/// A container could not be started.
pub fn not_started(place: &Place, message: &str, wants: &Wants) -> Finding {
    let container = quoted(place.container);
    let named = between(message, "exec: \"", "\"").or_else(|| wants.program(place.container));
    let program = named.map_or("its program".into(), quoted);
    let entrypoint = "correct the task's `entrypoint`, or the image";
    let (cause, summary, remedy) = if message.contains("permission denied") {
        let summary =
            format!("{program} in the image of container {container} may not be executed");
        (Cause::CommandNotExecutable, summary, "make it executable in the image (`chmod +x`)")
    } else if message.contains("exec format error") {
        let summary = format!(
            "{program} of container {container} is made for another kind of processor, or is a \
             script without `#!`"
        );
        (Cause::WrongArchitecture, summary, "build the image for the node's platform")
    } else if has_any(message, &["executable file not found", "no such file or directory"]) {
        let summary = format!("the image of container {container} has no program {program}");
        (Cause::CommandNotFound, summary, entrypoint)
    } else {
        let why = message.rsplit_once("unable to start container process: ");
        let why = sentence(why.map_or(message, |(_, why)| why), WORDS);
        (Cause::StartFailed, format!("container {container} cannot be started: {why}"), entrypoint)
    };
    Finding::new(cause, summary, remedy).with(describe(place.pod))
}

/// A container is restarted again and again.
pub fn crash_loop(place: &Place, last: Option<&Exit>) -> Finding {
    let code = last.map(|exit| format!(" with exit code {}", exit.code)).unwrap_or_default();
    let (what, then) = match place.part {
        Part::Sidecar => ("sidecar", ": the task may never start"),
        _ => ("container", ""),
    };
    Finding::new(
        Cause::CrashLoop,
        format!("{what} {} ends again and again{code}{then}", quoted(place.container)),
        "see what its last run wrote; it is restarted after a pause",
    )
    .with(format!("{} --previous", logs(place)))
}

/// The hook after the start of a container failed.
pub fn post_start_hook(pod: &str, message: &str) -> Finding {
    Finding::new(
        Cause::PostStartHook,
        "the hook `postStart` of a container fails, so the container is ended",
        format!("correct the hook: {}", sentence(message, WORDS)),
    )
    .with(describe(pod))
}

/// A probe failed. That a container is not ready yet is usual.
pub fn probe(pod: &str, message: &str) -> Option<Finding> {
    let kind = ["Liveness", "Startup"].into_iter().find(|kind| message.starts_with(kind))?;
    let kind = kind.to_lowercase();
    Some(
        Finding::new(
            Cause::ProbeFailed,
            format!("the {kind} probe of a container fails; if it goes on failing, the container is ended"),
            format!("correct the {kind} probe, or give the container more time"),
        )
        .with(describe(pod)),
    )
}

/// The node of a Pod does not answer.
pub fn node_lost(pod: &str) -> Finding {
    Finding::new(
        Cause::NodeLost,
        "the node of the Pod does not answer",
        "wait: Kubernetes gives the Pod up after some minutes, and the Job makes another",
    )
    .with(format!("get pods {pod} --output wide"))
}

/// A Pod ended for a reason of its own.
pub fn over(pod: &str, reason: &str, message: &str, wants: &Wants) -> Option<Finding> {
    let why = sentence(message, WORDS);
    let is_refused = REFUSED.iter().any(|start| reason.starts_with(start));
    if is_refused {
        return Some(
            Finding::new(
                Cause::NodeRefused,
                format!("the node rejects the Pod ({reason}): {why}"),
                "ask for what the node has and allows, or leave the choice of the node to the scheduler",
            )
            .with("describe nodes"),
        );
    }
    match reason {
        "DeadlineExceeded" => Some(
            Finding::new(
                Cause::PodDeadline,
                "the Pod ran into its own deadline, `activeDeadlineSeconds` of its template",
                "raise it, or set the deadline on the Job alone",
            )
            .with(format!("get job {} --output yaml", wants.job)),
        ),
        "Evicted" => {
            let is_own = has_any(
                message,
                &["exceeds the limit", "exceeds the total limit", "exceeds its local"],
            );
            let volume = between(message, "volume \"", "\"")
                .map(|volume| format!(" volume {}", quoted(volume)));
            Some(if is_own {
                Finding::new(
                    Cause::StorageExceeded,
                    format!(
                        "the Pod wrote more to the node's disk than its limit{}: {why}",
                        volume.unwrap_or_default()
                    ),
                    "raise the limit (`sizeLimit`, `ephemeral-storage`), or write to a claim",
                )
                .with(describe(pod))
            } else {
                Finding::new(
                    Cause::Evicted,
                    format!("the node ran short of something, and evicted the Pod: {why}"),
                    "ask for what the task needs in `k8s.resources`, so that a node with room is chosen",
                )
                .with(describe(pod))
            })
        }
        _ => removal::disrupted(pod, reason, message),
    }
}

/// The main container has ended, and another runs on.
pub fn runs_on(container: &str, wants: &Wants) -> Finding {
    Finding::new(
        Cause::ContainerKeepsJob,
        format!(
            "the task has ended, but container {} runs on, and the Job ends only when it does",
            quoted(container)
        ),
        "if it never ends by itself, make it a sidecar: an init container with `restartPolicy: \
         Always`; to give up this Job, delete it",
    )
    .with(format!("delete job {}", wants.job))
}
