//! From the words that were typed to the command line, or to help and errors with tips of our own.

use super::{
    AttachArgs, Cli, ConfigArgs, DescribeArgs, FetchArgs, InspectArgs, ListArgs, LogsArgs,
    PlanArgs, RenderArgs, RunArgs, StatusArgs, VolumeArgs, tips,
};
use crate::text::shell_word;
use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Args, Command, CommandFactory, FromArgMatches};
use std::ffi::{OsStr, OsString};
use std::path::Path;

/// What is printed instead of a command: help, the version, or an error of usage.
pub use clap::Error as Unread;

/// The name of the program, and its name as a plugin of kubectl.
const NAMES: [&str; 2] = ["mlcube-k8s", "kubectl mlcube"];
/// The file names by which kubectl finds a plugin, and the program that completes its lines.
const PLUGIN: &str = "kubectl-mlcube";
const COMPLETER: &str = "kubectl_complete-mlcube";

/// The options of `run` that `fetch` has, too, and that say nothing of the cube or its policies.
const NOT_FOR_FETCH: [&str; 6] =
    ["namespace", "context", "kubeconfig", "timeout", "output", "record"];

/// What describes the arguments of a command.
type Describe = fn(Command) -> Command;

/// The commands that are read without the description of the others.
const COMMANDS: [(&str, Describe); 10] = [
    ("run", RunArgs::augment_args),
    ("plan", PlanArgs::augment_args),
    ("render", RenderArgs::augment_args),
    ("list", ListArgs::augment_args),
    ("status", StatusArgs::augment_args),
    ("attach", AttachArgs::augment_args),
    ("logs", LogsArgs::augment_args),
    ("describe", DescribeArgs::augment_args),
    ("config", ConfigArgs::augment_args),
    ("inspect", InspectArgs::augment_args),
];

/// Read the words that were typed; the first is the program as it was called.
pub fn read(words: impl IntoIterator<Item = OsString>) -> Result<Cli, Unread> {
    let mut words: Vec<OsString> = words.into_iter().collect();
    let called = words.first().and_then(|word| Path::new(word).file_stem()).unwrap_or_default();
    let is_plugin = called == PLUGIN || called == COMPLETER;
    if called == COMPLETER {
        words.insert(1, "candidates".into());
    }
    let lossy = |word: &OsString| word.to_string_lossy().into_owned();
    let typed: Vec<String> = words.iter().skip(1).map(lossy).collect();
    let understood = |command: &mut Command| -> Result<Cli, Unread> {
        let matches = command.try_get_matches_from_mut(&words)?;
        let cli = Cli::from_arg_matches(&matches)?;
        Ok(Cli { is_plugin, typed: typed.clone(), matches, ..cli })
    };
    let only = words.get(1).and_then(|word| only(word));
    if let Some(cli) = only.and_then(|mut command| understood(&mut command).ok()) {
        return Ok(cli);
    }
    let mut command = named(Cli::command()).bin_name(NAMES[usize::from(is_plugin)]);
    understood(&mut command).map_err(|error| tips::replace(error, &typed, &mut command))
}

/// The program with one command. What it understands, the whole program understands alike, and its
/// description is made several times as fast; help and errors are left to the whole.
fn only(word: &OsStr) -> Option<Command> {
    let (name, describe) = COMMANDS.into_iter().find(|(name, _)| word == *name)?;
    let program = VolumeArgs::augment_args(Command::new(NAMES[0]));
    Some(program.subcommand(describe(Command::new(name))))
}

