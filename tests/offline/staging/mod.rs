//! What is copied to a claim: rows, and any claim with any local files.

/// Claims and local files in memory, and what a difference does to them.
mod model;
/// One local path, and what is known of it.
mod rows;
/// What a shell prints of a folder.
mod shell;

use crate::support::dice::Dice;
use mlcube_k8s::staging::{Difference, Remote, ask, decide};
use model::{Claim, Tree};

/// How many claims are tried.
const CLAIMS: u64 = 20_000;

/// Whatever lies on a claim, it has the local files afterwards, and what it had is not sent.
#[test]
fn a_difference_makes_the_claim_like_the_local_files() {
    let mut reached = std::collections::BTreeMap::<_, usize>::new();
    for seed in 0..CLAIMS {
        let mut dice = Dice(seed);
        let (local, mut claim) = (Tree::any(&mut dice), Claim::any(&mut dice));
        let (digests_known, prune) = (dice.below(2) == 0, dice.below(2) == 0);
        let before = claim.clone();
        let difference = plan(&local, &claim, digests_known, prune);
        let told = || format!("seed {seed}: {local:#?}\n{before:#?}\n{difference:#?}");
        let checked = local.check_sent(&before, &difference);
        checked.unwrap_or_else(|why| panic!("{why}\n{}", told()));
        for (kind, count) in kinds(&difference) {
            *reached.entry(kind).or_default() += usize::from(count > 0);
        }
        if !difference.in_the_way.is_empty() {
            continue;
        }
        let applied = claim.apply(&local, &difference);
        let applied = applied.and_then(|()| claim.check(&before, &local, prune));
        applied.unwrap_or_else(|why| panic!("{why}\n{claim:#?}\n{}", told()));
        let again = plan(&local, &claim, true, prune);
        // Folders of earlier attempts may be left, without a file in them.
        let rest = kinds(&again).into_iter();
        let rest = rest.filter(|(kind, _)| !["keep", "links", "stale"].contains(kind));
        let rest: Vec<_> = rest.filter(|(_, count)| *count > 0).collect();
        assert!(rest.is_empty(), "a second time: {rest:?}\n{claim:#?}\n{}", told());
    }
    assert_eq!(reached.len(), 11, "{reached:?}");
    assert!(reached.values().all(|count| *count > 100), "{reached:?}");
}

/// The difference, with all questions answered.
fn plan(local: &Tree, claim: &Claim, digests_known: bool, prune: bool) -> Difference {
    let entries = local.entries();
    let known = entries.iter().map(|entry| local.digest(&entry.path).filter(|_| digests_known));
    let known: Vec<_> = known.collect();
    let remote = claim.remote();
    let answers = claim.answer(local, &entries, &ask(&entries, &known, &remote));
    decide(&entries, &known, &remote, &answers, prune)
}

fn kinds(difference: &Difference) -> [(&'static str, usize); 11] {
    [
        ("in_the_way", difference.in_the_way.len()),
        ("keep", difference.keep.len()),
        ("adjust", difference.adjust.len()),
        ("remove", difference.remove.len()),
        ("emptied", difference.emptied.len()),
        ("stale", difference.stale.len()),
        ("folders", difference.folders.len()),
        ("arrived", difference.arrived.len()),
        ("links", difference.links.len()),
        ("from the start", difference.send.iter().filter(|send| send.from == 0).count()),
        ("gone on with", difference.send.iter().filter(|send| send.from > 0).count()),
    ]
}

/// What staged nothing before is asked nothing, and is sent all.
#[test]
fn an_empty_claim_is_asked_nothing() {
    let local = Tree::any(&mut Dice(7)).entries();
    let known = vec![None; local.len()];
    assert_eq!(ask(&local, &known, &Remote::default()), Default::default());
}
