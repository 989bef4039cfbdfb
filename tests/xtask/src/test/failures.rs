//! The failures of a run, kept to be told once more at its end: thousands of lines may follow them.

use crate::say;

/// The lines of one failure that are told again.
const LINES: usize = 60;
/// What stands before the failures of a test binary, and before the list of their names.
const FAILURES: &str = "failures:";
/// What ends both.
const RESULT: &str = "test result:";
/// What stands before each failure.
const FAILURE: &str = "---- ";

/// The failures in the output of `cargo test`.
#[derive(Default)]
pub struct Failures {
    lines: Vec<String>,
    is_within: bool,
    /// The lines of the failure that is being read.
    count: usize,
}

impl Failures {
    /// Read the next line of the output.
    pub fn read(&mut self, line: &str) {
        if line.starts_with(RESULT) {
            self.is_within = false;
        } else if line == FAILURES || line.starts_with(FAILURE) {
            self.is_within = true;
            self.count = 0;
        }
        if self.is_within {
            self.count += 1;
            match self.count {
                ..=LINES => self.lines.push(line.to_owned()),
                count if count == LINES + 1 => self.lines.push("[…]".to_owned()),
                _ => {}
            }
        }
    }

    /// Tell them again.
    pub fn tell(&self) {
        if !self.lines.is_empty() {
            say::step("what failed, once more:");
            self.lines.iter().for_each(say::pass);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_are_kept_and_nothing_else_is() {
        let long = format!("---- b ----\n{}", "line\n".repeat(LINES));
        let output = format!(
            "test a ... FAILED\ntest b ... FAILED\ntest c ... ok\n\nfailures:\n\n---- a stdout ----\n\
             expected 1, found 2\n{long}\nfailures:\n    a\n    b\n\ntest result: FAILED. 1 passed\n\n\
             running 1 test\ntest d ... ok\n"
        );
        let mut failures = Failures::default();
        output.lines().for_each(|line| failures.read(line));
        let kept = failures.lines.join("\n");
        assert!(
            kept.starts_with("failures:\n\n---- a stdout ----\nexpected 1, found 2\n"),
            "{kept}"
        );
        assert!(kept.trim_end().ends_with("line\n[…]\nfailures:\n    a\n    b"), "{kept}");
        assert_eq!(kept.matches("\nline").count(), LINES - 1);
    }
}
