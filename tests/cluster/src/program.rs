//! Owns how other programs are run.
//! Invariant: a program that fails is named with its arguments and the end of what it said.

use std::{
    io::Write,
    process::{Command, Output, Stdio},
    time::Duration,
};

use crate::error::{Doing, Error, Result};

/// How long to wait between two looks at something that is about to happen.
pub const GLANCE: Duration = Duration::from_millis(100);

/// Runs a program with its output shown to the user.
pub fn show(command: &mut Command) -> Result<()> {
    let status = command.status().doing(|| format!("start {}", spelled(command)))?;
    if status.success() {
        return Ok(());
    }
    Err(Error::new(format!("{} ended with {status}", spelled(command))))
}

/// Runs a program and returns what it wrote to stdout.
pub fn read(command: &mut Command) -> Result<String> {
    let output =
        command.stdin(Stdio::null()).output().doing(|| format!("start {}", spelled(command)))?;
    checked(command, output)
}

/// Runs a program that reads `input`, and returns what it wrote to stdout.
pub fn feed(command: &mut Command, input: &[u8]) -> Result<String> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().doing(|| format!("start {}", spelled(command)))?;
    if let Some(mut stdin) = child.stdin.take() {
        // A program that ends early says so by its status.
        let _ = stdin.write_all(input);
    }
    let output = child.wait_with_output().doing(|| format!("wait for {}", spelled(command)))?;
    checked(command, output)
}

/// Whether a program can be started and succeeds; its output is dropped.
pub fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// The last lines of a text.
pub fn tail(text: &str, lines: usize) -> String {
    let all: Vec<&str> = text.lines().collect();
    all[all.len().saturating_sub(lines)..].join("\n")
}

/// The command as a user would type it.
pub fn typed(command: &Command) -> String {
    let words: Vec<_> = std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|word| word.to_string_lossy())
        .collect();
    words.join(" ")
}

fn checked(command: &Command, output: Output) -> Result<String> {
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let what = format!("{} ended with {}\n{}", spelled(command), output.status, tail(&said, 12));
    Err(Error::new(what.trim_end()))
}

fn spelled(command: &Command) -> String {
    format!("`{}`", typed(command))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tail_keeps_the_end() {
        let rows = [("", 2, ""), ("a", 2, "a"), ("a\nb\nc\n", 2, "b\nc")];
        for (text, lines, expected) in rows {
            assert_eq!(tail(text, lines), expected);
        }
    }

    #[test]
    fn a_failure_names_the_program_and_what_it_said() {
        let error = read(Command::new("sh").args(["-c", "echo broken >&2; exit 3"])).unwrap_err();
        let text = error.to_string();
        assert!(text.contains("`sh -c") && text.contains("broken"), "{text}");
    }
}
