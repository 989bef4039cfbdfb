//! The policies of a run and their reviews. Every Job is admitted before the first is submitted.
//! With `--record`, everything that the policies saw and answered is written to a file, also if one
//! rejects or breaks.

use super::policy_host;
use crate::cluster::Cluster;
use crate::console::Console;
use crate::error::Error;
use crate::event::Event;
use crate::job::{Admitted, Job};
use crate::plan::{LockFile, Policies};
use crate::policy::{
    ClusterReader, Limits, NoCluster, OpenedPolicy, PolicyChain, PolicyError, PolicyHost,
    PolicySource, Recording, ReviewError, Reviewed,
};
use std::path::PathBuf;
use std::sync::Arc;

/// The policies of a run, ready to review.
pub struct Reviewers {
    chain: PolicyChain,
    record: Option<(PathBuf, Recording)>,
}

impl Reviewers {
    /// Open policies, check them against their lock, and load them.
    pub fn load(mut policies: Policies, console: &mut Console) -> Result<Self, Error> {
        policies.from.iter().for_each(|from| console.emit(from.event()));
        let host = host(&policies, console)?;
        if let Some(host) = host.as_ref().filter(|_| !policies.pending.is_empty()) {
            let own_names = host.own_names(&policies.sources, |event| console.emit(event))?;
            policies.adjust(&own_names)?;
        }
        let Policies { sources, limits, record, lock, .. } = policies;
        let is_strict = lock.as_ref().is_some_and(|lock| lock.is_strict);
        let mut opened = open(host.as_ref(), sources, is_strict)?;
        if let Some(lock) = &lock {
            verify(lock, &mut opened, &limits, console)?;
        }
        let recording = |path| Recording::new(&opened, &limits).map(|recording| (path, recording));
        let mut record = record.map(recording).transpose()?;
        let recorded = if record.is_some() { opened.clone() } else { Vec::new() };
        let loaded = match &host {
            Some(host) => host.load_all(opened, |event| console.emit(event)),
            None => Ok(Vec::new()),
        };
        if let (Some(host), Some((_, recording))) = (&host, &mut record) {
            // Their schemas say what is secret.
            recording.hide(|index| host.secrets(&recorded[index]));
        }
        match loaded.and_then(PolicyChain::new) {
            Ok(chain) => {
                chain.policies().iter().for_each(|policy| console.emit(policy.loaded()));
                Ok(Self { chain, record })
            }
            Err(error) => {
                record.iter_mut().for_each(|(_, recording)| recording.add_error(&error));
                write(record)?;
                Err(refused(error, lock))
            }
        }
    }

    /// Whether there are no policies.
    pub fn is_empty(&self) -> bool {
        self.chain.policies().is_empty()
    }

    /// Whether any of them may query the cluster.
    pub fn query_the_cluster(&self) -> bool {
        self.chain.queries_the_cluster()
    }

    /// Review all Jobs, and those that carry their data: of these the first must be admitted. A
    /// rejection late in the list costs nothing: no Job was submitted yet.
    pub async fn review(
        self,
        jobs: Vec<Job>,
        helpers: Vec<Job>,
        cluster: Option<&Cluster>,
        console: &mut Console,
    ) -> Result<(Vec<Admitted>, Vec<Admitted>), Error> {
        let Self { chain, mut record } = self;
        let count = jobs.len();
        let all = review_all(chain, jobs.into_iter().chain(helpers).collect(), cluster).await;
        for (index, reviewed) in all.iter().enumerate() {
            record.iter_mut().for_each(|(_, recording)| recording.add(reviewed));
            if index < count || (index == count && reviewed.result.is_err()) {
                reviewed.events().for_each(|event| console.emit(event));
            }
        }
        write(record)?;
        let (mut admitted, mut helpers) = (Vec::new(), Vec::new());
        for (index, reviewed) in all.into_iter().enumerate() {
            match reviewed.result {
                Ok(job) if index < count => admitted.push(job),
                Ok(job) => helpers.push(job),
                Err(_) if index > count => {}
                Err(ReviewError::Rejected(rejected)) if index == count => {
                    return Err(Error::RejectedHelper(Box::new(rejected)));
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok((admitted, helpers))
    }
}

/// The error that policies cannot be used; of what one has gained since it was locked, the lock
/// knows how it is accepted.
fn refused(error: PolicyError, lock: Option<LockFile>) -> Error {
    match (error, lock) {
        (error @ PolicyError::Gained { .. }, Some(lock)) => Error::Configuration {
            what: "the lock file",
            path: lock.path,
            why: error.to_string(),
            hint: format!("review the change; {}", lock.accept),
        },
        (error, _) => error.into(),
    }
}

/// The host; none without policies, which need neither an engine nor a cache folder.
fn host(policies: &Policies, console: &mut Console) -> Result<Option<PolicyHost>, PolicyError> {
    if policies.sources.is_empty() {
        return Ok(None);
    }
    let cache = super::cache(policies.cache.clone(), console);
    policy_host(policies.limits.clone(), cache).map(Some)
}

/// Open the files of policies. With `is_strict` they are read, because they must be those in the
/// lock.
fn open(
    host: Option<&PolicyHost>,
    sources: Vec<PolicySource>,
    is_strict: bool,
) -> Result<Vec<OpenedPolicy>, PolicyError> {
    let Some(host) = host else { return Ok(Vec::new()) };
    let open = |source| if is_strict { host.open_and_read(source) } else { host.open(source) };
    sources.into_iter().map(open).collect()
}

/// With `--locked` every difference from the lock is an error, else a warning.
fn verify(
    lock: &LockFile,
    opened: &mut [OpenedPolicy],
    limits: &Limits,
    console: &mut Console,
) -> Result<(), Error> {
    let differences = lock.lock.verify(opened, limits);
    if lock.is_strict && !differences.is_empty() {
        return Err(lock.differs(&differences));
    }
    for difference in differences {
        console.emit(Event::Warning(format!("{difference}: {}", lock.accept)));
    }
    Ok(())
}

/// A policy that queries the cluster blocks until the response, so it runs in a thread for blocking
/// work.
async fn review_all(
    chain: PolicyChain,
    jobs: Vec<Job>,
    cluster: Option<&Cluster>,
) -> Vec<Reviewed> {
    let Some(cluster) = cluster.filter(|_| chain.queries_the_cluster()) else {
        let nobody: Arc<dyn ClusterReader> = Arc::new(NoCluster);
        return chain.review_all(jobs, &nobody);
    };
    let reader = cluster.reader();
    let work = tokio::task::spawn_blocking(move || chain.review_all(jobs, &reader));
    work.await.expect("a review gives back an error, it does not panic")
}

fn write(record: Option<(PathBuf, Recording)>) -> Result<(), Error> {
    let Some((path, recording)) = record else { return Ok(()) };
    let what = "the recording";
    recording.write(&path).map_err(|source| Error::Unwritable { what, path, source })
}
