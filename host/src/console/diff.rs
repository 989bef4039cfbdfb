//! What differs between two values, as lines: what changed, with a little of what is around it.
//! What is left out is counted, so that nothing hides behind the end of a long value or line.

use super::manifest::yaml;
use crate::text::{cut, cut_beside, visible};
use serde_json::Value;
use similar::{Algorithm, DiffOp, capture_diff_slices_deadline, group_diff_ops};
use std::ops::Range;
use std::time::{Duration, Instant};

/// So many lines around a change are shown.
const CONTEXT: usize = 2;
/// The most lines of one sign.
const MOST: usize = 200;
/// The most characters of a line, but for what says that it is cut.
pub const WIDEST: usize = 160;
/// How long the smallest difference is looked for.
const PATIENCE: Duration = Duration::from_millis(500);

/// What a line is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// It was there before.
    Removed,
    /// It is there now.
    Added,
    /// It was there, and is.
    Kept,
    /// It counts what is left out.
    Omitted,
}

/// The lines of a change from one value to another.
pub fn diff(before: Option<&Value>, after: Option<&Value>) -> Vec<(Sign, String)> {
    let [before, after] = [before, after].map(|value| value.map(lines).unwrap_or_default());
    let deadline = Some(Instant::now() + PATIENCE);
    let ops = capture_diff_slices_deadline(Algorithm::Myers, &before, &after, deadline);
    let mut told = Told::default();
    let mut reached = 0;
    for op in group_diff_ops(ops, CONTEXT).iter().flatten() {
        told.kept_more(op.old_range().start - reached);
        reached = op.old_range().end;
        match op {
            DiffOp::Equal { .. } => {
                told.all(Sign::Kept, before[op.old_range()].iter().map(|line| cut(line, WIDEST)));
            }
            _ => changed(&mut told, &before, &after, op.old_range(), op.new_range()),
        }
    }
    told.kept_more(before.len() - reached);
    told.omitted();
    told.lines
}

/// Lines that stand in the place of others. Those of the same number are cut at the same place.
fn changed(
    told: &mut Told,
    before: &[String],
    after: &[String],
    old: Range<usize>,
    new: Range<usize>,
) {
    let (old, new) = (&before[old], &after[new]);
    let beside = |line: &String, others: &[String], index: usize| match others.get(index) {
        Some(other) => cut_beside(line, other, WIDEST),
        None => cut(line, WIDEST),
    };
    told.all(Sign::Removed, old.iter().enumerate().map(|(at, line)| beside(line, new, at)));
    told.all(Sign::Added, new.iter().enumerate().map(|(at, line)| beside(line, old, at)));
}

/// What was told, and what was left out.
#[derive(Default)]
struct Told {
    lines: Vec<(Sign, String)>,
    removed: usize,
    added: usize,
}

impl Told {
    fn all(&mut self, sign: Sign, lines: impl Iterator<Item = String>) {
        for line in lines {
            let count = match sign {
                Sign::Removed => &mut self.removed,
                Sign::Added => &mut self.added,
                Sign::Kept | Sign::Omitted => &mut 0,
            };
            *count += 1;
            if *count <= MOST {
                self.lines.push((sign, line));
            }
        }
    }

    fn kept_more(&mut self, count: usize) {
        if count > 0 {
            self.lines.push((Sign::Omitted, format!("… {} as before", counted(count))));
        }
    }

    fn omitted(&mut self) {
        for (count, verb) in [(self.removed, "removed"), (self.added, "added")] {
            if let Some(more) = count.checked_sub(MOST).filter(|more| *more > 0) {
                let line =
                    format!("… {} more {verb}, which `render --explain=json` shows", counted(more));
                self.lines.push((Sign::Omitted, line));
            }
        }
    }
}

fn counted(lines: usize) -> String {
    format!("{lines} {}", if lines == 1 { "line" } else { "lines" })
}

/// A value for people: on one line, or as YAML if it has parts.
fn lines(value: &Value) -> Vec<String> {
    let has_parts = match value {
        Value::Object(members) => !members.is_empty(),
        Value::Array(items) => !items.is_empty(),
        _ => false,
    };
    if !has_parts {
        return vec![visible(&value.to_string())];
    }
    yaml(value).lines().map(visible).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn told(before: &Value, after: &Value) -> Vec<String> {
        let sign = |sign| match sign {
            Sign::Removed => '-',
            Sign::Added => '+',
            Sign::Kept => ' ',
            Sign::Omitted => '~',
        };
        let lines = diff(Some(before), Some(after));
        lines.into_iter().map(|(of, line)| format!("{}{line}", sign(of))).collect()
    }

    #[test]
    fn what_changed_is_shown_wherever_it_stands() {
        let list = |claim: &str| {
            let item = |n| if n == 33 { claim.to_owned() } else { format!("v{n}") };
            (0..40).map(item).collect::<Value>()
        };
        assert_eq!(
            told(&list("mine"), &list("theirs")),
            [
                "~… 31 lines as before",
                " - v31",
                " - v32",
                "-- mine",
                "+- theirs",
                " - v34",
                " - v35",
                "~… 4 lines as before"
            ]
        );
        assert_eq!(told(&json!(1), &json!("1")), ["-1", "+\"1\""]);
        assert_eq!(told(&json!([]), &json!({})), ["-[]", "+{}"]);
        assert_eq!(told(&json!(["a", "b"]), &json!(["a"])), [" - a", "-- b"]);
        let far = told(&Value::from_iter(0..9), &json!([9, 1, 2, 3, 4, 5, 6, 7, 10]));
        assert_eq!(
            far,
            [
                "-- 0",
                "+- 9",
                " - 1",
                " - 2",
                "~… 3 lines as before",
                " - 6",
                " - 7",
                "-- 8",
                "+- 10"
            ]
        );
    }

    #[test]
    fn what_is_left_out_is_counted() {
        let before = Value::from_iter((0..300).map(|n| format!("a{n}")));
        let after = Value::from_iter((0..201).map(|n| format!("b{n}")));
        let lines = told(&before, &after);
        let count = |sign: char| lines.iter().filter(|line| line.starts_with(sign)).count();
        assert_eq!((count('-'), count('+'), count('~')), (MOST, MOST, 2));
        assert_eq!(
            &lines[lines.len() - 2..],
            [
                "~… 100 lines more removed, which `render --explain=json` shows",
                "~… 1 line more added, which `render --explain=json` shows"
            ]
        );
    }
}
