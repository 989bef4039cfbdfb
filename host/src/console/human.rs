//! Events as lines for people: a word for the kind of event, then its details.

use super::paint::{Paint, Tone};
use super::{policy, review};
use crate::event::{ContainerRun, Event, Gap, JobRef};
use crate::job::Mode;
use crate::outcome::{Cause, ContainerEnd, Outcome, PodLoss, Removal};

/// The lines of an event; none for events that people need not see.
pub fn lines(event: &Event, explain: bool, paint: Paint) -> Vec<String> {
    let line = |word: &str, rest: String| vec![format!("{word:<9} {rest}")];
    match event {
        Event::Warning(what) => vec![warning(what, paint)],
        Event::Conflicting(conflict) => vec![warning(&review::conflict(conflict), paint)],
        Event::NothingToConfigure { cube } => line(
            "configure",
            format!("cube `{cube}` does not need it: the cluster pulls its image when a task runs"),
        ),
        Event::PoliciesFrom { path, named_by } => {
            line("policies", format!("`{path}`, from {named_by}"))
        }
        Event::NoPolicies => line("policies", "none".into()),
        Event::PolicyCompiling { policy, bytes, seconds } => {
            let elapsed =
                if *seconds == 0 { String::new() } else { format!(", {seconds} s elapsed") };
            line(
                "compiling",
                format!("{policy} ({} MB), which takes a while{elapsed}", bytes / 1_000_000),
            )
        }
        Event::PolicyLoaded {
            policy,
            name_and_version: (name, version),
            digest,
            capabilities,
            mode,
        } => {
            let alias = if policy == name { String::new() } else { format!("{policy} is ") };
            let (changes, asks) = policy::powers(capabilities);
            let asks = if asks { ", may query the cluster" } else { "" };
            let digest = digest.get(..39).unwrap_or(digest);
            let audited = if *mode == Mode::Audit { ", only audited" } else { "" };
            line(
                "policy",
                format!("{alias}{name} {version} ({digest}…), may change {changes}{asks}{audited}"),
            )
        }
        Event::Reviewed { review, .. } => review::lines(review, explain, paint),
        Event::Locked { path, count } => {
            let policies = if *count == 1 { "policy" } else { "policies" };
            line("locked", format!("{count} {policies} in `{path}`"))
        }
        Event::Precompiled { path, folder } => {
            line("compiled", format!("`{path}` into `{folder}`"))
        }
        Event::Submitted(job) => {
            line("job", format!("{}/{} created for task `{}`", job.namespace, job.name, job.task))
        }
        Event::Suspended => line("queued", "the Job is suspended and waits to be resumed".into()),
        Event::Resumed => line("resumed", "the Job may run".into()),
        Event::PodWaiting { pod, reason, message } => {
            line("waiting", format!("pod {pod}: {reason}: {message}"))
        }
        Event::PodScheduled { pod, node } => line("pod", format!("{pod} on node {node}")),
        Event::ContainerStarted(run) => line("started", started(run)),
        Event::ContainerEnded(end) => line("ended", ended(end)),
        Event::Log { .. } => Vec::new(),
        Event::LogGap { run, gap } => line("gap", missing(run, gap)),
        Event::Foreseen(Outcome::Succeeded) => {
            line("ending", "the task has succeeded, its pods are terminating".into())
        }
        Event::Foreseen(_) => {
            line("ending", "the task has failed, its pods are terminating".into())
        }
        Event::Finished { job, outcome, gaps } => {
            let mut lines = finished(job, outcome);
            if *gaps > 0 {
                let gaps = if *gaps == 1 { "1 gap".into() } else { format!("{gaps} gaps") };
                lines.extend(line("", format!("the logs above are not whole: {gaps}")));
            }
            lines
        }
    }
}

fn started(ContainerRun { container, restart, .. }: &ContainerRun) -> String {
    let again = if *restart == 0 { String::new() } else { format!(", restart {restart}") };
    format!("container {container}{again}")
}

