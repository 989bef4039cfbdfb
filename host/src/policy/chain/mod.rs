//! Several policies in order. Each sees the Job as the ones before it left it, in a fresh instance,
//! and again when others have changed it since.

mod call;
mod rounds;

use super::cluster_query::{ClusterReader, Lookup, NoCluster};
use super::guest::queries::SharedQueries;
use super::{Policy, PolicyError};
use crate::event::Event;
use crate::job::{Admitted, Capability, Job, Mode, Origin, Rejected, Review, Verdict};
use rounds::Rounds;
use std::collections::HashSet;
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
        let mut rounds = Rounds::new(&self.policies, &job, SharedQueries::new(reader));
        let result = rounds.review(job.clone());
        Reviewed { job, lookups: rounds.lookups(), result }
    }

    /// Review a Job where there is no cluster.
    pub fn review(&self, job: Job) -> Result<Admitted, ReviewError> {
        let queries = SharedQueries::new(Arc::new(NoCluster));
        Rounds::new(&self.policies, &job, queries).review(job)
    }
}

impl Reviewed {
    /// The reviews, in the order in which they were made. The last is of the policy that broke, if
    /// one did.
    pub fn reviews(&self) -> &[Review] {
        match &self.result {
            Ok(admitted) => admitted.reviews(),
            Err(ReviewError::Rejected(rejected)) => &rejected.reviews,
            Err(ReviewError::Broken(broken)) => &broken.reviews,
        }
    }

    /// The reviews and the conflicts between policies, as events.
    pub fn events(&self) -> impl Iterator<Item = Event> {
        let task = Origin::task_of(&self.job);
        let conflicts = self.result.as_ref().map(Admitted::conflicts).unwrap_or_default();
        let reviewed = move |(index, review): (usize, &Review)| Event::Reviewed {
            task: task.clone(),
            review: review.clone(),
            is_news: is_news(review, &self.reviews()[..index]),
        };
        let reviews = self.reviews().iter().enumerate().map(reviewed);
        let more = (conflicts.more > 0).then(|| Event::Warning(conflicts.more_as_text()));
        reviews.chain(conflicts.first.into_iter().map(Event::Conflicting)).chain(more)
    }
}

/// Whether a review says anything that the policy's review before did not.
fn is_news(review: &Review, earlier: &[Review]) -> bool {
    let Some(before) = earlier.iter().rev().find(|before| before.policy == review.policy) else {
        return true;
    };
    let ends_it = matches!(review.verdict, Verdict::Reject(_) | Verdict::Broke(_));
    let edits = review.mode == Mode::Enforce || review.edits != before.edits;
    let known: HashSet<_> = before.warnings().collect();
    (edits && !review.edits.is_empty())
        || (ends_it && review.verdict != before.verdict)
        || review.warnings().any(|warning| !known.contains(warning))
}
