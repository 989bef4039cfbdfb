//! A review as lines for people: the verdict, what the policy wrote, and its edits as a diff.

use super::Telling;
use super::diff::{Sign, WIDEST, diff};
use super::paint::{Paint, Tone};
use crate::job::{Conflict, Edit, LogLevel, LogLine, Mode, PolicyId, Review, Verdict};
use crate::plan::Volume;
use crate::text::{cut, visible};

/// The review of one policy: what it warns of, and unless little is told its verdict; with `explain`
/// its edits too, and with that or when much is told everything that it logged.
pub fn lines(review: &Review, telling: Telling) -> Vec<String> {
    let Telling { explain, volume, paint } = telling;
    let policy = &review.policy;
    let line = |word: &str, rest: String| format!("{word:<9} {rest}");
    let mut lines = Vec::new();
    if explain || volume != Volume::Quiet {
        let again = review.after.as_ref();
        let again = again.map(|after| format!(", asked again after `{after}`")).unwrap_or_default();
        let cost = match volume {
            Volume::Verbose => format!(", {} of its fuel used", review.fuel),
            _ => String::new(),
        };
        lines.push(line("review", format!("{policy} {}{again}{cost}", verdict(review))));
    }
    // Whoever looks for the fault of a policy that broke needs all that it wrote.
    let broke = matches!(review.verdict, Verdict::Broke(_));
    let all = explain || broke || volume == Volume::Verbose;
    let shown = review.log.iter().filter(|line| all || line.level == LogLevel::Warn);
    lines.extend(logged(policy, shown));
    if let Verdict::Warn(sentences) = &review.verdict {
        lines
            .extend(sentences.iter().map(|sentence| line("warn", format!("{policy}: {sentence}"))));
    }
    if explain {
        lines.extend(review.edits.iter().flat_map(|edit| edit_lines(edit, paint)));
    }
    lines
}

/// Lines that a policy logged.
pub fn logged<'l>(policy: &PolicyId, log: impl IntoIterator<Item = &'l LogLine>) -> Vec<String> {
    let lines = log.into_iter().flat_map(|LogLine { level, message }| {
        said(format!("{:<9} {policy}: ", level.as_str()), message)
    });
    lines.collect()
}

/// Foreign text behind a beginning: its other lines are indented below the first.
pub fn said(start: String, text: &str) -> Vec<String> {
    let indent = " ".repeat(start.chars().count());
    let starts = std::iter::once(start).chain(std::iter::repeat(indent));
    starts.zip(text.split('\n')).map(|(start, line)| format!("{start}{line}")).collect()
}

/// The warning that two policies wrote the same field.
pub fn conflict(conflict: &Conflict) -> String {
    let Conflict { first, second, is_undone, .. } = conflict;
    let pointer = cut(&visible(conflict.pointer.as_str()), WIDEST);
    if *is_undone {
        format!("`{second}` undoes what `{first}` did at {pointer}")
    } else {
        format!("`{second}` overwrites what `{first}` wrote at {pointer}")
    }
}

fn verdict(review: &Review) -> String {
    let would = review.mode == Mode::Audit;
    let edits = match review.edits.len() {
        0 => "as it is".to_owned(),
        1 => "with 1 edit".to_owned(),
        count => format!("with {count} edits"),
    };
    match (&review.verdict, would) {
        (Verdict::Admit | Verdict::Warn(_), false) => format!("admits the Job {edits}"),
        (Verdict::Admit | Verdict::Warn(_), true) => format!("would admit the Job {edits} (audit)"),
        (Verdict::Reject(_), false) => "rejects the Job".to_owned(),
        (Verdict::Reject(rejection), true) => {
            format!("would reject the Job (audit): {}", rejection.reason)
        }
        (Verdict::Broke(_), false) => "gives no verdict".to_owned(),
        (Verdict::Broke(why), true) => format!("would end the run (audit): {why}"),
    }
}

/// An edit as a diff: the place, what differs, and the reason.
fn edit_lines(edit: &Edit, paint: Paint) -> Vec<String> {
    let change = &edit.change;
    let place = cut(&visible(change.pointer.as_str()), WIDEST);
    let place = paint.paint(Tone::Strong, &place);
    let mut lines = vec![format!("  {place}")];
    let differs = diff(change.before.as_ref(), change.after.as_ref());
    lines.extend(differs.into_iter().map(|(sign, line)| match sign {
        Sign::Removed => format!("    {}", paint.paint(Tone::Removed, &format!("- {line}"))),
        Sign::Added => format!("    {}", paint.paint(Tone::Added, &format!("+ {line}"))),
        // Not blank, so that it cannot pass for the reason.
        Sign::Kept => format!("    | {line}"),
        Sign::Omitted => format!("    {line}"),
    }));
    lines.push(format!("      {}: {}", edit.policy, edit.reason));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::{Change, Pointer};
    use serde_json::json;

    /// A place, a value that is added there, and the expected lines.
    #[test]
    fn an_edit_becomes_lines_that_leave_the_terminal_alone() {
        let rows = [
            (
                "/spec/suspend",
                json!(true),
                ["  /spec/suspend", "    + true", "      p: why"].as_slice(),
            ),
            (
                "/spec/list",
                json!(["a", {"b": 1}]),
                &["  /spec/list", "    + - a", "    + - b: 1", "      p: why"],
            ),
            ("/spec/x\u{1b}[2J", json!(1), &["  /spec/x\\u{1b}[2J", "    + 1", "      p: why"]),
            (
                "/spec/x",
                json!("\u{9b}2J\u{202e}"),
                &["  /spec/x", "    + \"\\u{9b}2J\\u{202e}\"", "      p: why"],
            ),
            (
                "/spec/x",
                json!({"\u{9b}y": 1}),
                &["  /spec/x", "    + \"\\u009by\": 1", "      p: why"],
            ),
        ];
        for (place, value, expected) in rows {
            let place = Pointer::parse(place).expect("a pointer");
            let change =
                Change { pointer: place, before: None, after: Some(value), position: None };
            let edit = Edit {
                policy: PolicyId::parse("p").expect("a name"),
                change,
                reason: "why".into(),
            };
            let paint = Paint::default();
            let lines: Vec<_> =
                edit_lines(&edit, paint).iter().map(|line| paint.rendered(line)).collect();
            assert_eq!(lines, expected, "{edit:?}");
        }
    }
}
