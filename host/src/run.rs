//! The story of a run: read, review, submit, observe.

mod reviewers;

use crate::cluster::{Cluster, ClusterTarget, Patience};
use crate::console::Console;
use crate::error::Error;
use crate::event::Event;
use crate::job::{Admitted, draft};
use crate::outcome::Outcome;
use crate::plan::{Deed, Plan};
use reviewers::Reviewers;
use serde_json::Value;

/// Do what was planned. The outcome is that of the last task that ran.
pub async fn run(mut plan: Plan, console: &mut Console) -> Result<Outcome, Error> {
    plan.warnings().for_each(|warning| console.tell(Event::Warning(warning)));
    let reviewers = Reviewers::load(&mut plan, console)?;
    let jobs = plan.tasks.iter().map(|task| draft(&plan.cube, task, &plan.extras)).collect::<Result<Vec<_>, _>>()?;
    let jobs = reviewers.review(jobs, console).await?;
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
