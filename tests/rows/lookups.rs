//! What policies ask a cluster: a stand-in that answers from `tests/cases/lookups/`.

use std::time::Duration;

use libtest_mimic::Trial;
use serde_json::{Value, json};

use crate::support::policy::Limits;
use crate::support::read;
use crate::support::stand_in::{StandIn, log};
use crate::{trial, trials};

/// A question and its answer.
type Row = (Value, String);

pub fn all() -> Vec<Trial> {
    let mut all = trials("lookups", rows(), spelled, check);
    all.push(trial("lookups/together", check_together));
    all
}

fn rows() -> Vec<Row> {
    read("lookups/rows.yaml")
}

fn check((question, expected): Row) {
    let reviewed =
        StandIn::new(Duration::ZERO).review(Limits::default(), &[json!({"ask": [question]})]);
    assert_eq!(log(&reviewed), [expected]);
}

/// All questions in one review; and what a Secret holds is not kept.
fn check_together() {
    let (questions, expected): (Vec<Value>, Vec<String>) = rows().into_iter().unzip();
    let reviewed =
        StandIn::new(Duration::ZERO).review(Limits::default(), &[json!({"ask": questions})]);
    assert_eq!(log(&reviewed), expected);
    let kept = format!("{:?}", reviewed.lookups);
    assert!(
        kept.contains("Opaque") && !kept.contains("hunter2") && !kept.contains("aHVudGVyMg"),
        "{kept}"
    );
}

/// The question in words.
fn spelled((question, _): &Row) -> String {
    question
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect::<Vec<_>>()
        .join(" ")
}
