//! The story of a run: read, review, submit, observe.

use crate::cluster::{Cluster, ClusterTarget, Patience};
use crate::console::Console;
use crate::error::Error;
use crate::event::Event;
use crate::job::{Admitted, Job, Origin, draft};
use crate::outcome::Outcome;
use crate::plan::{Deed, Plan, Policies};
use crate::policy::{Cache, PolicyChain, PolicyHost};
use serde_json::Value;

/// Do what was planned. The outcome is that of the last task that ran.
pub async fn run(mut plan: Plan, console: &mut Console) -> Result<Outcome, Error> {
    plan.warnings().for_each(|warning| console.tell(Event::Warning(warning)));
    let chain = load(&mut plan, console)?;
    // Every Job is admitted before the first is submitted: a rejection late in the list costs nothing.
    let jobs = plan.tasks.iter().map(|task| draft(&plan.cube, task, &plan.extras)).collect::<Result<Vec<_>, _>>()?;
    let jobs = jobs.into_iter().map(|job| review(&chain, job, console)).collect::<Result<Vec<_>, _>>()?;
    match &plan.deed {
        Deed::Explain => Ok(Outcome::Succeeded),
        Deed::Print { format, keep_generate_name } => {
            console.manifests(jobs.iter().map(|admitted| admitted.manifest(*keep_generate_name)).collect(), *format);
            Ok(Outcome::Succeeded)
        }
        Deed::Check { target, format } => {
            console.manifests(check(target, &jobs).await?, *format);
            Ok(Outcome::Succeeded)
        }
        Deed::Run { target, patience } => submit(target, *patience, &jobs, console).await,
    }
}

fn load(plan: &mut Plan, console: &mut Console) -> Result<PolicyChain, Error> {
    let Policies { sources, limits, from, .. } = std::mem::take(&mut plan.policies);
    from.into_iter().for_each(|from| console.tell(from.told()));
    if sources.is_empty() {
        return Ok(PolicyChain::default());
    }
    let host = PolicyHost::new(limits, plan.cache.take().and_then(Cache::open))?;
    let chain = PolicyChain::new(sources.into_iter().map(|source| host.load(source)).collect::<Result<_, _>>()?)?;
    chain.policies().iter().for_each(|policy| console.tell(policy.introduce()));
    Ok(chain)
}

fn review(chain: &PolicyChain, job: Job, console: &mut Console) -> Result<Admitted, Error> {
    let task = Origin::of(&job).task;
    let result = chain.review(job).map_err(Error::from);
    let (reviews, conflicts) = match &result {
        Ok(admitted) => (admitted.reviews(), admitted.conflicts()),
        Err(Error::Rejected(rejected)) => (rejected.reviews.as_slice(), Vec::new()),
        Err(_) => Default::default(),
    };
    reviews.iter().for_each(|review| console.tell(Event::Reviewed { task: task.clone(), review: review.clone() }));
    conflicts.into_iter().for_each(|conflict| console.tell(Event::Conflicting(conflict)));
    result
}

async fn check(target: &ClusterTarget, jobs: &[Admitted]) -> Result<Vec<Value>, Error> {
    let cluster = Cluster::connect(target).await?;
    cluster.preflight(jobs).await?;
    let mut checked = Vec::new();
    for admitted in jobs {
        checked.push(cluster.dry_run(admitted).await?);
    }
    Ok(checked)
}

async fn submit(
    target: &ClusterTarget,
    patience: Patience,
    jobs: &[Admitted],
    console: &mut Console,
) -> Result<Outcome, Error> {
    let cluster = Cluster::connect(target).await?;
    cluster.preflight(jobs).await?;
    for admitted in jobs {
        let submitted = cluster.submit(admitted).await?;
        let job = submitted.reference(admitted);
        console.tell(Event::Submitted(job.clone()));
        let outcome = cluster.observe(&submitted, patience, |event| console.tell(event)).await?;
        console.tell(Event::Finished { job, outcome: outcome.clone() });
        if outcome != Outcome::Succeeded {
            return Ok(outcome);
        }
    }
    Ok(Outcome::Succeeded)
}
