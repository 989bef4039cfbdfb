//! Generated histories of Jobs against a model that is told beforehand how each ends: none is judged
//! wrongly, and none is left without an outcome. `MLCUBE_HISTORIES` says how many are tried.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::support::dice::Dice;
use mlcube_k8s::outcome::{Judge, Observation, Outcome};

/// What a cluster does.
mod history;
/// The less usual lives of Jobs.
mod lives;
/// What becomes of Pods.
mod pods;
/// What of it is seen: repeated, out of order, or not at all.
mod sight;

use history::{End, History, State};
use sight::Sight;

/// How many histories are tried when nothing else is said.
const USUAL: u64 = 100_000;
/// What must have happened in some of them.
const KINDS: [&str; 20] = [
    "a pod is kept",
    "a pod stays",
    "another has its name",
    "backoff per index",
    "indexes that succeed",
    "kept by a finalizer",
    "lost",
    "lost without a word",
    "managed by another",
    "managed by nobody",
    "never started",
    "pod failure policy",
    "removed when it was over",
    "reordered",
    "replayed",
    "success policy",
    "suspended",
    "taken away",
    "too late",
    "too many indexes",
];

#[test]
fn no_history_is_judged_wrongly() {
    let asked = std::env::var("MLCUBE_HISTORIES").ok().and_then(|count| count.parse().ok());
    let (mut reached, mut kinds) = (BTreeMap::new(), BTreeSet::new());
    for seed in 0..asked.unwrap_or(USUAL) {
        let mut dice = Dice(seed);
        let history = History::new(&mut dice);
        let seen = sight::of(&history, &mut dice);
        let outcome = judged(&seen.facts);
        if let Err(why) = check(&history, &seen, outcome.as_ref()) {
            panic!("seed {seed}: {why}\n{history:#?}\nseen {:#?}\njudged {outcome:#?}", seen.facts);
        }
        kinds.extend(history.kinds.iter().chain(&seen.kinds));
        kinds.extend(seen.own.filter(|(at, _)| is_decided(&seen.facts[..*at])).map(|_| "too late"));
        let kind = format!("{:?}", outcome.expect("it was checked"));
        *reached
            .entry(kind.split(['(', ' ']).next().unwrap_or_default().to_owned())
            .or_insert(0) += 1;
    }
    let all = [
        "DeadlineExceeded",
        "Deleted",
        "Detached",
        "Failed",
        "NotStarted",
        "Stuck",
        "Succeeded",
        "TimedOut",
        "Unknown",
    ];
    assert_eq!(reached.keys().collect::<Vec<_>>(), all, "{reached:?}");
    assert_eq!(kinds, BTreeSet::from(KINDS));
}

/// The first certain outcome, explained by all that is seen afterwards.
fn judged(facts: &[Observation]) -> Option<Outcome> {
    let mut judge = Judge::default();
    let mut outcome = None;
    for fact in facts {
        let now = judge.observe(fact.clone());
        outcome = outcome.or(now);
    }
    outcome.map(|outcome| judge.explain(outcome))
}

/// Whether what was seen so far leaves nothing to wait for: the Job is over, or gone, or is deleted
/// and has no Pod that runs.
fn is_decided(facts: &[Observation]) -> bool {
    let (mut running, mut is_deleting) = (HashMap::new(), false);
    facts.iter().any(|fact| {
        let is_over = match fact {
            Observation::JobGone => true,
            Observation::Job(job) => {
                is_deleting = job.is_deleting;
                let mut ends = job.conditions.iter().filter(|condition| condition.is_true);
                ends.any(|end| matches!(&*end.kind, "Complete" | "Failed"))
            }
            Observation::Pod(pod) => {
                *running.entry(&pod.name).or_insert(true) &= !pod.is_over;
                false
            }
            Observation::PodGone(name) => {
                running.entry(name).and_modify(|runs| *runs = false);
                false
            }
            _ => false,
        };
        is_over || (is_deleting && running.values().all(|runs| !runs))
    })
}

fn check(history: &History, seen: &Sight, outcome: Option<&Outcome>) -> Result<(), String> {
    let Some(outcome) = outcome else { return Err("it hangs".into()) };
    if let Some((at, own)) = &seen.own
        && !is_decided(&seen.facts[..*at])
    {
        let is_right = own == outcome;
        return if is_right { Ok(()) } else { Err(format!("the wait ended as {own:?}")) };
    }
    let is_right = match (&history.end, outcome) {
        (End::Succeeded, Outcome::Succeeded)
        | (End::Deleted, Outcome::Deleted)
        | (End::Deadline, Outcome::DeadlineExceeded { .. }) => true,
        (End::Failed(fault), Outcome::Failed(cause)) => {
            let found = (cause.container.clone(), cause.pod.clone());
            if seen.is_whole && found != *fault {
                return Err(format!("blamed {found:?}, and not {fault:?}"));
            }
            return match history.faults.contains(&found) || found == (None, None) {
                true => Ok(()),
                false => Err(format!("blamed {found:?}, which is no fault of this history")),
            };
        }
        // None of the Pods that run was seen yet.
        (End::Open, Outcome::Deleted) => {
            history.states.iter().any(|state| matches!(state, State::Job(job) if job.is_deleting))
        }
        // It was deleted between the end of its Pod, which nobody ever saw, and its own.
        (End::Succeeded, Outcome::Deleted) => {
            !history.is_decided() && history.successes().all(|pod| !seen.shows(pod))
        }
        (_, Outcome::Unknown) => !seen.is_whole && history.is_gone(),
        _ => false,
    };
    if is_right { Ok(()) } else { Err(format!("it ends as {:?}", history.end)) }
}
