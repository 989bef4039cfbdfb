//! How much policies add to a warm `render`: the whole program with none, with the three policies,
//! and with a Python one where there is one. `cargo bench --bench render` prints the time of each,
//! and at the end what they add and the ratio.

mod support;

use criterion::{BenchmarkId, Criterion, SamplingMode, criterion_group, criterion_main};
use std::cell::RefCell;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A way to start the program: its name, its arguments.
type Kind = (&'static str, Vec<String>);

fn render(criterion: &mut Criterion) {
    support::build();
    let kinds = kinds();
    // The first round fills the cache.
    round(&kinds, &RefCell::new(vec![Vec::new(); kinds.len()]));
    let times = RefCell::new(vec![Vec::new(); kinds.len()]);
    let mut group = criterion.benchmark_group("render");
    group.sampling_mode(SamplingMode::Flat);
    for (index, (name, _)) in kinds.iter().enumerate() {
        group.bench_function(BenchmarkId::from_parameter(name), |bencher| {
            bencher.iter_custom(|rounds| (0..rounds).map(|_| round(&kinds, &times)[index]).sum());
        });
    }
    group.finish();
    tell(&kinds, times.into_inner());
}

fn kinds() -> Vec<Kind> {
    let arguments = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    let mut kinds = vec![
        ("none", arguments(&["--policies", ""])),
        ("three", arguments(&["--policies", support::TEAM])),
    ];
    match std::env::var(support::PYTHON) {
        Ok(python) => {
            let (policy, team) = (format!("python={python}"), "python.team=vision");
            kinds.push((
                "python",
                arguments(&["--policies", "", "--policy", &policy, "--set", team]),
            ));
        }
        Err(_) => support::print(&format!(
            "render: no Python policy, because `{}` names none",
            support::PYTHON
        )),
    }
    kinds
}

/// Every kind once, one after the other, so that whatever else the machine does meets all of them
/// alike.
fn round(kinds: &[Kind], times: &RefCell<Vec<Vec<Duration>>>) -> Vec<Duration> {
    let round: Vec<_> = kinds.iter().map(time).collect();
    times.borrow_mut().iter_mut().zip(&round).for_each(|(all, time)| all.push(*time));
    round
}

fn time((_, arguments): &Kind) -> Duration {
    let mut command: Command = support::program();
    command
        .args(["render", "--mlcube", support::CUBE])
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let start = Instant::now();
    assert!(command.status().is_ok_and(|status| status.success()), "`render` fails");
    start.elapsed()
}

fn tell(kinds: &[Kind], times: Vec<Vec<Duration>>) {
    let rounds = times[0].len();
    let medians: Vec<_> = times.into_iter().map(median).collect();
    for ((name, _), median) in kinds.iter().zip(&medians) {
        let (added, ratio) =
            (median.saturating_sub(medians[0]), median.as_secs_f64() / medians[0].as_secs_f64());
        support::print(&format!(
            "render/{name}: median {median:.2?} of {rounds}, {added:.2?} more, ratio {ratio:.2}"
        ));
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

criterion_group!(benches, render);
criterion_main!(benches);
