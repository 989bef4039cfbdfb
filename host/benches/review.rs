//! How long a chain of the three policies takes for a typical Job, with memory from a pool and on
//! demand, in one process that has loaded them. `cargo bench --bench review` prints both.

mod support;

use criterion::{Criterion, criterion_group, criterion_main};
use mlcube_k8s::policy::{Limits, PolicyChain, PolicyHost};
use std::hint::black_box;

fn review(criterion: &mut Criterion) {
    support::build();
    let job = support::job();
    let hosts = [
        ("pooling", PolicyHost::pooling(Limits::default(), support::cache())),
        ("on-demand", PolicyHost::new(Limits::default(), support::cache())),
    ];
    let mut group = criterion.benchmark_group("review");
    for (name, host) in hosts {
        let policies = support::load(&host.expect("an engine"));
        let chain = PolicyChain::new(policies).expect("a chain");
        group.bench_function(name, |bencher| {
            bencher.iter_with_large_drop(|| {
                chain.review(black_box(job.clone())).expect("the Job is admitted")
            });
        });
    }
    group.finish();
}

criterion_group!(benches, review);
criterion_main!(benches);
