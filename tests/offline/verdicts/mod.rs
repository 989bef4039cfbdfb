//! Generated histories of Jobs against a model that is told beforehand how each ends: none is judged
//! wrongly, and none is left without an outcome. `MLCUBE_HISTORIES` says how many are tried.

use crate::support::dice::Dice;
use mlcube_k8s::outcome::{Judge, Observation, Outcome};

/// What a cluster does.
mod history;
/// What of it is seen: repeated, out of order, or not at all.
mod sight;

use history::{End, History};

/// How many histories are tried when nothing else is said.
const USUAL: u64 = 100_000;

#[test]
fn no_history_is_judged_wrongly() {
    let asked = std::env::var("MLCUBE_HISTORIES").ok().and_then(|count| count.parse().ok());
    let mut reached = std::collections::BTreeMap::new();
    for seed in 0..asked.unwrap_or(USUAL) {
        let mut dice = Dice(seed);
        let history = History::new(&mut dice);
        let seen = sight::of(&history, &mut dice);
        let outcome = judged(&seen.facts);
        if let Err(why) = check(&history, seen.is_whole, outcome.as_ref()) {
            panic!("seed {seed}: {why}\n{history:#?}\nseen {:#?}\njudged {outcome:#?}", seen.facts);
        }
        let kind = format!("{:?}", outcome.expect("it was checked"));
        *reached
            .entry(kind.split(['(', ' ']).next().unwrap_or_default().to_owned())
            .or_insert(0) += 1;
    }
    let all = ["DeadlineExceeded", "Deleted", "Failed", "Succeeded", "Unknown"];
    assert_eq!(reached.keys().collect::<Vec<_>>(), all, "{reached:?}");
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

fn check(history: &History, is_whole: bool, outcome: Option<&Outcome>) -> Result<(), String> {
    let Some(outcome) = outcome else { return Err("it hangs".into()) };
    let is_right = match (&history.end, outcome) {
        (End::Succeeded, Outcome::Succeeded)
        | (End::Deleted, Outcome::Deleted)
        | (End::Deadline, Outcome::DeadlineExceeded { .. }) => true,
        (End::Failed(fault), Outcome::Failed(cause)) => {
            let found = (cause.container.clone(), cause.pod.clone());
            if is_whole && found != *fault {
                return Err(format!("blamed {found:?}, and not {fault:?}"));
            }
            return match history.faults.contains(&found) || found == (None, None) {
                true => Ok(()),
                false => Err(format!("blamed {found:?}, which is no fault of this history")),
            };
        }
        (_, Outcome::Unknown) => !is_whole && history.is_gone,
        _ => false,
    };
    if is_right { Ok(()) } else { Err(format!("it ends as {:?}", history.end)) }
}
