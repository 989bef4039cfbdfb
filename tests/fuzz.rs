//! Proves that no text makes the program panic, hang or grow: hostile ones by name, and arbitrary ones for a while.
//!
//! Each run is a process of its own, so that its peak of memory is its own and a crash is seen from outside.
//! `MLCUBE_FUZZ_SECONDS` makes the run of arbitrary texts longer; `MLCUBE_FUZZ_SEED` says where it begins.

#![allow(clippy::panic, reason = "a test fails by panicking")]

#[path = "fuzz/bombs.rs"]
mod bombs;
#[path = "support/dice.rs"]
mod dice;
#[path = "fuzz/exercise.rs"]
mod exercise;
#[path = "fuzz/texts.rs"]
mod texts;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use exercise::Input;

/// What a process is asked to do; without it the test of that name does nothing.
const WORK: &str = "MLCUBE_FUZZ_WORK";
/// How long arbitrary texts are tried.
const SECONDS: &str = "MLCUBE_FUZZ_SECONDS";
/// The first of the seeds.
const SEED: &str = "MLCUBE_FUZZ_SEED";
/// Whether each text is told, with what it took.
const SHOW: &str = "MLCUBE_FUZZ_SHOW";
/// Where a process says how far it is.
const REPORT: &str = "MLCUBE_FUZZ_REPORT";

/// How much memory one process may take on top of what it takes for an ordinary cube.
const MEMORY_KB: u64 = 64 << 10;
/// How long one text may take: far more than it does on a slow machine, far less than a hang.
const PATIENCE: Duration = Duration::from_secs(20);

#[test]
fn named_bombs_are_defused() {
    let defuse = |(name, _): &bombs::Bomb| work(&format!("bomb {name}"), &report(name), 2 * PATIENCE).err();
    let failed: Vec<String> = bombs::BOMBS.iter().filter_map(defuse).collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn arbitrary_texts_are_read_or_refused() {
    let seconds = env::var(SECONDS).map_or(5, |text| text.parse().expect("a number of seconds"));
    let seed = env::var(SEED).map_or(0, |text| text.parse::<u64>().expect("a number"));
    let patience = Duration::from_secs(seconds) + 2 * PATIENCE;
    if let Err(failure) = work(&format!("seeds {seed} {seconds}"), &report("seeds"), patience) {
        panic!("{failure}");
    }
}

/// What the processes do that the two tests above start.
#[test]
fn at_work() {
    let Ok(asked) = env::var(WORK) else { return };
    let report = env::var(REPORT).expect("a file to report to");
    let before = peak();
    let words: Vec<&str> = asked.split(' ').collect();
    match words[..] {
        ["bomb", name] => {
            let (_, make) = bombs::BOMBS.iter().find(|(known, _)| *known == name).expect("a bomb of this name");
            try_one(&make(), before, name);
        }
        ["seeds", first, seconds] => {
            let first: u64 = first.parse().expect("a number");
            let end = Instant::now() + Duration::from_secs(seconds.parse().expect("a number"));
            let mut seed = first;
            while Instant::now() < end || seed == first {
                fs::write(&report, format!("{SEED}={seed}")).expect("the report can be written");
                try_one(&texts::input(seed), before, &format!("{SEED}={seed}"));
                seed += 1;
            }
            fs::write(&report, format!("{} texts were tried", seed - first)).expect("the report can be written");
        }
        _ => panic!("`{asked}` is no work"),
    }
}

fn try_one(input: &Input, before: u64, what: &str) {
    let start = Instant::now();
    let outcome = exercise::exercise(input);
    let (took, grown) = (start.elapsed(), peak() - before);
    assert!(took < PATIENCE, "{what} took {took:?}: {outcome}");
    assert!(grown < MEMORY_KB, "{what} took {grown} KB of memory: {outcome}");
    if env::var_os(SHOW).is_some() {
        say(&format!("{what}: {took:?}, {grown} KB: {outcome}"));
    }
}

/// Starts a process for the work, waits, and shows what it said when it did not end well.
fn work(asked: &str, report: &Path, patience: Duration) -> Result<(), String> {
    let mut command = Command::new(env::current_exe().expect("this program has a path"));
    command.args(["--exact", "at_work", "--nocapture"]).env(WORK, asked).env(REPORT, report);
    let output = report.with_extension("out");
    let file = fs::File::create(&output).expect("the output can be written");
    command.stdout(Stdio::null()).stderr(file).env("RUST_BACKTRACE", "0");
    let mut process = command.spawn().expect("a process starts");
    let start = Instant::now();
    let status = loop {
        match process.try_wait().expect("a process can be waited for") {
            Some(status) => break Some(status),
            None if start.elapsed() > patience => {
                let _ = process.kill();
                let _ = process.wait();
                break None;
            }
            None => thread::sleep(Duration::from_millis(5)),
        }
    };
    let said = fs::read_to_string(&output).unwrap_or_default();
    let last = fs::read_to_string(report).unwrap_or_default();
    if env::var_os(SHOW).is_some() {
        say(&format!("{said}{last}"));
    }
    let _ = (fs::remove_file(&output), fs::remove_file(report));
    match status {
        Some(status) if status.success() => Ok(()),
        Some(status) => Err(format!("`{asked}` {last}: {status}\n{said}")),
        None => Err(format!("`{asked}` {last}: it hung and was killed\n{said}")),
    }
}

fn say(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// The most memory that this process ever had, in KB.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("Linux tells what a process takes");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("the peak is told");
    line.trim().trim_end_matches(" kB").parse().expect("the peak is a number")
}

fn report(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").join("target/tests/fuzz");
    fs::create_dir_all(&folder).expect("a folder for reports");
    folder.join(format!("{}-{name}", std::process::id()))
}