/// What is missing of a log.
fn missing(run: &ContainerRun, gap: &Gap) -> String {
    let ContainerRun { pod, container, .. } = run;
    let lasting = gap.lasting.map(|lasting| format!(" ({:.1} s)", lasting.as_secs_f64()));
    let lasting = lasting.unwrap_or_default();
    let part = match (&gap.after, &gap.before) {
        (Some(after), Some(before)) => format!("lines from {after} to {before}{lasting}"),
        (Some(after), None) => format!("what follows {after}"),
        (None, Some(before)) => format!("what comes before {before}"),
        (None, None) => "the rest".into(),
    };
    format!("{part} may be missing from the log of container {container} of pod {pod}: {}", gap.why)
}

fn warning(what: &str, paint: Paint) -> String {
    format!("{} {what}", paint.paint(Tone::Warning, &format!("{:<9}", "warning")))
}

fn finished(job: &JobRef, outcome: &Outcome) -> Vec<String> {
    let JobRef { namespace, name, task, .. } = job;
    let line = |word: &str, rest: String| format!("{word:<9} {rest}");
    let goes_on = || {
        vec![
            line(
                "",
                format!("follow it: kubectl logs --follow job/{name} --namespace {namespace}"),
            ),
            line("", format!("stop it:   kubectl delete job {name} --namespace {namespace}")),
        ]
    };
    match outcome {
        Outcome::Succeeded => vec![line("success", format!("task `{task}`"))],
        Outcome::Failed(cause) => failed(task, cause),
        Outcome::Deleted => {
            vec![line("deleted", format!("the Job of task `{task}` was deleted before it ended"))]
        }
        Outcome::Unknown => vec![
            line("unknown", format!("the Job of task `{task}` is gone, and its end was not seen")),
            line(
                "",
                "it may have ended and been removed while the cluster was out of reach".into(),
            ),
        ],
        Outcome::DeadlineExceeded { message } => {
            vec![line("timeout", format!("task `{task}`: {message}"))]
        }
        Outcome::TimedOut { after_seconds } => {
            let first = line(
                "timeout",
                format!(
                    "task `{task}` has not ended after {after_seconds} s; the Job keeps running"
                ),
            );
            std::iter::once(first).chain(goes_on()).collect()
        }
        Outcome::Detached => {
            let first = line("detached", format!("the Job of task `{task}` keeps running"));
            std::iter::once(first).chain(goes_on()).collect()
        }
    }
}

fn failed(task: &str, cause: &Cause) -> Vec<String> {
    let decisive = match (&cause.container, &cause.pod) {
        (Some(end), _) => format!(": container {}", ended(end)),
        (None, Some(loss)) => format!(": {}", lost(loss)),
        (None, None) => String::new(),
    };
    let mut lines = vec![format!("{:<9} task `{task}`{decisive}", "failure")];
    if !cause.reason.is_empty() {
        lines.push(format!("{:<9} {}: {}", "", cause.reason, cause.message));
    }
    lines
}

fn lost(PodLoss { pod, removal }: &PodLoss) -> String {
    let (what, why) = match removal {
        Removal::Eviction(why) => ("was evicted from its node", why.trim()),
        Removal::Preemption(why) => ("was preempted by one of a higher priority", why.trim()),
        Removal::Drain(why) => ("was evicted because its node is emptied", why.trim()),
        Removal::NodeLoss(why) => ("was lost with its node", why.trim()),
        Removal::Deletion => ("was deleted before it ended", ""),
    };
    let why = if why.is_empty() { String::new() } else { format!(": {why}") };
    format!("pod {pod} {what}{why}")
}

fn ended(end: &ContainerEnd) -> String {
    let ContainerEnd { container, exit_code, reason, message, .. } = end;
    let reason = if matches!(reason.as_str(), "" | "Completed" | "Error") {
        String::new()
    } else {
        format!(" ({reason})")
    };
    let message =
        if message.is_empty() { String::new() } else { format!(": {}", message.trim_end()) };
    format!("{container} with exit code {exit_code}{reason}{message}")
}
