//! From the words that were typed to the command line, or to help and errors with tips of our own.

use super::{Cli, tips};
use crate::text::shell_word;
use clap::{Command, CommandFactory, FromArgMatches};
use std::ffi::OsString;
use std::path::Path;

/// What is printed instead of a command: help, the version, or an error of usage.
pub use clap::Error as Unread;

/// The name of the program, and its name as a plugin of kubectl.
const NAMES: [&str; 2] = ["mlcube-k8s", "kubectl mlcube"];
/// The file names by which kubectl finds a plugin, and the program that completes its lines.
const PLUGIN: &str = "kubectl-mlcube";
const COMPLETER: &str = "kubectl_complete-mlcube";

/// Read the words that were typed; the first is the program as it was called.
pub fn read(words: impl IntoIterator<Item = OsString>) -> Result<Cli, Unread> {
    let mut words: Vec<OsString> = words.into_iter().collect();
    let called = words.first().and_then(|word| Path::new(word).file_stem()).unwrap_or_default();
    let is_plugin = called == PLUGIN || called == COMPLETER;
    if called == COMPLETER {
        words.insert(1, "candidates".into());
    }
    let mut command = named(Cli::command()).bin_name(NAMES[usize::from(is_plugin)]);
    let matches = command.try_get_matches_from_mut(&words);
    let cli = matches.and_then(|matches| Cli::from_arg_matches(&matches));
    let lossy = |word: OsString| word.to_string_lossy().into_owned();
    let typed: Vec<String> = words.into_iter().skip(1).map(lossy).collect();
    match cli {
        Ok(cli) => Ok(Cli { is_plugin, typed, ..cli }),
        Err(error) => Err(tips::replace(error, &typed, &mut command)),
    }
}

impl Cli {
    /// The program as it was called, for the commands that it prints.
    pub fn program(&self) -> &'static str {
        NAMES[usize::from(self.is_plugin)]
    }

    /// The command as it was typed with an option more; none if it has values of settings, which
    /// may be secret.
    pub fn with(&self, option: &str) -> Option<String> {
        let is_set = |word: &String| word == "--set" || word.starts_with("--set=");
        if self.typed.iter().any(is_set) {
            return None;
        }
        let end = self.typed.iter().position(|word| word == "--").unwrap_or(self.typed.len());
        let (before, behind) = self.typed.split_at(end);
        let quoted = |words: &[String]| {
            words.iter().map(|word| format!(" {}", shell_word(word))).collect::<String>()
        };
        Some(format!("{}{} {option}{}", self.program(), quoted(before), quoted(behind)))
    }
}

/// One name in every answer to `--version`.
fn named(command: Command) -> Command {
    command.display_name(NAMES[0]).mut_subcommands(named)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_can_be_typed_again() {
        let rows: [(&[&str], Option<&str>); 5] = [
            (&["/bin/mlcube-k8s", "run"], Some("mlcube-k8s run --create-claims")),
            (
                &["/bin/kubectl-mlcube", "run", "-v", "--mlcube=my cube"],
                Some("kubectl mlcube run -v '--mlcube=my cube' --create-claims"),
            ),
            (&["mlcube-k8s", "run", "--", "a=b"], Some("mlcube-k8s run --create-claims -- a=b")),
            (&["mlcube-k8s", "run", "--set", "p.token=x"], None),
            (&["mlcube-k8s", "run", "--set=p.token=x"], None),
        ];
        for (words, expected) in rows {
            let cli = read(words.iter().map(OsString::from)).expect("it can be typed");
            assert_eq!(cli.with("--create-claims").as_deref(), expected, "{words:?}");
        }
    }
}
