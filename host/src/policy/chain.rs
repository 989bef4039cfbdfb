//! Several policies in order. Each sees the Job as the ones before it left it, in a fresh instance.

use super::bindings::Verdict as Answer;
use super::evaluation::Subject;
use super::lookup::{Inquiry, Lookup, Lookups, NoCluster};
use super::{Limit, Policy, PolicyError};
use crate::event::Event;
use crate::job::{Admitted, Job, Mode, Origin, Rejected, Rejection, Review, UnderReview, Verdict};
use std::sync::Arc;

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

/// A Job that was reviewed: what went in, what was asked of the cluster, what came of it.
pub struct Reviewed {
    /// The Job as it was drafted.
    pub job: Job,
    /// The questions to the cluster, in their order.
    pub lookups: Vec<Arc<Lookup>>,
    /// What came of it.
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

    /// Whether one of them may ask the cluster.
    pub fn asks_the_cluster(&self) -> bool {
        self.policies.iter().any(|policy| policy.capabilities().contains(&"cluster"))
    }

    /// Review Jobs up to the first that is not admitted.
    pub fn review_all(&self, jobs: Vec<Job>, lookups: &Arc<dyn Lookups>) -> Vec<Reviewed> {
        let mut all = Vec::new();
        for job in jobs {
            all.push(self.review_asking(job, Arc::clone(lookups)));
            if all.last().is_some_and(|last| last.result.is_err()) {
                break;
            }
        }
        all
    }

    /// Review a Job with a cluster to ask.
    pub fn review_asking(&self, job: Job, lookups: Arc<dyn Lookups>) -> Reviewed {
        let inquiry = Inquiry::new(lookups);
        let result = self.ask_all(job.clone(), &inquiry);
        Reviewed { job, lookups: inquiry.asked(), result }
    }

    /// Review a Job where there is no cluster.
    pub fn review(&self, job: Job) -> Result<Admitted, ReviewError> {
        self.ask_all(job, &Inquiry::new(Arc::new(NoCluster)))
    }

    /// Ask every policy in turn. One that is only audited ends nothing: what it would have done stands in its review.
    fn ask_all(&self, job: Job, inquiry: &Arc<Inquiry>) -> Result<Admitted, ReviewError> {
        let origin = Arc::new(Origin::of(&job));
        let mut under_review = UnderReview::new(job);
        for policy in &self.policies {
            let ask = |job| policy.ask(Subject { job, origin: Arc::clone(&origin) }, inquiry);
            if policy.mode() == Mode::Audit {
                let broke = |error: PolicyError| policy.review_of(Verdict::Broke(error.to_string()));
                under_review.note(ask(under_review.job().clone()).map_or_else(broke, |(review, _)| review));
                continue;
            }
            let (review, edited) = ask(under_review.lend()).map_err(ReviewError::Broken)?;
            under_review = under_review.record(review, edited).map_err(ReviewError::Rejected)?;
        }
        Ok(under_review.admit())
    }
}

impl Policy {
    /// Ask this policy about a Job where there is no cluster. This blocks until the policy answers or meets a limit.
    pub fn review(&self, job: &Job) -> Result<Review, PolicyError> {
        self.ask(Subject::of(job.clone()), &Inquiry::new(Arc::new(NoCluster))).map(|(review, _)| review)
    }

    /// Ask, and give the Job back with the edits made.
    fn ask(&self, subject: Subject, inquiry: &Arc<Inquiry>) -> Result<(Review, Job), PolicyError> {
        let (verdict, state, fuel) = self.call_review(subject, inquiry)?;
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
        let review = Review { edits: state.edits, log: state.log, fuel, ..self.review_of(verdict) };
        Ok((review, state.job))
    }

    /// A review in which nothing was done but to come to a verdict.
    fn review_of(&self, verdict: Verdict) -> Review {
        let (edits, log) = (Vec::new(), Vec::new());
        let (policy, digest) = (self.id().clone(), self.digest().to_owned());
        Review { policy, digest, mode: self.mode(), verdict, edits, log, fuel: 0 }
    }
}

impl Reviewed {
    /// What the policies said, in their order; of a policy that broke nothing is left but the error.
    pub fn reviews(&self) -> &[Review] {
        match &self.result {
            Ok(admitted) => admitted.reviews(),
            Err(ReviewError::Rejected(rejected)) => &rejected.reviews,
            Err(ReviewError::Broken(_)) => &[],
        }
    }

    /// What was said and where the policies got in each other's way, as events.
    pub fn told(&self) -> impl Iterator<Item = Event> {
        let task = Origin::of(&self.job).task;
        let reviews = self.reviews().iter().cloned();
        let conflicts = self.result.as_ref().map(Admitted::conflicts).unwrap_or_default();
        let reviews = reviews.map(move |review| Event::Reviewed { task: task.clone(), review });
        reviews.chain(conflicts.into_iter().map(Event::Conflicting))
    }
}
