//! Policies that misbehave, and files that are no policies: each is stopped, and the error says at what. Each is loaded and
//! asked in a process of its own, which may not hang, crash, print, or take much memory.
//!
//! `MLCUBE_HOSTILE_CASE` runs only the cases with this in their name.

#![allow(clippy::panic, reason = "a test fails by panicking")]

#[path = "hostile/cases/mod.rs"]
mod cases;
#[path = "support/dice.rs"]
mod dice;
#[path = "hostile/guest.rs"]
mod guest;
#[path = "support/process.rs"]
mod process;
mod support;

use cases::Case;
use mlcube_k8s::job::PolicyId;
use mlcube_k8s::policy::{Limits, PolicyChain, PolicyHost, PolicySource, ReviewError, TABLE};
use process::{MEMORY_KB, asked, grown_since, peak, report, work};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Mutex;
use std::time::Duration;
use std::{env, fs, thread};

/// How long a process may take: far more than it does on a slow machine, far less than a hang.
const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn every_hostile_policy_is_stopped() {
    let cases = cases::all();
    assert!(cases.len() >= 450, "cases were lost: {}", cases.len());
    let names: BTreeSet<_> = cases.iter().map(|case| &case.name).collect();
    assert_eq!(names.len(), cases.len(), "two cases have one name");
    let only = env::var("MLCUBE_HOSTILE_CASE").unwrap_or_default();
    let cases: Vec<Case> = cases.into_iter().filter(|case| case.name.contains(&only)).collect();
    let (queue, wrong) = (Mutex::new(cases), Mutex::new(Vec::new()));
    let next = || queue.lock().expect("no thread panics").pop();
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                while let Some(case) = next() {
                    wrong.lock().expect("no thread panics").extend(fault(&case));
                }
            });
        }
    });
    let mut wrong = wrong.into_inner().expect("no thread panics");
    wrong.sort();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_limit_is_met_and_can_be_raised() {
    let met: BTreeSet<&str> = cases::limits::ROWS.iter().map(|row| row.key).collect();
    // Questions to the cluster are limited in `tests/lookups.rs`.
    let known: BTreeSet<&str> = TABLE.iter().map(|row| row.key).filter(|key| !key.starts_with("lookup")).collect();
    assert_eq!(met, known, "`tests/hostile/cases/limits.rs` has a row for each limit");
}

#[test]
fn the_limits_are_documented() {
    let table: String = TABLE
        .iter()
        .map(|row| format!("| `{}` | {} | {} |\n", row.key, row.unit.write(row.default), row.reason))
        .collect();
    let path = support::workspace().join("docs/policies.md");
    let text = fs::read_to_string(path).expect("the documentation is there");
    assert!(text.contains(&table), "`docs/policies.md` has this table:\n{table}");
}

/// What a process is asked to do: a case without its outcome.
#[test]
fn at_work() {
    let Some(asked) = asked() else { return };
    let asked: Value = serde_json::from_str(&asked).expect("it is JSON");
    let text = |key: &str| asked[key].as_str().expect("a text");
    let bytes = fs::read(text("file")).expect("the file can be read");
    let mut limits = Limits::default();
    for (key, value) in asked["limits"].as_object().expect("an object") {
        limits.set(key, value.as_str().expect("a text")).expect("a limit");
    }
    let before = peak();
    let outcome = outcome(limits, bytes, asked["settings"].clone());
    report(&json!({"outcome": outcome, "kilobytes": grown_since(before)}).to_string());
}

/// What is wrong with how a case ended.
fn fault(case: &Case) -> Option<String> {
    let file = process::folder().join(format!("{}.wasm", case.name.replace([' ', '/'], "-")));
    fs::write(&file, &case.bytes).expect("the file can be written");
    let asked = json!({"file": file, "settings": case.settings, "limits": case.limits});
    let ended = work(&asked.to_string(), PATIENCE);
    let _ = fs::remove_file(file);
    let ended: Value = match ended {
        Ok(ended) if ended.said.is_empty() => serde_json::from_str(&ended.report).unwrap_or_default(),
        Ok(ended) => return Some(format!("{} made the program say {}", case.name, ended.said)),
        Err(failure) => return Some(format!("{}: {failure}", case.name)),
    };
    let (outcome, kilobytes) = (ended["outcome"].as_str().unwrap_or_default(), ended["kilobytes"].as_u64());
    if outcome != case.outcome {
        return Some(format!("{}\n  found    {outcome}\n  expected {}", case.name, case.outcome));
    }
    let is_small = kilobytes.is_some_and(|kilobytes| kilobytes < MEMORY_KB);
    (!is_small).then(|| format!("{} took {kilobytes:?} KB of memory", case.name))
}

/// What becomes of a review by a policy file with settings.
fn outcome(limits: Limits, bytes: Vec<u8>, settings: Value) -> String {
    let name = PolicyId::parse("hostile").expect("a name");
    let source = PolicySource::new(name, "hostile.wasm", bytes, settings);
    let host = PolicyHost::new(limits, None).expect("an engine");
    let policy = match host.load(source) {
        Ok(policy) => policy,
        Err(error) => return format!("not loaded: {error}"),
    };
    let (name, version) = policy.calls_itself();
    match PolicyChain::new(vec![policy]).expect("a chain").review(cases::job()) {
        Ok(admitted) => {
            let review = &admitted.reviews()[0];
            let told: Vec<_> = review.warnings().collect();
            assert_eq!(admitted.original(), cases::job(), "undoing the edits gives the Job back");
            format!("{name} {version} admitted: {} edits, told {told:?}", review.edits.len())
        }
        Err(ReviewError::Rejected(rejected)) => {
            let rejection = rejected.rejection;
            format!("rejected: {:?}, remedy {:?}", rejection.reason, rejection.remedy)
        }
        Err(ReviewError::Broken(error)) => format!("broken: {error}"),
    }
}

#[test]
fn two_policies_need_two_names() {
    let host = PolicyHost::new(Limits::default(), None).expect("an engine");
    let name = || PolicyId::parse("twin").expect("a name");
    let source = || PolicySource::new(name(), "twin.wasm", guest::Guest::new().module(), json!({}));
    let load = || host.load(source()).expect("a policy");
    let error = PolicyChain::new(vec![load(), load()]).err().expect("the names clash");
    assert_eq!(error.to_string(), "two policies have the name `twin`");
}
