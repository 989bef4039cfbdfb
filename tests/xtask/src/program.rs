//! Other programs are run here. One that fails is named with its arguments and the end of its
//! output.

use crate::error::{Doing, Error, Result};
use crate::say;
use std::io::{self, BufRead, BufReader, Write};
use std::process::{Command, ExitStatus, Output, Stdio};
use std::time::Duration;

/// How long to wait between two looks at something that is about to happen.
pub const GLANCE: Duration = Duration::from_millis(100);

/// Run a program with its output shown to the user.
pub fn show(command: &mut Command) -> Result<()> {
    let status = command.status().doing(|| format!("start {}", spelled(command)))?;
    if status.success() {
        return Ok(());
    }
    Err(Error::new(format!("{} ended with {status}", spelled(command))))
}

/// Run a program and return what it wrote to stdout.
pub fn read(command: &mut Command) -> Result<String> {
    let output =
        command.stdin(Stdio::null()).output().doing(|| format!("start {}", spelled(command)))?;
    checked(command, output)
}

/// Run a program with its output shown as it comes, and return its exit status and all it said.
pub fn overhear(command: &mut Command) -> Result<(Option<i32>, String)> {
    let (reader, writer) = io::pipe().doing(|| "make a pipe".into())?;
    let both = writer.try_clone().doing(|| "make a pipe".into())?;
    command.stdin(Stdio::null()).stdout(writer).stderr(both);
    let mut child = command.spawn().doing(|| format!("start {}", spelled(command)))?;
    // The command holds the writing ends; the reader would wait for them for ever.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut said = String::new();
    for line in BufReader::new(reader).split(b'\n').map_while(std::result::Result::ok) {
        let line = String::from_utf8_lossy(&line);
        say::pass(&line);
        said.push_str(&line);
        said.push('\n');
    }
    let status = child.wait().doing(|| format!("wait for {}", spelled(command)))?;
    Ok((status.code(), said))
}

/// Run a program whose stdout is passed on line by line, and listened to.
pub fn hear(command: &mut Command, mut listen: impl FnMut(&str)) -> Result<ExitStatus> {
    command.stdout(Stdio::piped());
    let mut child = command.spawn().doing(|| format!("start {}", spelled(command)))?;
    let heard = child.stdout.take().into_iter().flat_map(|out| BufReader::new(out).split(b'\n'));
    for line in heard.map_while(std::result::Result::ok) {
        let line = String::from_utf8_lossy(&line);
        say::answer(&line);
        listen(&line);
    }
    child.wait().doing(|| format!("wait for {}", spelled(command)))
}

/// Run a program that reads `input`, and return what it wrote to stdout.
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
        let rows =
            [("nothing", "", ""), ("one line", "a", "a"), ("three lines", "a\nb\nc\n", "b\nc")];
        for (name, text, expected) in rows {
            assert_eq!(tail(text, 2), expected, "{name}");
        }
    }

    #[test]
    fn a_failure_names_the_program_and_what_it_said() {
        let mut failing = Command::new("sh");
        failing.args(["-c", "echo broken >&2; exit 3"]);
        let error = read(&mut failing).expect_err("the program fails");
        let text = error.to_string();
        assert!(text.contains("`sh -c") && text.contains("broken"), "{text}");
    }
}
