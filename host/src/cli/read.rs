//! From the words that were typed to the command line, or to help and errors with tips of our own.

use super::{Cli, tips};
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
    cli.map(|cli| Cli { is_plugin, ..cli }).map_err(|error| {
        let words: Vec<String> = words.into_iter().skip(1).map(lossy).collect();
        tips::replace(error, &words, &mut command)
    })
}

impl Cli {
    /// The program as it was called, for the commands that it prints.
    pub fn program(&self) -> &'static str {
        NAMES[usize::from(self.is_plugin)]
    }
}

/// One name in every answer to `--version`.
fn named(command: Command) -> Command {
    command.display_name(NAMES[0]).mut_subcommands(named)
}
