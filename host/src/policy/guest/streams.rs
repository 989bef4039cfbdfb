//! The output of a guest in one call: the unfinished lines and the end of its stderr; its random
//! numbers and its clock. Each is bounded: a line is kept as far as the log would show it.

use super::wasi::Clock;
use std::collections::VecDeque;

/// The lines of stderr that are kept for the error of a call that traps.
const KEPT: usize = 60;
/// The lines of them that the error shows of each kind: the error, and its place.
const TOLD: usize = 3;

/// The state of the WASI stubs in one call.
#[derive(Default)]
pub struct Streams {
    out: Line,
    err: Line,
    tail: VecDeque<String>,
    drawn: u64,
    pub clock: Clock,
}

/// A line that a guest wrote: its beginning, and how many bytes are missing.
#[derive(Default)]
pub struct Line {
    pub text: String,
    pub missing: usize,
    bytes: Vec<u8>,
}

/// An output stream of a guest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Out,
    /// Standard error.
    Err,
}

impl Stream {
    /// The number that its handle carries. Other handles carry 0.
    pub fn number(self) -> u32 {
        match self {
            Self::Out => 1,
            Self::Err => 2,
        }
    }

    /// The stream of a handle.
    pub fn numbered(number: u32) -> Option<Self> {
        [Self::Out, Self::Err].into_iter().find(|stream| stream.number() == number)
    }
}

