//! The story of a run: review, submit, observe.

use super::data::Carrier;
use super::jobs;
use super::notebook::Notebook;
use super::plan::heed;
use super::reviewers::Reviewers;
use super::submit::{Work, submit};
use super::watch::Watch;
use crate::cluster::{Cluster, Interrupts, Patience};
use crate::console::Console;
use crate::error::Error;
use crate::event::Event;
use crate::exit::Ending;
use crate::job::{Admitted, ClaimState, MissingClaims};
use crate::plan::{After, RunAction, RunPlan};
use serde_json::Value;

/// Run tasks of a cube, or stop before the cluster keeps anything.
pub async fn run(
    plan: RunPlan,
    interrupts: Interrupts,
    console: &mut Console,
) -> Result<Ending, Error> {
    let RunPlan { warnings, jobs, policies, target, claims, action, .. } = plan;
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
            let checked = check(&cluster, &jobs, &claims, console).await;
            console.warn_all(cluster.take_warnings());
            console.manifests(checked?, format);
            Ok(Ending::Done)
        }
        RunAction::Submit { patience, logs, after, data, journal } => {
            let patience = Patience { interrupts, ..patience };
            let (tasks, data) = (&jobs.tasks, data.as_deref());
            let cluster = Cluster::connect(&target).await?;
            let (jobs, helper) =
                jobs::admit_with(&jobs, data, reviewers, Some(&cluster), console).await?;
            let helper = helper.as_ref();
            let carrier = data.map(|data| Carrier { cluster: &cluster, data, helper, patience });
            let mut notebook = Notebook::open(journal, console);
            let After { on_interrupt, .. } = after;
            let brings = data.is_some_and(|data| data.fetch.is_some());
            let watch = Watch { cluster: &cluster, patience, logs, on_interrupt, brings };
            let work = Work { after, tasks, jobs: &jobs, missing: &claims, carrier };
            submit(&watch, &work, &mut notebook, console).await
        }
    }
}

/// Let the API server check the Jobs in a dry run; gives them as it would store them.
async fn check(
    cluster: &Cluster,
    jobs: &[Admitted],
    claims: &MissingClaims,
    console: &mut Console,
) -> Result<Vec<Value>, Error> {
    let report = cluster.preflight(jobs, claims).await?;
    let planned: Vec<_> = report.planned().cloned().collect();
    heed(report, console)?;
    for claim in planned {
        console.emit(Event::Claim { claim, state: ClaimState::Planned });
    }
    let mut checked = Vec::new();
    for admitted in jobs {
        checked.push(cluster.dry_run(admitted).await?);
    }
    Ok(checked)
}
