//! Lines for people on stderr. On a terminal long ones are wrapped with a hanging indent, and the
//! progress of long work is one line that is rewritten; anything else gets whole lines.

use super::log::Lines;
use super::phases::spoken;
use crate::event::{ContainerRun, Piece};
use crate::text::width;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use std::env;
use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};
use terminal_size::{Width, terminal_size_of};

/// The widest line; the help is as wide.
const WIDEST: usize = 100;
/// The width of a terminal that does not tell its own.
const USUAL: usize = 80;
/// The narrowest terminal for which lines are wrapped.
const NARROWEST: usize = 40;
/// How often a line of progress is rewritten.
const TICK: Duration = Duration::from_millis(500);

/// Stderr, as lines.
#[derive(Default)]
pub struct Notes {
    /// The width of the terminal, if it is one.
    width: Option<usize>,
    /// The line of progress that stands there.
    bar: Option<ProgressBar>,
    /// What the line says that is to stand there, and since when that lasts.
    live: Option<(&'static str, Instant)>,
    /// Whether something else stands at the end of what is shown, without an end of its line.
    is_occupied: bool,
    /// What containers write there.
    lines: Lines,
}

impl Notes {
    /// Stderr as it is.
    pub fn for_stderr() -> Self {
        let stderr = io::stderr();
        let told = || terminal_size_of(&stderr).map_or(USUAL, |(Width(width), _)| width.into());
        let width = stderr.is_terminal().then(told).filter(|width| *width >= NARROWEST);
        Self { width: width.map(|width| width.min(WIDEST)), ..Self::default() }
    }

    /// Write a line. Breaks in it stay.
    pub fn line(&mut self, line: &str) {
        self.end_line();
        let wrapped = line.split('\n').map(|line| {
            let wrapped = self.width.map(|width| wrapped(line, width));
            format!("{}\n", wrapped.as_deref().unwrap_or(line))
        });
        let text: String = wrapped.collect();
        self.above(|| write(text.as_bytes()));
        self.is_occupied = false;
    }

    /// Whether a line can be replaced by the next.
    pub fn is_live(&self) -> bool {
        self.width.is_some()
    }

    /// Write a line that the next one replaces.
    pub fn progress(&mut self, line: &str) {
        if self.width.is_none() {
            return self.line(line);
        }
        self.end_line();
        self.show("{wide_msg}", line.to_owned(), Instant::now());
    }

