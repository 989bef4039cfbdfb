//! Events as lines for people: a word for the kind of event, then its details.

use super::diagnosis::diagnosed;
use super::finished::{ended, finished, interrupted, removed};
use super::paint::{Paint, Tone};
use super::{Telling, policy, review, transfer};
use crate::event::{ContainerRun, Event, Gap, Transfer};
use crate::job::{Claim, ClaimState, Mode};
use crate::outcome::Outcome;
use crate::plan::Volume;

/// The lines of an event; none for events that people need not see.
pub fn lines(event: &Event, telling: Telling) -> Vec<String> {
    let paint = telling.paint;
    if telling.volume == Volume::Quiet && !is_heard(event) {
        return Vec::new();
    }
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
            let digest = match telling.volume {
                Volume::Verbose => digest.clone(),
                _ => format!("{}…", digest.get(..39).unwrap_or(digest)),
            };
            let audited = if *mode == Mode::Audit { ", only audited" } else { "" };
            line(
                "policy",
                format!("{alias}{name} {version} ({digest}), may change {changes}{asks}{audited}"),
            )
        }
        Event::Reviewed { is_news: false, .. }
            if !telling.explain && telling.volume != Volume::Verbose =>
        {
            Vec::new()
        }
        Event::Reviewed { review, .. } => review::lines(review, telling),
        Event::Locked { path, count } => {
            let policies = if *count == 1 { "policy" } else { "policies" };
            line("locked", format!("{count} {policies} in `{path}`"))
        }
        Event::Precompiled { path, folder } => {
            line("compiled", format!("`{path}` into `{folder}`"))
        }
        Event::Claim { claim, state } => line("claim", claimed(claim, *state)),
        Event::Submitting(_) => Vec::new(),
        Event::Submitted(job) => {
            line("job", format!("{}/{} created for task `{}`", job.namespace, job.name, job.task))
        }
        Event::Attached(job) => line(
            "attached",
            format!("to Job {}/{} of task `{}`", job.namespace, job.name, job.task),
        ),
        Event::Cancelling(job) => line(
            "cancel",
            format!("the Pods of Job {} of task `{}` are told to end", job.name, job.task),
        ),
        Event::Cancelled(job) => line(
            "cancelled",
            format!(
                "Job {} of task `{}`: its Pods have ended, and it is removed with their logs; \
                 what they wrote to claims is kept",
                job.name, job.task
            ),
        ),
        Event::Removed(job) => line(
            "removed",
            format!("Job {} of task `{}`, with its Pods and logs", job.name, job.task),
        ),
        Event::AlreadyOver { job, state } => {
            let mut lines = line(
                "over",
                format!("Job {} of task `{}` has ended before: {state}", job.name, job.task),
            );
            lines.push(removed(&job.back));
            lines
        }
        Event::Suspended => line("queued", "the Job is suspended and waits to be resumed".into()),
        Event::Resumed => line("resumed", "the Job may run".into()),
        Event::Diagnosed(diagnosis) => diagnosed(diagnosis, paint),
        Event::PodScheduled { pod, node } => line("pod", format!("{pod} on node {node}")),
        Event::ContainerStarted(run) => line("started", started(run)),
        Event::ContainerEnded(end) => line("ended", format!("container {}", ended(end))),
        Event::Log { .. } => Vec::new(),
        Event::LogGap { run, gap } => line("gap", missing(run, gap)),
        Event::Outage { why, gives_up_after } => line(
            "outage",
            format!(
                "the Job cannot be watched: {why}; it is tried again for {} s",
                gives_up_after.as_secs()
            ),
        ),
        Event::OutageOver { lasted } => {
            line("restored", format!("the Job can be watched again, after {} s", lasted.as_secs()))
        }
        Event::Transfer(transfer) => vec![transfer::line(transfer)],
        Event::Foreseen(Outcome::Succeeded) => {
            line("ending", "the task has succeeded, its pods are terminating".into())
        }
        Event::Foreseen(_) => {
            line("ending", "the task has failed, its pods are terminating".into())
        }
        Event::Interrupted { signal, left, not_submitted } => {
            interrupted(signal, left.as_ref(), not_submitted.as_deref(), paint)
        }
        Event::Finished { job, outcome, gaps, .. } => {
            let mut lines = finished(job, outcome, paint);
            if *gaps > 0 {
                let gaps = if *gaps == 1 { "1 gap".into() } else { format!("{gaps} gaps") };
                lines.extend(line("", format!("the logs above are not whole: {gaps}")));
            }
            lines
        }
    }
}

/// Whether an event is told although little is asked for: something may be wrong.
fn is_heard(event: &Event) -> bool {
    match event {
        Event::Finished { outcome, gaps, .. } => *outcome != Outcome::Succeeded || *gaps > 0,
        event => matches!(
            event,
            Event::Warning(_)
                | Event::Conflicting(_)
                | Event::Reviewed { .. }
                | Event::Diagnosed(_)
                | Event::LogGap { .. }
                | Event::Outage { .. }
                | Event::OutageOver { .. }
                | Event::Interrupted { .. }
                | Event::Transfer(
                    Transfer::Waits { .. } | Transfer::Broken { .. } | Transfer::Resumed { .. }
                )
                | Event::Cancelled(_)
                | Event::AlreadyOver { .. }
        ),
    }
}

fn claimed(claim: &Claim, state: ClaimState) -> String {
    let (name, details) = (&claim.name, claim.details());
    let details = if details.is_empty() { details } else { format!(": {details}") };
    match state {
        ClaimState::Created => format!("created `{name}`{details}"),
        ClaimState::Planned => format!("`{name}` would be created{details}"),
        ClaimState::Found => format!("found `{name}`{details}"),
    }
}

fn started(ContainerRun { pod, container, restart, attempt, .. }: &ContainerRun) -> String {
    let next = if *attempt == 1 { String::new() } else { format!(", try {attempt}") };
    let again = if *restart == 0 { String::new() } else { format!(", restart {restart}") };
    format!("container {container} of pod {pod}{next}{again}")
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
