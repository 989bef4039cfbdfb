//! Events as lines for people: a word that says what kind of thing it is, then the thing.

use crate::event::{Event, JobRef};
use crate::job::{Edit, LogLevel, Review, Verdict};
use crate::outcome::{Cause, ContainerEnd, Outcome};
use serde_json::Value;

/// The lines of an event; none for what people need not see.
pub fn lines(event: &Event, explain: bool) -> Vec<String> {
    let line = |word: &str, rest: String| vec![format!("{word:<9} {rest}")];
    match event {
        Event::Warning(what) => line("warning", what.clone()),
        Event::NothingToConfigure { cube } => {
            line("configure", format!("the cube `{cube}` needs none: the cluster pulls its image when a task runs"))
        }
        Event::PoliciesFrom { path, named_by } => line("policies", format!("`{path}`, named by {named_by}")),
        Event::PolicyLoaded { policy, describes_itself_as: (name, version), digest, capabilities } => {
            let alias = if policy == name { String::new() } else { format!("{policy} is ") };
            let can = if capabilities.is_empty() { "nothing".into() } else { capabilities.join(", ") };
            let digest = digest.get(..19).unwrap_or(digest);
            line("policy", format!("{alias}{name} {version} ({digest}…), may change {can}"))
        }
        Event::Reviewed(review) => reviewed(review, explain),
        Event::Submitted(job) => line("job", format!("{}/{} created for task `{}`", job.namespace, job.name, job.task)),
        Event::Suspended => line("queued", "the Job is suspended; it waits to be resumed".into()),
        Event::Resumed => line("resumed", "the Job may run".into()),
        Event::PodWaiting { pod, reason, message } => line("waiting", format!("pod {pod}: {reason}: {message}")),
        Event::PodScheduled { pod, node } => line("pod", format!("{pod} on node {node}")),
        Event::ContainerStarted { container, .. } => line("started", format!("container {container}")),
        Event::ContainerEnded(end) => line("ended", ended(end)),
        Event::Log { .. } => Vec::new(),
        Event::Foreseen(Outcome::Succeeded) => line("ending", "the task has succeeded, its pods end".into()),
        Event::Foreseen(_) => line("ending", "the task has failed, its pods end".into()),
        Event::Finished { job, outcome } => finished(job, outcome),
    }
}

fn reviewed(review: &Review, explain: bool) -> Vec<String> {
    let policy = &review.policy;
    let edits = match (&review.verdict, review.edits.len()) {
        (Verdict::Reject(_), _) => "rejects the Job".to_owned(),
        (_, 0) => "admits the Job as it is".to_owned(),
        (_, 1) => "admits the Job with 1 edit".to_owned(),
        (_, count) => format!("admits the Job with {count} edits"),
    };
    let mut lines = vec![format!("{:<9} {policy} {edits}", "review")];
    let shown = review.log.iter().filter(|line| explain || line.level == LogLevel::Warn);
    lines.extend(shown.map(|line| format!("{:<9} {policy}: {}", line.level.as_str(), line.message)));
    if let Verdict::Warn(sentences) = &review.verdict {
        lines.extend(sentences.iter().map(|sentence| format!("{:<9} {policy}: {sentence}", "warn")));
    }
    if explain {
        lines.extend(review.edits.iter().flat_map(edit));
    }
    lines
}

/// An edit as a small diff.
fn edit(edit: &Edit) -> Vec<String> {
    let change = &edit.change;
    let sides = [("-", change.before.as_ref()), ("+", change.after.as_ref())];
    let sides = sides.into_iter().filter_map(|(sign, value)| value.map(|value| format!("    {sign} {}", shown(value))));
    let mut lines = vec![format!("  {}", change.pointer)];
    lines.extend(sides);
    lines.push(format!("      {}: {}", edit.policy, edit.reason));
    lines
}

/// A value on one line; a long one is cut.
fn shown(value: &Value) -> String {
    const LONGEST: usize = 200;
    let text = value.to_string();
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

fn finished(job: &JobRef, outcome: &Outcome) -> Vec<String> {
    let JobRef { namespace, name, task, .. } = job;
    let line = |word: &str, rest: String| format!("{word:<9} {rest}");
    let goes_on = || {
        vec![
            line("", format!("follow it: kubectl logs --follow job/{name} --namespace {namespace}")),
            line("", format!("stop it:   kubectl delete job {name} --namespace {namespace}")),
        ]
    };
    match outcome {
        Outcome::Succeeded => vec![line("success", format!("task `{task}`"))],
        Outcome::Failed(cause) => failed(task, cause),
        Outcome::Deleted => vec![line("deleted", format!("somebody deleted the Job of task `{task}` before it ended"))],
        Outcome::DeadlineExceeded { message } => {
            vec![line("timeout", format!("task `{task}`: {message}"))]
        }
        Outcome::TimedOut { after_seconds } => {
            let first =
                line("timeout", format!("task `{task}` has not ended after {after_seconds} s; the Job goes on"));
            std::iter::once(first).chain(goes_on()).collect()
        }
        Outcome::Detached => {
            let first = line("detached", format!("the Job of task `{task}` goes on"));
            std::iter::once(first).chain(goes_on()).collect()
        }
    }
}

fn failed(task: &str, cause: &Cause) -> Vec<String> {
    let container = cause.container.as_ref().map(|end| format!(": container {}", ended(end))).unwrap_or_default();
    let mut lines = vec![format!("{:<9} task `{task}`{container}", "failure")];
    if !cause.reason.is_empty() {
        lines.push(format!("{:<9} {}: {}", "", cause.reason, cause.message));
    }
    lines
}

fn ended(end: &ContainerEnd) -> String {
    let ContainerEnd { container, exit_code, reason, message, .. } = end;
    let reason =
        if matches!(reason.as_str(), "" | "Completed" | "Error") { String::new() } else { format!(" ({reason})") };
    let message = if message.is_empty() { String::new() } else { format!(": {}", message.trim_end()) };
    format!("{container} with exit code {exit_code}{reason}{message}")
}
