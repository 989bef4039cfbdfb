//! The policies at work on the Jobs of a run. Every Job is admitted before the first is submitted; and where it is wanted,
//! what the policies saw and said is written down, also when one rejects or breaks.

use crate::cluster::{Cluster, ClusterTarget};
use crate::console::Console;
use crate::error::Error;
use crate::job::{Admitted, Job};
use crate::plan::{Plan, Policies};
use crate::policy::{
    LazyCache, Limits, Lookups, NoCluster, PolicyChain, PolicyError, PolicyHost, PolicySource, Recording, Reviewed,
};
use std::path::PathBuf;
use std::sync::Arc;

/// The policies of a run, ready to be asked.
pub struct Reviewers {
    chain: PolicyChain,
    asked: Option<ClusterTarget>,
    record: Option<(PathBuf, Recording)>,
}

impl Reviewers {
    /// Load the policies of a plan.
    pub fn load(plan: &mut Plan, console: &mut Console) -> Result<Self, Error> {
        let Policies { sources, limits, from, record, .. } = std::mem::take(&mut plan.policies);
        from.into_iter().for_each(|from| console.tell(from.told()));
        let recording = |path| Recording::new(&sources, &limits).map(|recording| (path, recording));
        let mut record = record.map(recording).transpose()?;
        match chain(sources, limits, &plan.cache, console) {
            Ok(chain) => {
                chain.policies().iter().for_each(|policy| console.tell(policy.introduce()));
                Ok(Self { chain, asked: plan.asked.take(), record })
            }
            Err(error) => {
                record.iter_mut().for_each(|(_, recording)| recording.add_error(&error));
                write(record)?;
                Err(error.into())
            }
        }
    }

    /// Have all Jobs reviewed. A rejection late in the list costs nothing.
    pub async fn review(self, jobs: Vec<Job>, console: &mut Console) -> Result<Vec<Admitted>, Error> {
        let Self { chain, asked, mut record } = self;
        let all = review_all(chain, asked, jobs).await?;
        for reviewed in &all {
            record.iter_mut().for_each(|(_, recording)| recording.add(reviewed));
            reviewed.told().for_each(|event| console.tell(event));
        }
        write(record)?;
        Ok(all.into_iter().map(|reviewed| reviewed.result).collect::<Result<_, _>>()?)
    }
}

fn chain(
    sources: Vec<PolicySource>,
    limits: Limits,
    cache: &LazyCache,
    console: &mut Console,
) -> Result<PolicyChain, PolicyError> {
    if sources.is_empty() {
        return Ok(PolicyChain::default());
    }
    let host = PolicyHost::new(limits, cache.get().cloned())?;
    PolicyChain::new(host.load_all(sources, |event| console.tell(event))?)
}

/// A policy that asks the cluster waits for the answer, so it runs in a thread where that holds up nobody else.
async fn review_all(chain: PolicyChain, asked: Option<ClusterTarget>, jobs: Vec<Job>) -> Result<Vec<Reviewed>, Error> {
    let Some(target) = asked.filter(|_| chain.asks_the_cluster()) else {
        let nobody: Arc<dyn Lookups> = Arc::new(NoCluster);
        return Ok(chain.review_all(jobs, &nobody));
    };
    let lookups = Cluster::connect(&target).await?.lookups();
    let work = tokio::task::spawn_blocking(move || chain.review_all(jobs, &lookups));
    Ok(work.await.expect("a review gives back an error, it does not panic"))
}

fn write(record: Option<(PathBuf, Recording)>) -> Result<(), Error> {
    let Some((path, recording)) = record else { return Ok(()) };
    recording.write(&path).map_err(|error| Error::Unwritable { what: "the recording", path, why: error.to_string() })
}
