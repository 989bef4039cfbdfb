//! What follows from the command line: scripts for shells, manual pages, and completions for kubectl.

use super::Cli;
use clap::builder::PossibleValue;
use clap::{Arg, Command, CommandFactory, ValueEnum};
use clap_mangen::Man;

/// A shell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Shell {
    /// Bash.
    Bash,
    /// Z shell.
    Zsh,
    /// Fish.
    Fish,
}

/// What kubectl offers when it knows no word: the names of files (`:0`), or nothing (`:4`).
const FILES: &str = ":0";
const NO_FILES: &str = ":4";

/// The script that completes commands and options in a shell.
pub fn completion(shell: Shell, is_plugin: bool) -> String {
    let shell = match shell {
        Shell::Bash => clap_complete::Shell::Bash,
        Shell::Zsh => clap_complete::Shell::Zsh,
        Shell::Fish => clap_complete::Shell::Fish,
    };
    let name = if is_plugin { "kubectl-mlcube" } else { "mlcube-k8s" };
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), name, &mut script);
    String::from_utf8_lossy(&script).into_owned()
}

/// The manual page of a command, as roff; the error is the word that is not a command, and the
/// words that are.
pub fn manual(path: &[String]) -> Result<String, (String, Vec<String>)> {
    let mut root = Cli::command();
    root.build();
    let mut command = &root;
    for word in path {
        command = command.find_subcommand(word).ok_or_else(|| {
            let known = command.get_subcommands().filter(|known| !known.is_hide_set());
            (word.clone(), known.map(|known| known.get_name().to_owned()).collect())
        })?;
    }
    let mut page = Vec::new();
    // Writing to memory does not fail.
    let _ = Man::new(command.clone()).render(&mut page);
    Ok(String::from_utf8_lossy(&page).into_owned())
}

/// The words that can stand in place of the last, which is unfinished, in the form of kubectl's
/// plugins: one on each line, then a directive.
pub fn candidates(words: &[String]) -> String {
    let mut root = Cli::command();
    root.build();
    let (last, before) = words.split_last().map_or(("", words), |(last, rest)| (&**last, rest));
    let mut command = &root;
    for word in before {
        command = command.find_subcommand(word).unwrap_or(command);
    }
    let (found, directive) = offered(command, before.last().map(String::as_str), last);
    let found = found.into_iter().filter(|word| word.starts_with(last));
    found.chain([directive.to_owned()]).map(|line| format!("{line}\n")).collect()
}

fn offered(command: &Command, before: Option<&str>, last: &str) -> (Vec<String>, &'static str) {
    let values = |arg: &Arg| {
        let values = arg.get_possible_values();
        values.iter().map(PossibleValue::get_name).map(str::to_owned).collect::<Vec<_>>()
    };
    let shown = || command.get_arguments().filter(|arg| !arg.is_hide_set());
    let takes = |arg: &&Arg| arg.get_action().takes_values() && !arg.is_require_equals_set();
    let is = |arg: &&Arg, word: &str| {
        let long = arg.get_long().is_some_and(|long| word.strip_prefix("--") == Some(long));
        let short =
            arg.get_short().is_some_and(|short| word.strip_prefix('-') == Some(&short.to_string()));
        long || short
    };
    if let Some(option) = before.and_then(|word| shown().filter(takes).find(|arg| is(arg, word))) {
        let values = values(option);
        let directive = if values.is_empty() { FILES } else { NO_FILES };
        return (values, directive);
    }
    if last.starts_with('-') {
        let longs = shown().filter_map(Arg::get_long).map(|long| format!("--{long}"));
        return (longs.collect(), NO_FILES);
    }
    let commands = command.get_subcommands().filter(|command| !command.is_hide_set());
    let mut words: Vec<_> = commands.map(|command| command.get_name().to_owned()).collect();
    words.extend(shown().filter(|arg| arg.is_positional()).flat_map(values));
    let directive = if words.is_empty() { FILES } else { NO_FILES };
    (words, directive)
}
