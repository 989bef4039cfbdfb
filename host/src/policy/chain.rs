//! Several policies in order. Each sees the Job as the ones before it left it, in a fresh instance.

use super::bindings::Verdict as Answer;
use super::{Policy, PolicyError};
use crate::job::{Admitted, Job, Rejected, Rejection, Review, UnderReview, Verdict};

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

    /// Ask every policy in turn.
    pub fn review(&self, job: Job) -> Result<Admitted, ReviewError> {
        let mut under_review = UnderReview::new(job);
        for policy in &self.policies {
            let review = policy.review(under_review.job()).map_err(ReviewError::Broken)?;
            under_review = under_review.record(review).map_err(ReviewError::Rejected)?;
        }
        Ok(under_review.admit())
    }
}

impl Policy {
    /// Ask this policy about a Job. This blocks until the policy answers or meets a limit.
    pub fn review(&self, job: &Job) -> Result<Review, PolicyError> {
        let (verdict, state, fuel) = self.call_review(job)?;
        let clean = |text: &str| super::evaluation::clean(text, state.limits.text);
        let verdict = match verdict {
            Answer::Warn(sentences) if !sentences.is_empty() => {
                Verdict::Warn(sentences.iter().take(state.limits.log_lines).map(|sentence| clean(sentence)).collect())
            }
            Answer::Admit | Answer::Warn(_) => Verdict::Admit,
            Answer::Reject(rejection) => Verdict::Reject(Rejection {
                reason: clean(&rejection.reason),
                remedy: rejection.remedy.as_deref().map(clean),
            }),
        };
        Ok(Review { policy: self.id().clone(), verdict, edits: state.edits, log: state.log, fuel })
    }
}
