//! How much memory another policy takes: each a file of its own, loaded, asked once, and kept.
//! `cargo bench --bench memory` prints the growth of this process' resident memory by a policy.

mod support;

use criterion::measurement::{Measurement, ValueFormatter};
use criterion::{Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use mlcube_k8s::job::PolicyId;
use mlcube_k8s::policy::{Limits, Locator, PolicyHost, PolicySource};
use std::process::Command;
use std::time::Duration;
use std::{env, fs};

/// How many policies are measured.
const COUNT: usize = 20;
/// So many are loaded before, because criterion warms up by the clock: more than it ever takes.
const PREPARED: usize = 4 * COUNT;
/// The variable of the process that only fills the cache: what a compiler leaves in memory is not
/// to be measured.
const FILL: &str = "MLCUBE_BENCH_FILL";

/// Resident memory in bytes.
struct Resident;

fn memory(criterion: &mut Criterion<Resident>) {
    if env::var_os(FILL).is_some() {
        let host = host();
        (0..PREPARED)
            .for_each(|index| host.precompile(policy(index), |_| {}).expect("the policy compiles"));
        return;
    }
    support::build();
    let filled =
        env::current_exe().and_then(|own| Command::new(own).arg("--bench").env(FILL, "1").status());
    assert!(filled.is_ok_and(|status| status.success()), "the cache cannot be filled");
    let (host, job) = (host(), support::job());
    let mut policies = Vec::new();
    let mut group = criterion.benchmark_group("memory");
    group.sampling_mode(SamplingMode::Flat).sample_size(COUNT);
    group.warm_up_time(Duration::from_nanos(1)).measurement_time(Duration::from_nanos(1));
    group.bench_function("another policy", |bencher| {
        bencher.iter_custom(|count| {
            let before = resident();
            for _ in 0..count {
                let policy = host.load(policy(policies.len())).expect("the policy loads");
                policy.review(&job).expect("the policy answers");
                policies.push(policy);
            }
            resident() - before
        });
    });
    group.finish();
}

fn host() -> PolicyHost {
    PolicyHost::pooling(Limits::default(), support::cache()).expect("an engine")
}

/// One of the three policies under another name and as another file, so that nothing is shared: a
/// custom section tells them apart.
fn policy(index: usize) -> PolicySource {
    let source = support::policies().swap_remove(index % 3);
    let name = PolicyId::parse(&format!("{}-{index}", source.name)).expect("a name");
    let section = [&[0, 5, 4], format!("{index:04}").as_bytes()].concat();
    let bytes = [fs::read(source.path()).expect("the policy is built"), section].concat();
    PolicySource::new(name, Locator::bytes(source.path(), bytes)).with_settings(source.settings)
}

/// The memory of this process that is in RAM.
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("the kernel tells");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a line");
    line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") * 1024
}

impl Measurement for Resident {
    type Intermediate = u64;
    type Value = u64;

    fn start(&self) -> u64 {
        resident()
    }

    fn end(&self, before: u64) -> u64 {
        resident() - before
    }

    fn add(&self, one: &u64, other: &u64) -> u64 {
        one + other
    }

    fn zero(&self) -> u64 {
        0
    }

    fn to_f64(&self, bytes: &u64) -> f64 {
        *bytes as f64
    }

    fn formatter(&self) -> &dyn ValueFormatter {
        self
    }
}

impl ValueFormatter for Resident {
    fn scale_values(&self, _: f64, values: &mut [f64]) -> &'static str {
        values.iter_mut().for_each(|bytes| *bytes /= 1e6);
        "MB"
    }

    fn scale_throughputs(&self, typical: f64, _: &Throughput, values: &mut [f64]) -> &'static str {
        self.scale_values(typical, values)
    }

    fn scale_for_machines(&self, _: &mut [f64]) -> &'static str {
        "bytes"
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().with_measurement(Resident);
    targets = memory
}
criterion_main!(benches);
