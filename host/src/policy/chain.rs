//! Several policies in order. Each sees the Job as the ones before it left it, in a fresh instance.

use super::cluster_query::{ClusterReader, Lookup, NoCluster};
use super::guest::bindings::exports::mlcube::policy::policy as contract;
use super::guest::evaluation::Subject;
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
    Broken(PolicyError),
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
                let review = match call(under_review.job().clone()) {
                    Ok((review, _)) => review,
                    Err(error) => policy.review_of(Verdict::Broke(error.to_string())),
                };
                under_review.note(review);
                continue;
            }
            let (review, edited) = call(under_review.lend()).map_err(ReviewError::Broken)?;
            under_review = under_review.record(review, edited).map_err(ReviewError::Rejected)?;
        }
        Ok(under_review.admit())
    }
}

impl Policy {
    /// Review a Job with this policy, without a cluster. This blocks until the policy answers or
    /// exceeds a limit.
    pub fn review(&self, job: &Job) -> Result<Review, PolicyError> {
        let queries = SharedQueries::new(Arc::new(NoCluster));
        self.call(Subject::of(job.clone()), &queries).map(|(review, _)| review)
    }

    /// Call `review`; gives the review, and the Job with the edits made.
    fn call(
        &self,
        subject: Subject,
        queries: &Arc<SharedQueries>,
    ) -> Result<(Review, Job), PolicyError> {
        let call = self.call_review(subject, queries)?;
        let state = call.state;
        let fuel = call.fuel;
        let clean = |text: &String| self.limits().clean(text);
        let verdict = match call.verdict {
            contract::Verdict::Warn(sentences) if !sentences.is_empty() => {
                let most = state.limits.count(Limit::LogLines);
                Verdict::Warn(sentences.iter().take(most).map(clean).collect())
            }
            contract::Verdict::Admit | contract::Verdict::Warn(_) => Verdict::Admit,
            contract::Verdict::Reject(rejection) => Verdict::Reject(Rejection {
                reason: clean(&rejection.reason),
                remedy: rejection.remedy.as_ref().map(clean),
            }),
        };
        let review = Review { edits: state.edits, log: state.log, fuel, ..self.review_of(verdict) };
        Ok((review, state.job))
    }

    /// A review with a verdict and nothing else.
    fn review_of(&self, verdict: Verdict) -> Review {
        Review {
            policy: self.id().clone(),
            digest: self.digest().to_owned(),
            mode: self.mode(),
            verdict,
            edits: Vec::new(),
            log: Vec::new(),
            fuel: 0,
        }
    }
}

impl Reviewed {
    /// The reviews, in the order of the policies; a policy that broke leaves only the error.
    pub fn reviews(&self) -> &[Review] {
        match &self.result {
            Ok(admitted) => admitted.reviews(),
            Err(ReviewError::Rejected(rejected)) => &rejected.reviews,
            Err(ReviewError::Broken(_)) => &[],
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
