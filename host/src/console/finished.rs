//! How a run ended, as lines for people.

use super::paint::{Paint, Tone};
use crate::event::{Event, JobRef, LeftJob, WayBack};
use crate::outcome::{Cause, ContainerEnd, Outcome, PodLoss, Removal};

/// Keep the Job that was told to be sent or created, until it is told to have ended.
pub fn remember(open: &mut Option<LeftJob>, event: &Event) {
    let (job, is_certain) = match event {
        Event::Submitting(job) => (job, false),
        Event::Submitted(job) | Event::Attached(job) => (job, true),
        Event::Finished { .. }
        | Event::Interrupted { .. }
        | Event::Cancelled(_)
        | Event::Removed(_) => return *open = None,
        _ => return,
    };
    *open = Some(LeftJob { job: job.clone(), is_certain });
}

/// The lines for an outcome: what decided, and the way back to a Job that goes on.
pub fn finished(job: &JobRef, outcome: &Outcome, paint: Paint) -> Vec<String> {
    let task = &job.task;
    let tone = match outcome {
        Outcome::Succeeded => Tone::Added,
        Outcome::Detached => Tone::Warning,
        _ => Tone::Removed,
    };
    let line = |word: &str, rest: String| {
        let word = format!("{word:<9}");
        let is_coloured = !word.trim().is_empty();
        let word = if is_coloured { paint.paint(tone, &word) } else { word };
        format!("{word} {rest}")
    };
    let mut lines = match outcome {
        Outcome::Succeeded => vec![line("success", format!("task `{task}`"))],
        Outcome::Failed(cause) => failed(task, cause, line),
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
            let first = format!(
                "task `{task}` has not ended after {after_seconds} s; the Job keeps running"
            );
            vec![line("timeout", first)]
        }
        Outcome::NotStarted { after_seconds } => {
            let first = format!(
                "task `{task}` has not started after {after_seconds} s; the Job keeps waiting"
            );
            vec![line("timeout", first)]
        }
        Outcome::Stuck(stuck) => {
            let summary = &stuck.summary;
            let first = line("stuck", format!("task `{task}` can never run: {summary}"));
            let left =
                line("", "the Job is left as it is, and would run once that is changed".into());
            vec![first, left]
        }
        Outcome::Detached => {
            vec![line("detached", format!("the Job of task `{task}` keeps running"))]
        }
    };
    if outcome.leaves_the_job() {
        lines.extend(way_back(&job.back));
    }
    lines
}

/// The lines for a signal that ended the command: what it left behind, and what it did not begin.
pub fn interrupted(
    signal: &str,
    left: Option<&LeftJob>,
    not_submitted: Option<&[String]>,
    paint: Paint,
) -> Vec<String> {
    let line = |word: &str, rest: String| {
        format!("{} {rest}", paint.paint(Tone::Warning, &format!("{word:<9}")))
    };
    let Some(LeftJob { job, is_certain }) = left else {
        let tasks = not_submitted
            .map(|tasks| tasks.iter().map(|task| format!("`{task}`")).collect::<Vec<_>>());
        let what = match tasks.as_deref() {
            None => String::new(),
            Some([]) => ": nothing was submitted".into(),
            Some([task]) => format!(": task {task} was not submitted"),
            Some(tasks) => format!(": tasks {} were not submitted", tasks.join(", ")),
        };
        return vec![line("stopped", format!("by {signal}{what}"))];
    };
    if *is_certain {
        let outcome = Outcome::Detached;
        return finished(job, &outcome, paint);
    }
    let JobRef { name, task, back, .. } = job;
    vec![
        line("stopped", format!("by {signal}: Job {name} of task `{task}` was being created")),
        detail("look", &back.look),
        detail("stop it", &back.stop),
    ]
}

/// The lines by which one comes back to a Job.
pub fn way_back(back: &WayBack) -> [String; 2] {
    [detail("follow it", &back.follow), detail("stop it", &back.stop)]
}

/// The line by which one removes a Job that is over.
pub fn removed(back: &WayBack) -> String {
    detail("remove it", &back.remove)
}

/// A command beside what it does.
pub fn detail(what: &str, command: &str) -> String {
    format!("{:<9} {:<10} {command}", "", format!("{what}:"))
}

fn failed(task: &str, cause: &Cause, line: impl Fn(&str, String) -> String) -> Vec<String> {
    let decisive = match (&cause.container, &cause.pod) {
        (Some(end), _) => format!(": container {}", ended(end)),
        (None, Some(loss)) => format!(": {}", lost(loss)),
        (None, None) => String::new(),
    };
    let mut lines = vec![line("failure", format!("task `{task}`{decisive}"))];
    if !cause.reason.is_empty() {
        lines.push(line("", format!("{}: {}", cause.reason, cause.message)));
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

/// The end of a container.
pub fn ended(end: &ContainerEnd) -> String {
    let ContainerEnd { pod, container, exit_code, reason, message } = end;
    let reason = if matches!(reason.as_str(), "" | "Completed" | "Error") {
        String::new()
    } else {
        format!(" ({reason})")
    };
    let message =
        if message.is_empty() { String::new() } else { format!(": {}", message.trim_end()) };
    format!("{container} of pod {pod} with exit code {exit_code}{reason}{message}")
}

#[cfg(test)]
mod tests {
    use super::super::Telling;
    use super::super::human::lines;
    use super::*;
    use crate::event::{Event, History};
    use crate::plan::Volume;

    fn told(outcome: Outcome, volume: Volume) -> Vec<String> {
        let text = |text: &str| text.to_owned();
        let job = JobRef {
            namespace: text("team"),
            name: text("j"),
            uid: text("u"),
            back: WayBack::default(),
            task: text("train"),
            ..JobRef::default()
        };
        let paint = Paint::always();
        let event = Event::Finished { job, outcome, gaps: 0, history: History::default() };
        let lines = lines(&event, Telling { volume, paint, ..Telling::default() });
        lines.iter().map(|line| paint.rendered(line)).collect()
    }

    #[test]
    fn an_outcome_has_its_colour_and_is_told_unless_it_is_success() {
        let timed_out = Outcome::TimedOut { after_seconds: 5 };
        let rows = [
            (Outcome::Succeeded, "\u{1b}[32msuccess  \u{1b}[0m task `train`"),
            (
                Outcome::Deleted,
                "\u{1b}[31mdeleted  \u{1b}[0m the Job of task `train` was deleted before it ended",
            ),
            (
                timed_out,
                "\u{1b}[31mtimeout  \u{1b}[0m task `train` has not ended after 5 s; the Job keeps running",
            ),
            (
                Outcome::Detached,
                "\u{1b}[33mdetached \u{1b}[0m the Job of task `train` keeps running",
            ),
        ];
        for (outcome, expected) in rows {
            let is_success = outcome == Outcome::Succeeded;
            let usual = told(outcome.clone(), Volume::Usual);
            assert_eq!(usual[0], expected);
            let quiet = told(outcome, Volume::Quiet);
            assert_eq!(quiet, if is_success { Vec::new() } else { usual });
        }
    }
}
