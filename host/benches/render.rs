//! How much three policies add to a warm `render`: the whole program, with and without policies by turns in one run.
//! `cargo bench --bench render` prints the two medians and their ratio.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const RUNS: usize = 200;

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the host lies below the workspace");
    let built =
        Command::new(env!("CARGO")).args(["xtask", "policies"]).current_dir(root).stdout(Stdio::null()).status();
    assert!(built.is_ok_and(|status| status.success()), "the policies do not build");
    let none = ["render", "--mlcube", "tests/cases/documented", "--policies", ""];
    let three = ["render", "--mlcube", "tests/cases/documented", "--policies", "tests/cases/policies/team.yaml"];
    let mut times = (Vec::new(), Vec::new());
    // The first round fills the caches.
    for round in 0..=RUNS {
        let (without, with) = (time(root, &none), time(root, &three));
        if round > 0 {
            times.0.push(without);
            times.1.push(with);
        }
    }
    let (without, with) = (median(times.0), median(times.1));
    let ratio = with.as_secs_f64() / without.as_secs_f64();
    print(&format!("render: {without:.1?} without policies, {with:.1?} with three, ratio {ratio:.2}"));
}

fn time(root: &Path, arguments: &[&str]) -> Duration {
    let start = Instant::now();
    let mut command = Command::new(env!("CARGO_BIN_EXE_mlcube-k8s"));
    command.args(arguments).current_dir(root).stdout(Stdio::null()).stderr(Stdio::null());
    assert!(command.status().is_ok_and(|status| status.success()), "`render` fails");
    start.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

#[expect(clippy::print_stdout, reason = "this is what a benchmark is for")]
fn print(line: &str) {
    println!("{line}");
}