    /// Let a line stand below all others that says what lasts since when; none removes it.
    pub fn live(&mut self, now: Option<(&'static str, Instant)>) {
        let is_dumb = env::var_os("TERM").is_some_and(|term| term == "dumb");
        if self.width.is_none() || is_dumb || (self.live == now && self.bar.is_some()) {
            return;
        }
        if self.live != now {
            self.clear();
        }
        self.live = now;
        if let Some((what, since)) = now.filter(|_| !self.is_occupied && !self.lines.is_open()) {
            self.show("{msg} ({since})", what.to_owned(), since);
        }
    }

    fn show(&mut self, template: &str, message: String, since: Instant) {
        let bar = match self.bar.take() {
            Some(bar) => bar,
            None => {
                let target = ProgressDrawTarget::stderr_with_hz(10);
                ProgressBar::with_draw_target(None, target).with_elapsed(since.elapsed())
            }
        };
        let style = ProgressStyle::with_template(template).expect("a template");
        let since = |state: &ProgressState, text: &mut dyn fmt::Write| {
            let _ = write!(text, "{}", spoken(state.elapsed()));
        };
        bar.set_style(style.with_key("since", since));
        bar.set_message(message);
        bar.enable_steady_tick(TICK);
        self.bar = Some(bar);
    }

    /// Remove a line of progress, before anything else is written to the terminal.
    pub fn clear(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }

    /// Something else was written to the terminal, and its line has an end or not.
    pub fn leave_room(&mut self, is_occupied: bool) {
        self.is_occupied = is_occupied;
    }

    /// Write what a container wrote.
    pub fn log(&mut self, run: &Arc<ContainerRun>, piece: &Piece, is_named: bool) {
        self.clear();
        let bytes = self.lines.add(run, piece, is_named);
        write(&bytes);
    }

    /// End a line of a container that has no end.
    pub fn end_line(&mut self) {
        if let Some(end) = self.lines.end() {
            write(end);
        }
    }

    /// Write above the line of progress.
    pub fn above<R>(&self, write: impl FnOnce() -> R) -> R {
        match &self.bar {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }
}

fn write(bytes: &[u8]) {
    let mut stderr = io::stderr().lock();
    let _ = stderr.write_all(bytes).and_then(|()| stderr.flush());
}

/// A line broken between words. What stands in backticks is not broken, because it may be copied,
/// and neither is a line that begins with blanks, which is a value or a command.
fn wrapped(line: &str, width: usize) -> String {
    let Some(hang) = hang(line) else { return line.to_owned() };
    let mut text = String::new();
    let mut column = 0;
    for (index, word) in words(line).into_iter().enumerate() {
        let length = visible(word);
        if index > 0 && column + 1 + length > width && column > hang {
            text = format!("{}\n{:hang$}", text.trim_end(), "");
            column = hang;
        } else if index > 0 {
            text.push(' ');
            column += 1;
        }
        text.push_str(word);
        column += length;
    }
    text
}

/// The column at which the details of a line begin: behind its first word.
fn hang(line: &str) -> Option<usize> {
    let plain: String = uncoloured(line).take(10).collect();
    match plain.split_once(' ') {
        Some(("error:" | "hint:", _)) => plain.find(' ').map(|at| at + 1),
        Some((word, _)) if !word.is_empty() && plain.chars().nth(9) == Some(' ') => Some(10),
        _ => None,
    }
}

/// The words of a line; between backticks blanks do not part them.
fn words(line: &str) -> Vec<&str> {
    let mut is_code = false;
    let ends = |c: char| {
        is_code ^= c == '`';
        c == ' ' && !is_code
    };
    line.split(ends).collect()
}

fn visible(text: &str) -> usize {
    width(&uncoloured(text).collect::<String>())
}

/// The characters that are seen: those between an escape and `m` are not.
fn uncoloured(text: &str) -> impl Iterator<Item = char> {
    let mut is_escape = false;
    text.chars().filter(move |c| {
        let was_escape = is_escape;
        is_escape = *c == '\u{1b}' || (is_escape && *c != 'm');
        !was_escape && !is_escape
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_hang_behind_their_first_word() {
        let rows = [
            ("success   task `train`", "success   task `train`"),
            (
                "review    gpu-resources admits the Job with 1 edit",
                "review    gpu-resources admits the Job\n          with 1 edit",
            ),
            (
                "error: one two three four five six seven",
                "error: one two three four five six\n       seven",
            ),
            ("hint: one two three four five six seven", "hint: one two three four five six seven"),
            (
                "\u{1b}[31merror:\u{1b}[0m one two three four five six seven",
                "\u{1b}[31merror:\u{1b}[0m one two three four five six\n       seven",
            ),
            (
                "hint: lock it again with `mlcube-k8s policy lock --policies team.yaml`, then",
                "hint: lock it again with\n      `mlcube-k8s policy lock --policies team.yaml`,\n      then",
            ),
            (
                "success   task `訓練訓練訓練` ended 訓練訓練 well",
                "success   task `訓練訓練訓練` ended\n          訓練訓練 well",
            ),
            (
                "          follow it: kubectl logs --follow job/mlcube-digits",
                "          follow it: kubectl logs --follow job/mlcube-digits",
            ),
            (
                "    + a value of an edit that is longer than the line",
                "    + a value of an edit that is longer than the line",
            ),
            (
                "warning   a-word-that-is-longer-than-the-whole-line",
                "warning   a-word-that-is-longer-than-the-whole-line",
            ),
        ];
        for (line, expected) in rows {
            assert_eq!(wrapped(line, 39), expected, "{line}");
        }
    }
}
