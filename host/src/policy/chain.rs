//! Several policies in order. Each sees the Job as the ones before it left it, in a fresh instance.

use super::bindings::Verdict as Answer;
use super::{Limit, Policy, PolicyError};
use crate::job::{Admitted, Job, Mode, Rejected, Rejection, Review, UnderReview, Verdict};

/// Policies in the order in which they are asked.
#[derive(Default)]
pub struct PolicyChain {
    policies: Vec<Policy>,
}

/// Why a Job was not admitted.
#[derive(Debug)]
pub enum ReviewError {
    /// A policy said no.
    Rejected(Rejected),
    /// A policy could not say anything.
    Broken(PolicyError),
}

impl PolicyChain {
    /// Take policies in their order; their names must differ.
    pub fn new(policies: Vec<Policy>) -> Result<Self, PolicyError> {
        for (index, policy) in policies.iter().enumerate() {
            if policies[..index].iter().any(|earlier| earlier.id() == policy.id()) {
                return Err(PolicyError::NameTaken { policy: policy.id().clone() });
            }
        }
        Ok(Self { policies })
    }

    /// The policies in their order.
    pub fn policies(&self) -> &[Policy] {
        &self.policies
    }

    /// Ask every policy in turn. One that is only audited ends nothing: what it would have done stands in its review.
    pub fn review(&self, job: Job) -> Result<Admitted, ReviewError> {
        let mut under_review = UnderReview::new(job);
        for policy in &self.policies {
            let review = match (policy.review(under_review.job()), policy.mode()) {
                (Ok(review), _) => review,
                (Err(error), Mode::Audit) => policy.review_of(Verdict::Broke(error.to_string())),
                (Err(error), Mode::Enforce) => return Err(ReviewError::Broken(error)),
            };
            under_review = under_review.record(review).map_err(ReviewError::Rejected)?;
        }
        Ok(under_review.admit())
    }
}

impl Policy {
    /// Ask this policy about a Job. This blocks until the policy answers or meets a limit.
    pub fn review(&self, job: &Job) -> Result<Review, PolicyError> {
        let (verdict, state, fuel) = self.call_review(job)?;
        let verdict = match verdict {
            Answer::Warn(sentences) if !sentences.is_empty() => {
                let most = state.limits.count(Limit::LogLines);
                Verdict::Warn(sentences.iter().take(most).map(|sentence| self.for_people(sentence)).collect())
            }
            Answer::Admit | Answer::Warn(_) => Verdict::Admit,
            Answer::Reject(rejection) => Verdict::Reject(Rejection {
                reason: self.for_people(&rejection.reason),
                remedy: rejection.remedy.map(|remedy| self.for_people(&remedy)),
            }),
        };
        Ok(Review { edits: state.edits, log: state.log, fuel, ..self.review_of(verdict) })
    }

    /// A review in which nothing was done but to come to a verdict.
    fn review_of(&self, verdict: Verdict) -> Review {
        let (edits, log) = (Vec::new(), Vec::new());
        let (policy, digest) = (self.id().clone(), self.digest().to_owned());
        Review { policy, digest, mode: self.mode(), verdict, edits, log, fuel: 0 }
    }
}
