//! Several policies in order. Each sees the Job as the ones before it left it, in a fresh instance.

use super::cluster_query::{ClusterReader, Lookup, NoCluster};
use super::guest::bindings::exports::mlcube::policy::policy as contract;
use super::guest::call::ReviewCall;
use super::guest::evaluation::Subject;
use super::guest::log::dropped;
use super::guest::queries::SharedQueries;
use super::{Limit, Policy, PolicyError};
use crate::event::Event;
use crate::job::{
    Admitted, Capability, Job, Mode, Origin, Rejected, Rejection, Review, UnderReview, Verdict,
};
use std::sync::Arc;

/// Policies in the order in which they review a Job.
#[derive(Default)]
pub struct PolicyChain {
    policies: Vec<Policy>,
}

/// Why a Job was not admitted.
#[derive(Debug)]
pub enum ReviewError {
    /// A policy rejected it.
    Rejected(Rejected),
    /// A policy broke: there is no verdict.
    Broken(Broken),
}

/// A review that has no verdict.
#[derive(Debug, thiserror::Error)]
#[error("{error}")]
pub struct Broken {
    /// The error of the policy that broke.
    pub error: PolicyError,
    /// The reviews up to and including what that policy did until it broke.
    pub reviews: Vec<Review>,
}

/// A call of a policy: its review, the Job with the edits made, and the error if it broke.
struct Called {
    review: Review,
    job: Job,
    broke: Option<PolicyError>,
}

/// A Job that was reviewed: the draft, the queries to the cluster, and the result.
pub struct Reviewed {
    /// The Job as it was drafted.
    pub job: Job,
    /// The queries to the cluster, in their order.
    pub lookups: Vec<Arc<Lookup>>,
    /// The Job as it was admitted, or the error.
    pub result: Result<Admitted, ReviewError>,
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

    /// Whether any of them may query the cluster.
    pub fn queries_the_cluster(&self) -> bool {
        self.policies.iter().any(|policy| policy.capabilities().contains(&Capability::Cluster))
    }

    /// Review Jobs up to the first that is not admitted.
    pub fn review_all(&self, jobs: Vec<Job>, reader: &Arc<dyn ClusterReader>) -> Vec<Reviewed> {
        let mut all = Vec::new();
        for job in jobs {
            all.push(self.review_with(job, Arc::clone(reader)));
            if all.last().is_some_and(|last| last.result.is_err()) {
                break;
            }
        }
        all
    }

    /// Review a Job with a cluster to query.
    pub fn review_with(&self, job: Job, reader: Arc<dyn ClusterReader>) -> Reviewed {
        let queries = SharedQueries::new(reader);
        let result = self.call_all(job.clone(), &queries);
        Reviewed { job, lookups: queries.asked(), result }
    }

    /// Review a Job where there is no cluster.
    pub fn review(&self, job: Job) -> Result<Admitted, ReviewError> {
        self.call_all(job, &SharedQueries::new(Arc::new(NoCluster)))
    }

    /// Call every policy in turn. One that is only audited ends nothing: its review says what it
    /// would have done.
    fn call_all(&self, job: Job, queries: &Arc<SharedQueries>) -> Result<Admitted, ReviewError> {
        let origin = Arc::new(Origin::of(&job));
        let mut under_review = UnderReview::new(job);
        for policy in &self.policies {
            let call = |job| policy.call(Subject { job, origin: Arc::clone(&origin) }, queries);
            if policy.mode() == Mode::Audit {
                under_review.note(call(under_review.job().clone()).review);
                continue;
            }
            let Called { review, job, broke } = call(under_review.lend());
            if let Some(error) = broke {
                under_review.note(review);
                let reviews = under_review.abandon();
                return Err(ReviewError::Broken(Broken { error, reviews }));
            }
            under_review = under_review.record(review, job).map_err(ReviewError::Rejected)?;
        }
        Ok(under_review.admit())
    }
}

impl Policy {
    /// Review a Job with this policy, without a cluster. This blocks until the policy answers or
    /// exceeds a limit.
    pub fn review(&self, job: &Job) -> Result<Review, PolicyError> {
        let queries = SharedQueries::new(Arc::new(NoCluster));
        let Called { review, broke, .. } = self.call(Subject::of(job.clone()), &queries);
        broke.map_or(Ok(review), Err)
    }

    /// Call `review`.
    fn call(&self, subject: Subject, queries: &Arc<SharedQueries>) -> Called {
        let ReviewCall { verdict, state, fuel } = self.call_review(subject, queries);
        let (verdict, broke) = match verdict {
            Ok(verdict) => (self.heard(verdict), None),
            Err(error) => (Verdict::Broke(error.to_string()), Some(error)),
        };
        let review = Review {
            policy: self.id().clone(),
            digest: self.digest().to_owned(),
            mode: self.mode(),
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

impl Reviewed {
    /// The reviews, in the order of the policies. The last is of the policy that broke, if one did.
    pub fn reviews(&self) -> &[Review] {
        match &self.result {
            Ok(admitted) => admitted.reviews(),
            Err(ReviewError::Rejected(rejected)) => &rejected.reviews,
            Err(ReviewError::Broken(broken)) => &broken.reviews,
        }
    }

    /// The reviews and the conflicts between policies, as events.
    pub fn events(&self) -> impl Iterator<Item = Event> {
        let task = Origin::of(&self.job).task;
        let reviews = self.reviews().iter().cloned();
        let conflicts = self.result.as_ref().map(Admitted::conflicts).unwrap_or_default();
        let reviews = reviews.map(move |review| Event::Reviewed { task: task.clone(), review });
        reviews.chain(conflicts.into_iter().map(Event::Conflicting))
    }
}
