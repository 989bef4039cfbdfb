//! Every file and every row of the tables as a trial with a name: `cargo test --test rows
//! node-selector/conflict-kept`.
//!
//! A name is a path: the group, then the file or the row. `cargo test --test rows -- --list` shows
//! them all, and a part of a name runs all that have it. A row that is wrong hides no other.

#![allow(clippy::panic, reason = "a test fails by panicking")]

/// Ways to a cluster that lead nowhere.
mod access;
/// Policies that break, and what they say: texts, logs, last words.
mod breaking;
/// Policies that are asked again.
mod chains;
/// The texts of a cube, its settings and one command line: `tests/cases/cube/` and tables.
mod cube;
/// Why a Job does not get on: `tests/cases/diagnosis/` and tables.
mod diagnosis;
/// Files of others: what is read, and what is written over.
mod files;
/// Policies that misbehave, and files that are no policies, each in a process of its own.
mod hostile;
/// The defaults of settings, as `policy inspect` lists them.
mod inspected;
/// Policies in Python and JavaScript: ignored, because only `cargo xtask test` has them built.
mod languages;
/// What policies ask a cluster: `tests/cases/lookups/`.
mod lookups;
/// Paths as people write them, and a cache that cannot be used.
mod places;
/// Policies files with mistakes, and which of them is in force.
mod policies_file;
/// The program as it is typed: `tests/cases/cli/`, `tests/cases/settings/` and the pages of
/// `docs/`.
mod program;
/// Recordings that were altered, and replays of reviews that ended badly.
mod recordings;
/// What is to be done next, and whether it can be done.
mod remedies;
/// What people see: characters that act or hide, and secrets.
mod seen;
/// The shipped policies: `guest-policies/*/cases/`.
mod shipped;
/// Misspelt keys, by layer and command.
mod slips;
#[path = "../support/mod.rs"]
mod support;
/// What a platform team relies on: grants, audits, collisions, limits.
mod teams;
/// What people type from the habit of other programs, and tips that can be followed.
mod tips;
/// Views and verbs of the contract: `tests/cases/verbs/`.
mod verbs;
/// Local files as they are to lie on a claim.
mod walked;
/// The empty world that WASI finds.
mod wasi;

use std::collections::BTreeSet;
use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};
use support::process;
use support::rows::{Names, slug};

/// A group: how its names begin, how many there are at least, and who makes them.
type Group = (&'static str, usize, fn() -> Vec<Trial>);

/// All groups. A folder that is not found, or a table that lost its rows, must not pass.
const GROUPS: [Group; 25] = [
    // Compiling what these need takes long: it comes first, when nothing is measured yet.
    ("languages/", 50, languages::all),
    ("cli/", 15, program::cli),
    ("settings/", 1, program::settings),
    ("docs/", 3, program::docs),
    ("cube/", 400, cube::all),
    // Each shipped policy gives its name to its cases.
    ("", 25, shipped::all),
    ("verbs/", 250, verbs::all),
    ("lookups/", 30, lookups::all),
    ("wasi/", 20, wasi::all),
    ("policies-file/", 20, policies_file::all),
    ("inspected/", 19, inspected::all),
    ("slips/", 50, slips::all),
    ("teams/", 25, teams::all),
    ("tips/", 50, tips::all),
    ("access/", 40, access::all),
    ("breaking/", 20, breaking::all),
    ("chains/", 20, chains::all),
    ("recordings/", 25, recordings::all),
    ("remedies/", 13, remedies::all),
    ("diagnosis/", 130, diagnosis::all),
    ("files/", 80, files::all),
    ("places/", 25, places::all),
    ("walked/", 40, walked::all),
    ("seen/", 340, seen::all),
    ("hostile/", 450, hostile::all),
];

/// The longest name of a row in its group; what is longer is cut.
const LONGEST: usize = 80;

fn main() -> ExitCode {
    if let Some(ended) = process::at_work(work) {
        return ended;
    }
    let mut trials = Vec::new();
    let mut lost = Vec::new();
    for (start, least, make) in GROUPS {
        let group = make();
        let count = group.iter().filter(|trial| trial.name().starts_with(start)).count();
        if count < least || count < group.len() {
            lost.push(format!(
                "`{start}` has {count} of at least {least} rows and {} in all",
                group.len()
            ));
        }
        trials.extend(group);
    }
    let names: BTreeSet<_> = trials.iter().map(Trial::name).collect();
    if names.len() < trials.len() {
        lost.push(format!("{} trials have {} names", trials.len(), names.len()));
    }
    trials
        .push(trial("rows-are-all-there", move || assert!(lost.is_empty(), "{}", lost.join("\n"))));
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// What a process of its own does for a trial.
fn work(asked: &str) {
    let (kind, asked) = asked.split_once(' ').expect("a kind of work and what is asked for");
    match kind {
        "commands" => program::work(asked),
        "review" => hostile::work(asked),
        kind => panic!("`{kind}` is no work"),
    }
}

/// A trial that fails by panicking.
fn trial(name: impl Into<String>, check: impl FnOnce() + Send + 'static) -> Trial {
    Trial::test(name, move || {
        check();
        Ok(())
    })
}

/// A trial for each row of a table, called by the group and words of the row.
fn trials<R, N>(
    group: &str,
    rows: impl IntoIterator<Item = R>,
    name: impl Fn(&R) -> N,
    check: impl Fn(R) + Clone + Send + 'static,
) -> Vec<Trial>
where
    R: Send + 'static,
    N: AsRef<str>,
{
    named(group, rows, |row| slug(name(row).as_ref()), check)
}

/// A trial for each row of a table, called by the group and a text of the row as it is written
/// there.
fn verbatim<R, N>(
    group: &str,
    rows: impl IntoIterator<Item = R>,
    name: impl Fn(&R) -> N,
    check: impl Fn(R) + Clone + Send + 'static,
) -> Vec<Trial>
where
    R: Send + 'static,
    N: AsRef<str>,
{
    let written = |row: &R| match name(row).as_ref() {
        "" => "(nothing)".to_owned(),
        text => text.trim_end().replace('\n', "\\n").replace('\t', "\\t"),
    };
    named(group, rows, written, check)
}

fn named<R: Send + 'static>(
    group: &str,
    rows: impl IntoIterator<Item = R>,
    name: impl Fn(&R) -> String,
    check: impl Fn(R) + Clone + Send + 'static,
) -> Vec<Trial> {
    let mut names = Names::default();
    let one = |row: R| {
        let (name, check) =
            (names.unique(name(&row).chars().take(LONGEST).collect()), check.clone());
        trial(format!("{group}/{name}"), move || check(row))
    };
    rows.into_iter().map(one).collect()
}
