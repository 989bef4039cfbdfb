//! A review as lines for people: the verdict, what the policy wrote, and its edits as a diff.

use super::paint::{Paint, Tone};
use crate::job::{Conflict, Edit, LogLevel, Mode, Review, Verdict};
use crate::text::visible;
use serde_json::Value;

/// The most lines of one side of an edit; the rest is cut.
const LONGEST: usize = 24;

/// The review of one policy; with `explain` also its edits and everything that it logged.
pub fn lines(review: &Review, explain: bool, paint: Paint) -> Vec<String> {
    let policy = &review.policy;
    let mut lines = vec![format!("{:<9} {policy} {}", "review", verdict(review))];
    let shown = review.log.iter().filter(|line| explain || line.level == LogLevel::Warn);
    lines
        .extend(shown.map(|line| format!("{:<9} {policy}: {}", line.level.as_str(), line.message)));
    if let Verdict::Warn(sentences) = &review.verdict {
        lines
            .extend(sentences.iter().map(|sentence| format!("{:<9} {policy}: {sentence}", "warn")));
    }
    if explain {
        lines.extend(review.edits.iter().flat_map(|edit| diff(edit, paint)));
    }
    lines
}

/// The warning that two policies wrote the same field.
pub fn conflict(conflict: &Conflict) -> String {
    let Conflict { first, second, is_undone, .. } = conflict;
    let pointer = visible(conflict.pointer.as_str());
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
        (Verdict::Broke(why), _) => format!("would end the run (audit): {why}"),
    }
}

/// An edit as a diff: the place, the values before and after, and the reason.
fn diff(edit: &Edit, paint: Paint) -> Vec<String> {
    let change = &edit.change;
    let mut lines =
        vec![format!("  {}", paint.paint(Tone::Strong, &visible(change.pointer.as_str())))];
    let sides =
        [(Tone::Removed, "-", change.before.as_ref()), (Tone::Added, "+", change.after.as_ref())];
    for (tone, sign, value) in sides {
        let shown = value.map(shown).unwrap_or_default();
        lines.extend(shown.iter().map(|line| {
            format!("    {}", paint.paint(tone, &format!("{sign} {}", visible(line))))
        }));
    }
    lines.push(format!("      {}: {}", edit.policy, edit.reason));
    lines
}

/// A value for people: on one line, or as YAML if it has parts.
fn shown(value: &Value) -> Vec<String> {
    let is_plain = !matches!(value, Value::Object(map) if !map.is_empty())
        && !matches!(value, Value::Array(items) if !items.is_empty());
    if is_plain {
        return vec![value.to_string()];
    }
    let yaml = serde_saphyr::to_string(value).expect("JSON can be written as YAML");
    let mut lines: Vec<String> = yaml.lines().map(str::to_owned).collect();
    if lines.len() > LONGEST {
        let rest = lines.len() - LONGEST;
        lines.truncate(LONGEST);
        lines.push(format!("… {rest} more lines"));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::{Change, Pointer, PolicyId};
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
                &["  /spec/x", "    + \"\\x9By\": 1", "      p: why"],
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
            assert_eq!(diff(&edit, Paint::default()), expected, "{edit:?}");
        }
    }
}
