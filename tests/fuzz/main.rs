//! Proves that nothing from outside makes the program panic, hang or grow: texts that are known to
//! mean harm by name, and arbitrary ones for a while; damaged policies; any Jobs and settings
//! against the shipped policies; short patches and schemas that ask for much; and files within the
//! limits that are dear to compile.
//!
//! Each run is a process of its own, so that its peak of memory is its own and a crash is seen from
//! outside. `MLCUBE_FUZZ_SECONDS` makes the arbitrary runs longer; `MLCUBE_FUZZ_SEED` says where
//! they begin.

#![allow(clippy::panic, reason = "a test fails by panicking")]

/// The texts that are known to mean harm.
mod bombs;
/// The search for what is dear to compile.
mod compiling;
/// What is done with a text.
mod exercise;
#[allow(dead_code, reason = "the rows use the rest")]
#[path = "../rows/hostile/guest.rs"]
mod guest;
/// Any Jobs and settings.
mod jobs;
/// Patches that are short and copy much.
mod patches;
/// Damaged policies.
mod policies;
/// Settings schemas that ask for much.
mod schemas;
#[path = "../support/mod.rs"]
mod support;
/// Arbitrary texts.
mod texts;

use std::env;
use std::io::Write;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use libtest_mimic::{Arguments, Trial};
use support::policy;
use support::process::{self, MEMORY_KB, grown_since, peak, report};

/// How long arbitrary input is tried.
const SECONDS: &str = "MLCUBE_FUZZ_SECONDS";
/// The first of the seeds.
const SEED: &str = "MLCUBE_FUZZ_SEED";
/// Whether each input is told, with what it took.
const SHOW: &str = "MLCUBE_FUZZ_SHOW";
/// How long one input may take: far more than it does on a slow machine, far less than a hang.
const PATIENCE: Duration = Duration::from_secs(20);

fn main() -> ExitCode {
    if let Some(ended) = process::at_work(work) {
        return ended;
    }
    let bomb = |(name, _): &'static bombs::Bomb| {
        trial(format!("bombs/{name}"), move || done(&format!("bomb {name}"), 2 * PATIENCE))
    };
    let mut trials: Vec<Trial> = bombs::BOMBS.iter().map(bomb).collect();
    trials.push(trial("texts-are-read-or-refused".into(), || try_seeds("texts")));
    trials.push(trial("damaged-policies-are-refused-or-sound".into(), || {
        policy::built();
        try_seeds("policies");
    }));
    trials.push(trial("any-job-and-any-settings-are-reviewed-or-refused".into(), || {
        policy::built();
        try_seeds("jobs");
    }));
    trials.push(trial("search-for-what-is-dear-to-compile".into(), || {
        policy::built();
        let (seconds, seed) = asked();
        compiling::search(seed, seconds, |line| {
            if env::var_os(SHOW).is_some() {
                say(line);
            }
        });
    }));
    trials.push(trial("patches-stay-within-their-budget".into(), || try_seeds("patches")));
    trials.push(trial("schemas-take-linear-time".into(), || try_seeds("schemas")));
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// A trial that fails by panicking.
fn trial(name: String, check: impl FnOnce() + Send + 'static) -> Trial {
    Trial::test(name, move || {
        check();
        Ok(())
    })
}

/// The seconds for which arbitrary input is tried, and the first seed.
fn asked() -> (u64, u64) {
    let seconds = env::var(SECONDS).map_or(5, |text| text.parse().expect("a number of seconds"));
    (seconds, env::var(SEED).map_or(0, |text| text.parse().expect("a number")))
}

fn try_seeds(kind: &str) {
    let (seconds, seed) = asked();
    let patience = Duration::from_secs(seconds) + 4 * PATIENCE;
    done(&format!("{kind} {seed} {seconds}"), patience);
}

/// What the processes do that the trials start.
fn work(asked: &str) {
    let words: Vec<&str> = asked.split(' ').collect();
    match words[..] {
        ["bomb", name] => {
            let (_, make) =
                bombs::BOMBS.iter().find(|(known, _)| *known == name).expect("a bomb of this name");
            try_one(|| exercise::exercise(&make()), peak(), name);
        }
        ["texts", first, seconds] => {
            try_all(first, seconds, |seed| exercise::exercise(&texts::input(seed)))
        }
        ["policies", first, seconds] => {
            let damaged = policies::Damaged::new();
            try_all(first, seconds, |seed| damaged.try_one(seed));
        }
        ["patches", first, seconds] => try_all(first, seconds, patches::try_one),
        ["schemas", first, seconds] => try_all(first, seconds, schemas::try_one),
        ["jobs", first, seconds] => {
            let shipped = jobs::Shipped::new();
            try_all(first, seconds, |seed| shipped.try_one(seed));
        }
        ["compile", file] => compiling::work(file),
        _ => panic!("`{asked}` is no work"),
    }
}

/// Try one seed after the other until the time is over.
fn try_all(first: &str, seconds: &str, work: impl Fn(u64) -> String) {
    let first: u64 = first.parse().expect("a number");
    let end = Instant::now() + Duration::from_secs(seconds.parse().expect("a number"));
    let (mut seed, before) = (first, peak());
    while Instant::now() < end || seed == first {
        report(&format!("{SEED}={seed}"));
        try_one(|| work(seed), before, &format!("{SEED}={seed}"));
        seed += 1;
    }
    report(&format!("{} were tried", seed - first));
}

fn try_one(work: impl FnOnce() -> String, before: u64, what: &str) {
    let start = Instant::now();
    let outcome = work();
    let (took, grown) = (start.elapsed(), grown_since(before));
    assert!(took < PATIENCE, "{what} took {took:?}: {outcome}");
    assert!(grown < MEMORY_KB, "{what} took {grown} KB of memory: {outcome}");
    if env::var_os(SHOW).is_some() {
        say(&format!("{what}: {took:?}, {grown} KB: {outcome}"));
    }
}

/// Some work was done in a process of its own; what it said is shown if that is asked for.
fn done(asked: &str, patience: Duration) {
    let ended = process::work(asked, patience).unwrap_or_else(|failure| panic!("{failure}"));
    if env::var_os(SHOW).is_some() {
        say(&format!("{}{}", ended.said, ended.report));
    }
}

fn say(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}
