//! One call of a policy, as a review in the words of this program.

use crate::job::{Job, Rejection, Review, Verdict};
use crate::policy::cluster_query::NoCluster;
use crate::policy::guest::bindings::exports::mlcube::policy::policy as contract;
use crate::policy::guest::call::ReviewCall;
use crate::policy::guest::evaluation::Subject;
use crate::policy::guest::log::dropped;
use crate::policy::guest::queries::SharedQueries;
use crate::policy::{Limit, Policy, PolicyError};
use std::sync::Arc;

/// A call of a policy: its review, the Job with the edits made, and the error if it broke.
pub struct Called {
    pub review: Review,
    pub job: Job,
    pub broke: Option<PolicyError>,
}

impl Policy {
    /// Review a Job with this policy, without a cluster. This blocks until the policy answers or
    /// exceeds a limit.
    pub fn review(&self, job: &Job) -> Result<Review, PolicyError> {
        let queries = SharedQueries::new(Arc::new(NoCluster));
        let Called { review, broke, .. } = self.call(Subject::of(job.clone()), &queries);
        broke.map_or(Ok(review), Err)
    }

    /// Call `review`, as in the first round.
    pub(super) fn call(&self, subject: Subject, queries: &Arc<SharedQueries>) -> Called {
        let ReviewCall { verdict, state, fuel } = self.call_review(subject, queries);
        let (verdict, broke) = match verdict {
            Ok(verdict) => (self.heard(verdict), None),
            Err(error) => (Verdict::Broke(error.to_string()), Some(error)),
        };
        let review = Review {
            policy: self.id().clone(),
            digest: self.digest().to_owned(),
            mode: self.mode(),
            round: 1,
            after: None,
            verdict,
            edits: state.edits,
            log: state.log.into_lines(&state.limits),
            fuel,
        };
        Called { review, job: state.job, broke }
    }

    /// A verdict in the words of this program.
    fn heard(&self, verdict: contract::Verdict) -> Verdict {
        let limits = self.limits();
        match verdict {
            contract::Verdict::Warn(mut sentences) if !sentences.is_empty() => {
                let most = limits.count(Limit::LogLines);
                let more = sentences.len().saturating_sub(most);
                sentences.truncate(most);
                let mut heard: Vec<_> = sentences.iter().map(|text| limits.clean(text)).collect();
                if more > 0 {
                    heard.push(dropped(more, "sentence", Limit::LogLines, limits));
                }
                Verdict::Warn(heard)
            }
            contract::Verdict::Admit | contract::Verdict::Warn(_) => Verdict::Admit,
            contract::Verdict::Reject(rejection) => Verdict::Reject(Rejection {
                reason: limits.clean(&rejection.reason),
                remedy: rejection.remedy.map(|remedy| limits.clean_lines(&remedy, 0)),
            }),
        }
    }
}
