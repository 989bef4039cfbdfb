//! The story of a run: review, submit, observe.

use super::jobs;
use super::plan::heed;
use super::reviewers::Reviewers;
use crate::cluster::{Cluster, Logs, Observed, Patience};
use crate::console::Console;
use crate::error::Error;
use crate::event::Event;
use crate::exit::Ending;
use crate::job::Admitted;
use crate::outcome::Outcome;
use crate::plan::{RunAction, RunPlan};
use serde_json::Value;

/// Run tasks of a cube, or stop before the cluster keeps anything.
pub async fn run(plan: RunPlan, console: &mut Console) -> Result<Ending, Error> {
    let RunPlan { warnings, jobs, policies, target, action, .. } = plan;
    console.warn_all(warnings);
    let reviewers = Reviewers::load(policies, console)?;
    if reviewers.is_empty() {
        console.emit(Event::NoPolicies);
    }
    match action {
        RunAction::Print { format } => {
            let asked = reviewers.query_the_cluster();
            let cluster = if asked { Some(Cluster::connect(&target).await?) } else { None };
            let jobs = jobs::admit(&jobs, reviewers, cluster.as_ref(), console).await?;
            console.manifests(jobs.iter().map(|job| job.manifest(false)).collect(), format);
            Ok(Ending::Done)
        }
        RunAction::Check { format } => {
            let cluster = Cluster::connect(&target).await?;
            let jobs = jobs::admit(&jobs, reviewers, Some(&cluster), console).await?;
            let checked = check(&cluster, &jobs, console).await;
            console.warn_all(cluster.take_warnings());
            console.manifests(checked?, format);
            Ok(Ending::Done)
        }
        RunAction::Submit { patience, logs } => {
            let cluster = Cluster::connect(&target).await?;
            let jobs = jobs::admit(&jobs, reviewers, Some(&cluster), console).await?;
            submit(&cluster, patience, logs, &jobs, console).await.map(Ending::Ran)
        }
    }
}

/// Let the API server check the Jobs in a dry run; gives them as it would store them.
async fn check(
    cluster: &Cluster,
    jobs: &[Admitted],
    console: &mut Console,
) -> Result<Vec<Value>, Error> {
    heed(cluster.preflight(jobs).await?, console)?;
    let mut checked = Vec::new();
    for admitted in jobs {
        checked.push(cluster.dry_run(admitted).await?);
    }
    Ok(checked)
}

/// Submit the Jobs one after the other, and watch each to its end. The first failure stops the
/// rest.
async fn submit(
    cluster: &Cluster,
    patience: Patience,
    logs: Logs,
    jobs: &[Admitted],
    console: &mut Console,
) -> Result<Outcome, Error> {
    heed(patience.within(cluster.preflight(jobs)).await?, console)?;
    for admitted in jobs {
        patience.check()?;
        let submitted = cluster.submit(admitted).await;
        console.warn_all(cluster.take_warnings());
        let submitted = submitted?;
        let job = submitted.reference(admitted);
        console.emit(Event::Submitted(job.clone()));
        let observed = cluster.observe(&submitted, patience, logs, |event| console.emit(event));
        let Observed { outcome, gaps } = observed.await?;
        console.emit(Event::Finished { job, outcome: outcome.clone(), gaps });
        if outcome != Outcome::Succeeded {
            return Ok(outcome);
        }
    }
    Ok(Outcome::Succeeded)
}
