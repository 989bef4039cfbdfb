//! What is seen of a history: the Job and its Pods are watched apart, so that their states come in
//! any order between them; states are repeated; some are lost, with a word or without; and at any time
//! the wait may end for a reason of our own.

use super::history::{End, History, State};
use crate::support::dice::Dice;
use mlcube_k8s::outcome::{Observation, Outcome, PodFacts, Stuck};
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

/// What is seen.
pub struct Sight {
    pub facts: Vec<Observation>,
    /// Whether every state was seen.
    pub is_whole: bool,
    /// The outcome that ends the wait for a reason of our own, and after how many facts.
    pub own: Option<(usize, Outcome)>,
    /// What happened to what was seen, by name.
    pub kinds: Vec<&'static str>,
}

impl Sight {
    /// Whether a Pod was ever seen.
    pub fn shows(&self, name: &str) -> bool {
        let mut facts = self.facts.iter();
        facts.any(|fact| matches!(fact, Observation::Pod(pod) if pod.name == name))
    }
}

pub fn of(history: &History, dice: &mut Dice) -> Sight {
    let mut kinds = Vec::new();
    let mut states = interleaved(&history.states, dice, &mut kinds);
    let is_thinned = dice.below(4) == 0 && thin(&mut states, dice);
    let mut facts = Vec::new();
    let mut has_gap = false;
    for _ in 0..dice.below(3) {
        let from = dice.below(states.len() + 1);
        let to = from + dice.below(states.len() - from + 1);
        let after = states.split_off(to);
        let missed = states.split_off(from);
        facts.extend(states.iter().flat_map(seen));
        if !missed.is_empty() {
            has_gap = true;
            facts.push(Observation::Gap);
            let list = listed(&missed, &facts);
            facts.extend(list);
        }
        states = after;
    }
    facts.extend(states.iter().flat_map(seen));
    kinds.extend(is_thinned.then_some("lost without a word"));
    kinds.extend(has_gap.then_some("lost"));
    let mut facts = repeated(facts, dice);
    let is_open = matches!(history.end, End::Open);
    let own = (is_open || dice.below(8) == 0).then(|| own(&mut facts, is_open, dice));
    Sight { facts, is_whole: !has_gap && !is_thinned, own, kinds }
}

/// Both streams keep their own order. The Job's may go back and come again, as a server's does that
/// lags behind another.
fn interleaved(states: &[State], dice: &mut Dice, kinds: &mut Vec<&'static str>) -> Vec<State> {
    let (mut jobs, mut pods): (Vec<State>, Vec<State>) =
        states.iter().cloned().partition(|state| !matches!(state, State::Pod(_)));
    if dice.below(3) == 0 {
        return states.to_vec();
    }
    kinds.push("reordered");
    if dice.below(4) == 0 {
        kinds.push("replayed");
        let to = dice.below(jobs.len() + 1);
        let from = dice.below(to + 1);
        let again = jobs[from..to].to_vec();
        jobs.splice(to..to, again);
    }
    jobs.reverse();
    pods.reverse();
    let mut all = Vec::new();
    while !jobs.is_empty() || !pods.is_empty() {
        let stream = if dice.below(2) == 0 { &mut jobs } else { &mut pods };
        all.extend(stream.pop());
    }
    all
}

/// Lose states of Pods of which a later one is seen; says whether any is lost.
fn thin(states: &mut Vec<State>, dice: &mut Dice) -> bool {
    let mut last = HashMap::new();
    for (at, state) in states.iter().enumerate() {
        if let State::Pod(pod) = state {
            last.insert(pod.name.clone(), at);
        }
    }
    let (before, mut at) = (states.len(), 0);
    states.retain(|state| {
        let is_last = match state {
            State::Pod(pod) => last[&pod.name] == at,
            _ => true,
        };
        at += 1;
        is_last || dice.below(3) > 0
    });
    states.len() < before
}

/// What a list shows after a gap: the last state of everything, and which of the Pods that were seen
/// before are gone by then.
fn listed(missed: &[State], before: &[Observation]) -> Vec<Observation> {
    let mut job = Vec::new();
    let mut pods: BTreeMap<&str, &PodFacts> = BTreeMap::new();
    for state in missed {
        match state {
            State::Pod(pod) => {
                pods.insert(&pod.name, pod);
            }
            state => job = seen(state),
        }
    }
    let was_seen = |pod: &PodFacts| {
        let mut before = before.iter();
        before.any(|fact| matches!(fact, Observation::Pod(seen) if seen.name == pod.name))
    };
    let pods = pods.values().filter_map(|pod| match pod.is_over && pod.deletion.is_some() {
        true => was_seen(pod).then(|| Observation::PodGone(pod.name.clone())),
        false => Some(Observation::Pod((*pod).clone())),
    });
    pods.chain(job).collect()
}

fn seen(state: &State) -> Vec<Observation> {
    match state {
        State::Job(job) => vec![Observation::Job(job.clone())],
        State::Gone => vec![Observation::JobGone],
        State::Another => vec![Observation::Gap, Observation::JobGone],
        State::Pod(pod) => vec![Observation::Pod(pod.clone())],
    }
}

/// A watch that starts again shows the present state once more.
fn repeated(facts: Vec<Observation>, dice: &mut Dice) -> Vec<Observation> {
    facts
        .into_iter()
        .flat_map(|fact| std::iter::repeat_n(fact, 1 + dice.below(2) * dice.below(2)))
        .collect()
}

/// Let the wait end: at the end of what is seen, or anywhere.
fn own(facts: &mut Vec<Observation>, is_last: bool, dice: &mut Dice) -> (usize, Outcome) {
    let after = Duration::from_secs(5);
    let stuck = Box::new(Stuck { cause: "image-name-invalid".into(), summary: String::new() });
    let (fact, outcome) = match dice.below(4) {
        0 => (Observation::TimeOver(after), Outcome::TimedOut { after_seconds: 5 }),
        1 => (Observation::StartOver(after), Outcome::NotStarted { after_seconds: 5 }),
        2 => (Observation::Stuck(stuck.clone()), Outcome::Stuck(stuck)),
        _ => (Observation::Interrupted, Outcome::Detached),
    };
    let at = if is_last { facts.len() } else { dice.below(facts.len() + 1) };
    facts.insert(at, fact);
    (at, outcome)
}
