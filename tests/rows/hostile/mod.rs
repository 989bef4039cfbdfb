//! Policies that misbehave, and files that are no policies: each is stopped, and the error says at
//! what. Each is loaded and asked in a process of its own, which may not hang, crash, print, or
//! take much memory.

mod cases;
pub mod guest;

use std::collections::BTreeSet;
use std::time::Duration;
use std::{fs, iter};

use cases::Case;
use libtest_mimic::Trial;
use serde_json::{Value, json};

use crate::support::policy::{self, Limits, PolicyChain, ReviewError, TABLE};
use crate::support::process::{self, MEMORY_KB, grown_since, peak, report};
use crate::{trial, trials};

/// How long a process may take: far more than it does on a slow machine, far less than a hang.
const PATIENCE: Duration = Duration::from_secs(60);

pub fn all() -> Vec<Trial> {
    let cases = cases::all();
    let (count, names) =
        (cases.len(), cases.iter().map(|case| case.name.clone()).collect::<BTreeSet<_>>());
    let mut all = trials("hostile", cases, |case| case.name.clone(), check);
    all.push(trial("hostile/no-two-cases-have-one-name", move || assert_eq!(names.len(), count)));
    all.push(trial("hostile/every-limit-is-met-and-can-be-raised", every_limit_is_met));
    all.push(trial("hostile/two-policies-need-two-names", two_policies_need_two_names));
    all
}

fn every_limit_is_met() {
    let met: BTreeSet<&str> = cases::limits::ROWS.iter().map(|row| row.key).collect();
    // Questions to the cluster are limited in `tests/offline/lookups.rs`.
    let known: BTreeSet<&str> =
        TABLE.iter().map(|row| row.key).filter(|key| !key.starts_with("lookup")).collect();
    assert_eq!(met, known, "`tests/rows/hostile/cases/limits.rs` has a row for each limit");
}

fn two_policies_need_two_names() {
    let host = policy::host(Limits::default());
    let source = || policy::source_of("twin", "twin.wasm", guest::Guest::new().module(), json!({}));
    let load = || policy::load(&host, source()).expect("a policy");
    let error = PolicyChain::new(vec![load(), load()]).err().expect("the names clash");
    assert_eq!(error.to_string(), "two policies have the same name `twin`");
}

/// Review a Job by the policy of a case in a process of its own.
fn check(case: Case) {
    let (file, bytes) = (process::place().with_extension("wasm"), case.policy.bytes());
    let expected = case.outcome.replace("{size}", &bytes.len().to_string());
    fs::write(&file, bytes).expect("the file can be written");
    let asked = json!({"file": file, "settings": case.settings, "limits": case.limits, "twice": case.is_twice});
    let ended = process::work(&format!("review {asked}"), PATIENCE);
    let _ = fs::remove_file(file);
    let ended = ended.unwrap_or_else(|failure| panic!("{failure}"));
    assert_eq!(ended.said, "", "it made the program say something");
    let report: Value = serde_json::from_str(&ended.report).unwrap_or_default();
    let (outcome, kilobytes) =
        (report["outcome"].as_str().unwrap_or_default(), report["kilobytes"].as_u64());
    assert!(outcome == expected, "\n  found    {outcome}\n  expected {expected}");
    assert!(
        kilobytes.is_some_and(|kilobytes| kilobytes < MEMORY_KB),
        "it took {kilobytes:?} KB of memory"
    );
}

/// What a process is asked to do: a case without its outcome.
pub fn work(asked: &str) {
    let asked: Value = serde_json::from_str(asked).expect("it is JSON");
    let text = |key: &str| asked[key].as_str().expect("a text");
    let bytes = fs::read(text("file")).expect("the file can be read");
    let mut limits = Limits::default();
    for (key, value) in asked["limits"].as_object().expect("an object") {
        limits.set(key, value.as_str().expect("a text")).expect("a limit");
    }
    let before = peak();
    let names: &[_] = if asked["twice"] == true { &["hostile", "again"] } else { &["hostile"] };
    let outcome = outcome(limits, bytes, asked["settings"].clone(), names);
    report(&json!({"outcome": outcome, "kilobytes": grown_since(before)}).to_string());
}

/// What becomes of a review by a policy file with settings, under each of the names.
fn outcome(limits: Limits, bytes: Vec<u8>, settings: Value, names: &[&str]) -> String {
    let host = policy::bounded_host(limits);
    let load = |(name, bytes): (&&str, Vec<u8>)| {
        policy::load(&host, policy::source_of(name, "hostile.wasm", bytes, settings.clone()))
    };
    let files = names.iter().zip(iter::repeat_n(bytes, names.len()));
    let policies = match files.map(load).collect::<Result<Vec<_>, _>>() {
        Ok(policies) => policies,
        Err(error) => return format!("not loaded: {error}"),
    };
    let (name, version) = policies[0].name_and_version();
    match policy::chain(policies).review(cases::job()) {
        Ok(admitted) => {
            let review = &admitted.reviews()[0];
            let told: Vec<_> = review.warnings().collect();
            assert_eq!(admitted.original(), cases::job(), "undoing the edits gives the Job back");
            let conflicts = admitted.conflicts();
            let conflicts = match names.len() {
                1 => String::new(),
                _ => format!("; {} conflicts", conflicts.first.len() + conflicts.more),
            };
            let edits = review.edits.len();
            format!("{name} {version} admitted: {edits} edits, told {told:?}{conflicts}")
        }
        Err(ReviewError::Rejected(rejected)) => {
            let rejection = rejected.rejection;
            format!("rejected: {:?}, remedy {:?}", rejection.reason, rejection.remedy)
        }
        Err(ReviewError::Broken(error)) => format!("broken: {error}"),
    }
}
