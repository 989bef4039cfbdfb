//! Work in a process of its own, so that its peak of memory is its own and a crash or a hang is
//! seen from outside. The process is this test program once more: its `main` begins with `at_work`.

use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use super::workspace;

/// What a process is asked to do.
const WORK: &str = "MLCUBE_TEST_WORK";
/// Where a process says how far it is.
const REPORT: &str = "MLCUBE_TEST_REPORT";

/// How much memory one process may take on top of what it takes for an ordinary input.
pub const MEMORY_KB: u64 = 64 << 10;

/// Do what this process is asked to do, with a stack as small as any thread's; none where the tests
/// themselves run.
pub fn at_work(work: fn(&str)) -> Option<ExitCode> {
    let asked = env::var(WORK).ok()?;
    let ended = thread::spawn(move || work(&asked)).join();
    Some(if ended.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Say how far the work is, in place of what was said before.
pub fn report(text: &str) {
    let place = env::var(REPORT).expect("a file to report to");
    fs::write(place, text).expect("the report can be written");
}

/// A process that ended well.
pub struct Ended {
    /// What it wrote to standard error.
    pub said: String,
    /// Its last report.
    pub report: String,
}

/// Do some work in a process of its own. The error is what it said when it did not end well.
pub fn work(asked: &str, patience: Duration) -> Result<Ended, String> {
    let report = place();
    let output = report.with_extension("out");
    let mut command = Command::new(env::current_exe().expect("this program has a path"));
    let file = fs::File::create(&output).expect("the output can be written");
    command.env(WORK, asked).env(REPORT, &report).env("RUST_BACKTRACE", "0");
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(file);
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
    let last = fs::read_to_string(&report).unwrap_or_default();
    let _ = (fs::remove_file(&output), fs::remove_file(report));
    match status {
        Some(status) if status.success() => Ok(Ended { said, report: last }),
        Some(status) => Err(format!("`{asked}` {last}: {status}\n{said}")),
        None => Err(format!("`{asked}` {last}: it hung and was killed\n{said}")),
    }
}

/// The most memory that this process ever had, in KB.
pub fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("Linux tells what a process takes");
    let line =
        status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("the peak is told");
    line.trim().trim_end_matches(" kB").parse().expect("the peak is a number")
}

/// By how many KB the peak has grown. The kernel counts in portions for each processor, so a peak
/// that did not grow may be told a little lower than before.
pub fn grown_since(before: u64) -> u64 {
    peak().saturating_sub(before)
}

/// A folder for what processes are given and report.
pub fn folder() -> PathBuf {
    let folder = workspace().join("target/tests/work");
    fs::create_dir_all(&folder).expect("a folder for the work");
    folder
}

/// A place in that folder that nothing else uses.
pub fn place() -> PathBuf {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    folder().join(format!("{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed)))
}
