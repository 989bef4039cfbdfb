//! A property: for any Job and the three policies in any order, the edits account for all that
//! changed, and undoing them gives the Job back.

use std::cell::Cell;

use mlcube_k8s::job::Job;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::Value;

use crate::support::jobs::{job, shipped};
use crate::support::policy::{self, Limits, Policy, ReviewError};

/// The orders of three policies.
const ORDERS: [[usize; 3]; 6] = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];

#[test]
fn undoing_all_edits_gives_the_job_back() {
    let host = policy::host(Limits::default());
    let load = |index: usize| -> Policy { policy::load(&host, shipped(index)).expect("a policy") };
    let chains = ORDERS.map(|order| policy::chain(order.map(load).into()));
    let (admitted, rejected) = (Cell::new(0), Cell::new(0));
    let mut runner =
        TestRunner::new(Config { cases: 500, failure_persistence: None, ..Config::default() });
    let property = |(job, order): (Value, usize)| {
        let before = Job::from_json(job).expect("a Job");
        match chains[order].review(before.clone()) {
            Ok(after) => {
                admitted.set(admitted.get() + 1);
                prop_assert_eq!(&after.original(), &before, "undone");
                let mut again = before;
                for edit in after.edits() {
                    prop_assert_eq!(
                        again.at(&edit.change.pointer),
                        edit.change.before.as_ref(),
                        "what was before"
                    );
                    again.apply(&edit.change).expect("an edit can be made again");
                }
                prop_assert_eq!(&again, after.job(), "done again");
            }
            Err(ReviewError::Rejected(_)) => rejected.set(rejected.get() + 1),
            Err(ReviewError::Broken(error)) => return Err(TestCaseError::fail(error.to_string())),
        }
        Ok(())
    };
    runner.run(&(job(), 0..ORDERS.len()), property).expect("the property holds");
    assert!(
        admitted.get() > 100 && rejected.get() > 10,
        "both ways are taken: {admitted:?}, {rejected:?}"
    );
}
