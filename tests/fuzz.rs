//! Proves that nothing from outside makes the program panic, hang or grow: texts that are known to mean harm by name, and
//! arbitrary ones for a while; damaged policies; and any Jobs and settings against the shipped policies.
//!
//! Each run is a process of its own, so that its peak of memory is its own and a crash is seen from outside.
//! `MLCUBE_FUZZ_SECONDS` makes the arbitrary runs longer; `MLCUBE_FUZZ_SEED` says where they begin.

#![allow(clippy::panic, reason = "a test fails by panicking")]

#[path = "fuzz/bombs.rs"]
mod bombs;
#[path = "support/dice.rs"]
mod dice;
#[path = "fuzz/exercise.rs"]
mod exercise;
#[path = "fuzz/jobs.rs"]
mod jobs;
#[path = "fuzz/policies.rs"]
mod policies;
#[path = "support/process.rs"]
mod process;
mod support;
#[path = "fuzz/texts.rs"]
mod texts;

use process::{MEMORY_KB, asked, grown_since, peak, report};
use std::env;
use std::io::Write;
use std::time::{Duration, Instant};

/// How long arbitrary input is tried.
const SECONDS: &str = "MLCUBE_FUZZ_SECONDS";
/// The first of the seeds.
const SEED: &str = "MLCUBE_FUZZ_SEED";
/// Whether each input is told, with what it took.
const SHOW: &str = "MLCUBE_FUZZ_SHOW";
/// How long one input may take: far more than it does on a slow machine, far less than a hang.
const PATIENCE: Duration = Duration::from_secs(20);

#[test]
fn named_bombs_are_defused() {
    let defuse = |(name, _): &bombs::Bomb| work(&format!("bomb {name}"), 2 * PATIENCE).err();
    let failed: Vec<String> = bombs::BOMBS.iter().filter_map(defuse).collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn arbitrary_texts_are_read_or_refused() {
    try_seeds("texts");
}

#[test]
fn damaged_policies_are_refused_or_sound() {
    try_seeds("policies");
}

#[test]
fn any_job_and_any_settings_are_reviewed_or_refused() {
    try_seeds("jobs");
}

fn try_seeds(kind: &str) {
    let seconds = env::var(SECONDS).map_or(5, |text| text.parse().expect("a number of seconds"));
    let seed = env::var(SEED).map_or(0, |text| text.parse::<u64>().expect("a number"));
    let patience = Duration::from_secs(seconds) + 4 * PATIENCE;
    if let Err(failure) = work(&format!("{kind} {seed} {seconds}"), patience) {
        panic!("{failure}");
    }
}

/// What the processes do that the tests above start.
#[test]
fn at_work() {
    let Some(asked) = asked() else { return };
    let words: Vec<&str> = asked.split(' ').collect();
    match words[..] {
        ["bomb", name] => {
            let (_, make) = bombs::BOMBS.iter().find(|(known, _)| *known == name).expect("a bomb of this name");
            try_one(|| exercise::exercise(&make()), peak(), name);
        }
        ["texts", first, seconds] => try_all(first, seconds, |seed| exercise::exercise(&texts::input(seed))),
        ["policies", first, seconds] => {
            let damaged = policies::Damaged::new();
            try_all(first, seconds, |seed| damaged.try_one(seed));
        }
        ["jobs", first, seconds] => {
            let shipped = jobs::Shipped::new();
            try_all(first, seconds, |seed| shipped.try_one(seed));
        }
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

/// Do some work in a process of its own, and show what it said if that is asked for.
fn work(asked: &str, patience: Duration) -> Result<(), String> {
    let ended = process::work(asked, patience)?;
    if env::var_os(SHOW).is_some() {
        say(&format!("{}{}", ended.said, ended.report));
    }
    Ok(())
}

fn say(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}
