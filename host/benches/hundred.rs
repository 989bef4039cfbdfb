//! A hundred reviews by the three policies and nothing else: fixed work whose instructions `cargo
//! xtask instructions` counts.

mod support;

use mlcube_k8s::policy::{Limits, PolicyChain, PolicyHost};

fn main() {
    let job = support::job();
    let host = PolicyHost::new(Limits::default(), support::cache()).expect("an engine");
    let chain = PolicyChain::new(support::load(&host)).expect("a chain");
    for _ in 0..100 {
        chain.review(job.clone()).expect("the Job is admitted");
    }
}
