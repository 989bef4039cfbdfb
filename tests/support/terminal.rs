//! A terminal: `script` of util-linux, which does not tell its width.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use super::workspace;

/// Run a command on a terminal. Gives what is shown, and the exit code.
pub fn on_terminal(command: &Command, transcript: &Path) -> (String, Option<i32>) {
    let quoted = |word: &std::ffi::OsStr| {
        let word = word.to_str().expect("text");
        format!("'{}'", word.replace('\'', r"'\''"))
    };
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let line = words.map(quoted).collect::<Vec<_>>().join(" ");
    let mut script = Command::new("script");
    script.args(["--quiet", "--return", "--command", &line]).arg(transcript);
    script.env("TERM", "xterm").env_remove("NO_COLOR");
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => script.env(name, value),
            None => script.env_remove(name),
        };
    }
    script.current_dir(workspace()).stdin(Stdio::null()).stdout(Stdio::null());
    let status = script.status().expect("`script` is of Debian's essential packages");
    let text = fs::read_to_string(transcript).expect("a transcript");
    // `script` writes a line of its own before and after.
    let (_, text) = text.split_once('\n').expect("a first line");
    (text.split("\nScript done").next().unwrap_or_default().to_owned(), status.code())
}
