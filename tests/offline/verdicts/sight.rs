//! What is seen of a history: the Job and its Pods are watched apart, so that their states come in
//! any order between them; states are repeated; and for a while nothing may be seen at all.

use super::history::{History, State};
use crate::support::dice::Dice;
use mlcube_k8s::outcome::{Observation, PodFacts};
use std::collections::BTreeMap;

/// What is seen.
pub struct Sight {
    pub facts: Vec<Observation>,
    /// Whether every state was seen.
    pub is_whole: bool,
}

pub fn of(history: &History, dice: &mut Dice) -> Sight {
    let mut states = interleaved(&history.states, dice);
    let from = dice.below(states.len());
    let to = from + dice.below(states.len() - from + 1);
    let is_whole = dice.below(2) == 0 || from == to;
    let mut facts = Vec::new();
    if !is_whole {
        let after = states.split_off(to);
        let missed = states.split_off(from);
        facts.extend(states.iter().map(fact));
        facts.push(Observation::Gap);
        facts.extend(listed(&missed));
        states = after;
    }
    facts.extend(states.iter().map(fact));
    Sight { facts: repeated(facts, dice), is_whole }
}

/// Both streams keep their own order.
fn interleaved(states: &[State], dice: &mut Dice) -> Vec<State> {
    let (mut jobs, mut pods): (Vec<State>, Vec<State>) =
        states.iter().cloned().partition(|state| matches!(state, State::Job(_)));
    if dice.below(3) == 0 {
        return states.to_vec();
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

/// What a list shows after a gap: the last state of everything, and which Pods are gone by then.
fn listed(missed: &[State]) -> Vec<Observation> {
    let mut job = None;
    let mut pods: BTreeMap<&str, &PodFacts> = BTreeMap::new();
    for state in missed {
        match state {
            State::Job(_) => job = Some(fact(state)),
            State::Pod(pod) => {
                pods.insert(&pod.name, pod);
            }
        }
    }
    let pods = pods.values().map(|pod| match pod.is_over && pod.deletion.is_some() {
        true => Observation::PodGone(pod.name.clone()),
        false => Observation::Pod((*pod).clone()),
    });
    pods.chain(job).collect()
}

fn fact(state: &State) -> Observation {
    match state {
        State::Job(Some(job)) => Observation::Job(job.clone()),
        State::Job(None) => Observation::JobGone,
        State::Pod(pod) => Observation::Pod(pod.clone()),
    }
}

/// A watch that starts again shows the present state once more.
fn repeated(facts: Vec<Observation>, dice: &mut Dice) -> Vec<Observation> {
    facts
        .into_iter()
        .flat_map(|fact| std::iter::repeat_n(fact, 1 + dice.below(2) * dice.below(2)))
        .collect()
}
