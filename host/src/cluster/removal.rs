//! Removing a Job: it is asked for until it is answered, and what keeps the Job afterwards is told.

use super::facts::trouble;
use super::requests::Requests;
use super::runs::LIST_PODS;
use super::{Cluster, ClusterError, Submitted};
use crate::diagnosis::{Diagnosis, Diagnostics, Fact, Source, Wants};
use crate::event::Event;
use kube::api::{DeleteParams, Preconditions};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// The pause between two looks at a Job that is being removed.
const PAUSE: Duration = Duration::from_millis(250);
/// How long it may stay without a word, and how often it is asked what keeps it.
const LASTING: Duration = Duration::from_secs(4);
const LOOK: Duration = Duration::from_secs(2);

/// What becomes of the Pods of a Job that is removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RemovalOrder {
    /// They are ended first.
    PodsFirst,
    /// They are removed after it.
    PodsAfter,
}

impl Cluster {
    /// Ask for the removal of a Job, and of nothing that took its name.
    pub async fn remove(
        &self,
        job: &Submitted,
        how: RemovalOrder,
        emit: impl FnMut(Event),
    ) -> Result<(), ClusterError> {
        let how = match how {
            RemovalOrder::PodsFirst => DeleteParams::foreground(),
            RemovalOrder::PodsAfter => DeleteParams::background(),
        };
        let own = Preconditions { uid: Some(job.uid().to_owned()), resource_version: None };
        let (jobs, how) = (self.jobs(), how.preconditions(own));
        let action = format!("remove Job `{}`", job.name());
        let mut requests = Requests::new(self, job, emit);
        let asked = requests.answer(&action, async || {
            match jobs.delete(job.name(), &how).await {
                // It is gone, or another has its name.
                Err(kube::Error::Api(status)) if matches!(status.code, 404 | 409) => Ok(()),
                asked => asked.map(drop),
            }
        });
        asked.await
    }

    /// Wait until a Job that is being removed is gone. What keeps it for long is told, once.
    pub async fn gone(&self, job: &Submitted, emit: impl FnMut(Event)) -> Result<(), ClusterError> {
        let action = format!("look for Job `{}`", job.name());
        let mut requests = Requests::new(self, job, emit);
        let mut diagnostics = Diagnostics::default();
        diagnostics.set_wants(Wants::of_name(job.namespace(), job.name()));
        let (since, mut looked) = (Instant::now(), Instant::now());
        loop {
            let found = requests.answer(&action, async || self.job_of(job).await).await?;
            let Some(found) = found else { return Ok(()) };
            let (lasting, is_due) = (since.elapsed(), looked.elapsed() >= LOOK);
            if lasting >= LASTING && is_due {
                let pods = requests.answer(LIST_PODS, async || self.pods_of(job).await).await?;
                looked = Instant::now();
                let of_pods = pods.iter().flat_map(trouble::of_pod);
                let facts = trouble::of_job(&found).into_iter().chain(of_pods);
                let lasts = facts.filter(|fact| keeps(fact, lasting));
                let told: Vec<_> = lasts.filter_map(|fact| diagnostics.observe(&fact)).collect();
                told.into_iter().for_each(|diagnosis| requests.emit(self.diagnosed(diagnosis)));
            }
            sleep(PAUSE).await;
        }
    }

    /// What keeps a Job although its removal was asked for, if it is still there: the names of its
    /// finalizers.
    pub async fn keepers(&self, job: &Submitted) -> Result<Vec<String>, ClusterError> {
        let found = self.job_of(job).await;
        let found = found.map_err(|error| self.error("look for the Job", error))?;
        let fact = found.as_ref().and_then(trouble::of_job);
        Ok(match fact.map(|fact| fact.source) {
            Some(Source::Terminating { finalizers, .. }) => finalizers,
            _ => Vec::new(),
        })
    }

    /// A diagnosis with its whole command.
    pub(super) fn diagnosed(&self, diagnosis: Diagnosis) -> Event {
        let command = diagnosis.command.as_ref().map(|words| self.kubectl(words));
        Event::Diagnosed(Box::new(Diagnosis { command, ..diagnosis }))
    }
}

/// Whether a fact is of what keeps a Job, and has lasted longer than it may.
fn keeps(fact: &Fact, lasting: Duration) -> bool {
    match fact.source {
        Source::Terminating { grace, .. } => lasting >= LASTING + Duration::from_secs(grace),
        _ => false,
    }
}