impl Cli {
    /// The program as it was called, for the commands that it prints.
    pub fn program(&self) -> &'static str {
        NAMES[usize::from(self.is_plugin)]
    }

    /// The command as it was typed with an option more; none if it has values of settings, which
    /// may be secret.
    pub fn with(&self, option: &str) -> Option<String> {
        if self.has_settings() {
            return None;
        }
        let end = self.typed.iter().position(|word| word == "--").unwrap_or(self.typed.len());
        let (before, behind) = self.typed.split_at(end);
        let quoted = |words: &[String]| {
            words.iter().map(|word| format!(" {}", shell_word(word))).collect::<String>()
        };
        Some(format!("{}{} {option}{}", self.program(), quoted(before), quoted(behind)))
    }

    /// The options of a `run` by which `fetch` finds the same cube and the same policies, each after a
    /// blank; none if they have values of settings, which may be secret.
    pub fn for_fetch(&self) -> Option<String> {
        if self.has_settings() {
            return None;
        }
        let (_, run) = self.matches.subcommand()?;
        let fetch = FetchArgs::augment_args(Command::new("fetch"));
        let is_shared = |option: &&Arg| !NOT_FOR_FETCH.contains(&option.get_id().as_str());
        Some(fetch.get_arguments().filter(is_shared).map(|option| typed(option, run)).collect())
    }

    fn has_settings(&self) -> bool {
        self.typed.iter().any(|word| word == "--set" || word.starts_with("--set="))
    }
}

/// An option as it was typed, each time after a blank.
fn typed(option: &Arg, matches: &ArgMatches) -> String {
    let id = option.get_id().as_str();
    // Others are unknown to the command, and cannot be asked for.
    let is_there = matches.try_contains_id(id).unwrap_or(false);
    if !is_there || matches.value_source(id) != Some(ValueSource::CommandLine) {
        return String::new();
    }
    let name = match (option.get_long(), option.get_short()) {
        (Some(long), _) => format!("--{long}"),
        (None, short) => format!("-{}", short.unwrap_or_default()),
    };
    if !option.get_action().takes_values() {
        return format!(" {name}");
    }
    let sign = if name.starts_with("--") { "=" } else { "" };
    let values = matches.get_raw(id).unwrap_or_default().map(OsStr::to_string_lossy);
    values.map(|value| format!(" {}", shell_word(&format!("{name}{sign}{value}")))).collect()
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

    #[test]
    fn a_fetch_of_a_run_has_its_cube_and_its_policies() {
        let rows: [(&str, Option<&str>); 7] = [
            ("run", Some("")),
            ("run --task=train -v a=b --logs=all", Some("")),
            (
                "run --mlcube a/b --workspace=w -Pk8s.pvc=x -P y=z",
                Some(" --mlcube=a/b --workspace=w -Pk8s.pvc=x -Py=z"),
            ),
            (
                "run --policy=a.wasm --policy n=b.wasm --locked --grant=n=scheduling,cluster --audit=n",
                Some(
                    " --policy=a.wasm --policy=n=b.wasm --grant=n=scheduling,cluster --audit=n --locked",
                ),
            ),
            ("run -n team --context c --timeout=1m -o json --record r", Some("")),
            ("run --stage --stage-image i:1 --policies=", Some(" --policies= --stage-image=i:1")),
            ("run --policy=a.wasm --set a.token=x", None),
        ];
        for (words, expected) in rows {
            let words = std::iter::once("mlcube-k8s").chain(words.split(' '));
            let cli = read(words.clone().map(OsString::from)).expect("it can be typed");
            assert_eq!(cli.for_fetch().as_deref(), expected, "{:?}", words.collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_command_alone_is_described_as_in_the_program() {
        let described = |command: &Command| {
            let arguments: Vec<_> = command.get_arguments().collect();
            let groups: Vec<_> = command.get_groups().collect();
            format!("{arguments:#?} {groups:#?}")
        };
        let global =
            |program: &Command| format!("{:#?}", program.get_arguments().collect::<Vec<_>>());
        let program = Cli::command();
        for (name, _) in COMMANDS {
            let alone = only(name.as_ref()).expect("a command of the table");
            let found = |program: &Command| program.find_subcommand(name).map(described);
            assert_eq!(found(&alone), found(&program), "{name}");
            assert!(found(&program).is_some(), "{name}");
            assert_eq!(global(&alone), global(&program), "{name}");
        }
    }
}