impl Streams {
    /// The next random number (SplitMix64 from the same seed in every call).
    pub fn draw(&mut self) -> u64 {
        self.drawn = self.drawn.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.drawn ^ (self.drawn >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Take a byte that the guest writes. A line feed gives the line, of which `longest` bytes are
    /// kept.
    pub fn write(&mut self, stream: Stream, byte: u8, longest: usize) -> Option<Line> {
        if byte == b'\n' {
            return Some(self.take(stream));
        }
        let line = self.unfinished(stream);
        if line.bytes.len() < longest {
            line.bytes.push(byte);
        } else {
            line.missing += 1;
        }
        None
    }

    /// The unfinished lines: the guest will write no more.
    pub fn finish(&mut self) -> Vec<Line> {
        let mut streams = vec![Stream::Out, Stream::Err];
        streams.retain(|stream| !self.unfinished(*stream).bytes.is_empty());
        streams.into_iter().map(|stream| self.take(stream)).collect()
    }

    /// What the guest wrote to stderr at last, in brief: the error and its place.
    pub fn last_words(&self) -> Option<String> {
        let unfinished = String::from_utf8_lossy(&self.err.bytes);
        let lines: Vec<_> = self.tail.iter().map(String::as_str).chain([&*unfinished]).collect();
        match lines.iter().rev().find_map(|line| exception(line)) {
            Some(words) => gist(&words.lines().collect::<Vec<_>>()),
            None => gist(&lines),
        }
    }

    fn take(&mut self, stream: Stream) -> Line {
        let mut line = std::mem::take(self.unfinished(stream));
        line.text = String::from_utf8_lossy(&std::mem::take(&mut line.bytes)).into_owned();
        if stream == Stream::Err {
            self.tail.push_back(line.text.clone());
            self.tail.drain(..self.tail.len().saturating_sub(KEPT));
        }
        line
    }

    fn unfinished(&mut self, stream: Stream) -> &mut Line {
        match stream {
            Stream::Out => &mut self.out,
            Stream::Err => &mut self.err,
        }
    }
}

/// The message and the frames of an exception that a runtime of JavaScript writes on one line, as
/// Rust shows them: `Exception { message: Some("…"), stack: Some("…") }`.
fn exception(line: &str) -> Option<String> {
    let (_, rest) = line.split_once("Exception { message: Some(\"")?;
    let (message, rest) = unquoted(rest)?;
    let stack = rest.split_once("stack: Some(\"").and_then(|(_, rest)| unquoted(rest));
    Some(format!("{message}\n{}", stack.map(|(stack, _)| stack).unwrap_or_default()))
}

/// A text up to its closing quotation mark, without escapes; and what follows.
fn unquoted(quoted: &str) -> Option<(String, &str)> {
    let mut text = String::new();
    let mut chars = quoted.char_indices();
    loop {
        match chars.next()?.1 {
            '"' => return Some((text, chars.as_str())),
            '\\' => text.push(match chars.next()?.1 {
                'n' => '\n',
                't' => '\t',
                escaped => escaped,
            }),
            c => text.push(c),
        }
    }
}

/// The lines up to an empty one that tell of the error: the last traceback of Python, behind which
/// its runtime tells of itself, or else the last lines.
fn paragraph<'a>(lines: &'a [&'a str]) -> &'a [&'a str] {
    let is_empty = |line: &&str| line.trim().is_empty();
    let traceback = lines.iter().rposition(|line| line.starts_with("Traceback (most recent call"));
    if let Some(start) = traceback {
        let lines = &lines[start + 1..];
        return &lines[..lines.iter().position(is_empty).unwrap_or(lines.len())];
    }
    let end = lines.iter().rposition(|line| !is_empty(line)).map_or(0, |last| last + 1);
    let start = lines[..end].iter().rposition(is_empty).map_or(0, |blank| blank + 1);
    &lines[start..end]
}

/// The useful part of a traceback. The error itself is not indented. Python writes the innermost
/// frame before it, JavaScript after it.
fn gist(lines: &[&str]) -> Option<String> {
    let lines = paragraph(lines).iter().copied();
    let points = |line: &&str| line.contains(|c: char| !c.is_whitespace() && !"^~".contains(c));
    let is_note = |line: &&str| line.starts_with("note: run with `RUST_BACKTRACE");
    let lines: Vec<&str> = lines.filter(points).filter(|line| !is_note(line)).collect();
    let is_frame = |line: &str| line.starts_with([' ', '\t']);
    let end = lines.iter().rposition(|line| !is_frame(line)).map_or(0, |last| last + 1);
    let start = lines[..end].iter().rposition(|line| is_frame(line)).map_or(0, |frame| frame + 1);
    let error = &lines[start.max(end.saturating_sub(TOLD))..end];
    let before = &lines[start.saturating_sub(TOLD - 1)..start];
    let after = &lines[end..lines.len().min(end + TOLD - 1)];
    let frame = if after.is_empty() { before } else { after };
    let told = if after.is_empty() { [frame, error] } else { [error, frame] }.concat();
    let told: Vec<_> = told.into_iter().map(str::trim).collect();
    if told.is_empty() { None } else { Some(told.join(" / ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_traceback_the_error_and_its_place_are_told() {
        let python = "Traceback (most recent call last):\n  File \"/0/app.py\", line 9, in review\n    \
                      check()\n  File \"/0/app.py\", line 5, in check\n    rules[\"x\"]\n    ~~~~~^^^^^\n\
                      KeyError: 'x'\n\nthread '<unnamed>' panicked at runtime/src/lib.rs:9:25:\nPython function threw\n";
        let javascript = "TypeError: cannot read property 'x' of undefined\n    at check \
                          (policy.js:5:3)\n    at review (policy.js:9:1)\n    at outer (policy.js:12:1)\n";
        let rust = "checking\n\nthread 'main' panicked at src/lib.rs:9:5:\nindex out of bounds\nnote: \
                    run with `RUST_BACKTRACE=1`\n";
        let quickjs = "thread '<unnamed>' (1) panicked at crates/runtime/src/interpreter.rs:51:31:\nFailed \
                       to call 'review': Exception(Exception { message: Some(\"no \\\"rule\\\"\"), stack: \
                       Some(\"    at check (/policy.js:69:5)\\n    at review (/policy.js:43:5)\\n\") })\n\
                       note: run with `RUST_BACKTRACE=1`\n";
        let rows = [
            (
                quickjs,
                Some("no \"rule\" / at check (/policy.js:69:5) / at review (/policy.js:43:5)"),
            ),
            (
                "Failed: Exception(Exception { message: Some(\"no rule\"), stack: None })\n",
                Some("no rule"),
            ),
            ("Exception { message: Some(\"cut", Some("Exception { message: Some(\"cut")),
            (python, Some("File \"/0/app.py\", line 5, in check / rules[\"x\"] / KeyError: 'x'")),
            (
                javascript,
                Some(
                    "TypeError: cannot read property 'x' of undefined / at check (policy.js:5:3) / \
                     at review (policy.js:9:1)",
                ),
            ),
            (rust, Some("thread 'main' panicked at src/lib.rs:9:5: / index out of bounds")),
            ("panic: no rules\n", Some("panic: no rules")),
            ("  indented alone", Some("indented alone")),
            ("\n\n", None),
            ("", None),
        ];
        for (text, expected) in rows {
            let mut streams = Streams::default();
            text.bytes().for_each(|byte| drop(streams.write(Stream::Err, byte, 1000)));
            assert_eq!(streams.last_words().as_deref(), expected, "{text}");
        }
    }
}
