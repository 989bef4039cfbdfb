//! The rounds of one review. As Kubernetes asks a webhook again, a policy is asked again when another
//! has changed the Job after its turn: every policy has judged the Job that will run.

use super::call::Called;
use super::{Broken, ReviewError};
use crate::job::{Admitted, Edit, Job, Mode, Origin, PolicyId, Review, UnderReview, Verdict};
use crate::policy::guest::evaluation::Subject;
use crate::policy::guest::queries::SharedQueries;
use crate::policy::{Lookup, Policy, PolicyError};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// The rounds in which policies may change the Job. In one more they only judge what the last left.
const ROUNDS: u32 = 2;

/// The review of one Job by policies in turn.
pub struct Rounds<'a> {
    policies: &'a [Policy],
    origin: Arc<Origin>,
    queries: Arc<SharedQueries>,
    /// The queries of audited policies, by the place of the policy.
    apart: BTreeMap<usize, Arc<SharedQueries>>,
    /// The number of reviews at the end of each policy's last turn.
    turns: Vec<usize>,
}

/// The turn of a policy.
struct Turn<'a> {
    index: usize,
    policy: &'a Policy,
    round: u32,
    /// The policy whose edits made it due, unless it is the first.
    after: Option<PolicyId>,
}

impl<'a> Rounds<'a> {
    /// A review that has not begun.
    pub fn new(policies: &'a [Policy], job: &Job, queries: Arc<SharedQueries>) -> Self {
        // Without policies nobody asks for it.
        let origin = if policies.is_empty() { Origin::default() } else { Origin::of(job) };
        let turns = vec![0; policies.len()];
        Self { policies, origin: origin.into(), queries, apart: BTreeMap::new(), turns }
    }

    /// Ask every policy, and again while there is a reason to.
    pub fn review(&mut self, job: Job) -> Result<Admitted, ReviewError> {
        let mut under_review = UnderReview::new(job);
        let policies = self.policies;
        for round in 1..=ROUNDS + 1 {
            for (index, policy) in policies.iter().enumerate() {
                let mut after = None;
                if round > 1 {
                    let Some(policy) = self.changed_after(index, under_review.reviews()) else {
                        continue;
                    };
                    after = Some(policy.clone());
                }
                under_review = self.ask(Turn { index, policy, round, after }, under_review)?;
                self.turns[index] = under_review.reviews().len();
            }
        }
        Ok(under_review.admit())
    }

    /// The queries to the cluster: those of the enforced policies in their order, then those of each
    /// audited one.
    pub fn lookups(&self) -> Vec<Arc<Lookup>> {
        let apart = self.apart.values();
        std::iter::once(&self.queries).chain(apart).flat_map(|queries| queries.asked()).collect()
    }

    /// Call a policy. One that is only audited ends nothing: its review says what it would have done.
    fn ask(
        &mut self,
        turn: Turn<'_>,
        mut under_review: UnderReview,
    ) -> Result<UnderReview, ReviewError> {
        let Turn { index, policy, round, after } = turn;
        let origin = Arc::clone(&self.origin);
        let call = |job, queries: &_| {
            let called = policy.call(Subject { job, origin }, queries);
            Called { review: Review { round, after, ..called.review }, ..called }
        };
        if policy.mode() == Mode::Audit {
            let main = &self.queries;
            let queries =
                self.apart.entry(index).or_insert_with(|| main.apart_for(policy.id().clone()));
            under_review.note(call(under_review.job().clone(), queries).review);
            return Ok(under_review);
        }
        let Called { review, job, broke } = call(under_review.lend(), &self.queries);
        let broke = match review.verdict {
            Verdict::Admit | Verdict::Warn(_) if round > ROUNDS => {
                self.unsettled(index, &review, under_review.reviews())
            }
            _ => broke,
        };
        match broke {
            None => under_review.record(review, job).map_err(ReviewError::Rejected),
            Some(error) => {
                under_review.note(review);
                Err(ReviewError::Broken(Broken { error, reviews: under_review.abandon() }))
            }
        }
    }

    /// The last policy that changed the Job after a policy's last turn.
    fn changed_after<'r>(&self, index: usize, reviews: &'r [Review]) -> Option<&'r PolicyId> {
        edits(&reviews[self.turns[index]..]).last().map(|edit| &edit.policy)
    }

    /// The error that a policy changes the Job once more, if it does.
    fn unsettled<'r>(
        &self,
        index: usize,
        review: &'r Review,
        reviews: &'r [Review],
    ) -> Option<PolicyError> {
        let since = || edits(&reviews[self.turns[index]..]);
        let mut written = HashMap::new();
        for other in since() {
            written.entry(other.change.pointer.as_str()).or_insert(other);
        }
        // The place on which both insist, if there is one.
        let insists = |own: &'r Edit| Some((own, *written.get(own.change.pointer.as_str())?));
        let pair = review.edits.iter().find_map(insists);
        let (own, other) = pair.or_else(|| review.edits.first().zip(since().last()))?;
        let place = own.change.pointer.clone();
        let (policy, other) = (own.policy.clone(), other.policy.clone());
        Some(PolicyError::Unsettled { policy, other, place })
    }
}

/// The edits of reviews that changed the Job.
fn edits(reviews: &[Review]) -> impl Iterator<Item = &Edit> {
    let enforced = reviews.iter().filter(|review| review.mode == Mode::Enforce);
    enforced.flat_map(|review| &review.edits)
}
