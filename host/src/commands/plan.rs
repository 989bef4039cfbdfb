//! `plan`: what a run would meet in the cluster. Nothing is submitted.

use super::jobs;
use super::reviewers::Reviewers;
use crate::cluster::{Cluster, Preflight};
use crate::console::Console;
use crate::error::Error;
use crate::event::Event;
use crate::exit::Ending;
use crate::plan::PreflightPlan;

/// Review the Jobs, make all checks, and print them.
pub async fn plan(plan: PreflightPlan, console: &mut Console) -> Result<Ending, Error> {
    let PreflightPlan { warnings, jobs, policies, target, claims, format, .. } = plan;
    console.warn_all(warnings);
    let reviewers = Reviewers::load(policies, console)?;
    if reviewers.is_empty() {
        console.emit(Event::NoPolicies);
    }
    let cluster = Cluster::connect(&target).await?;
    let jobs = jobs::admit(&jobs, reviewers, Some(&cluster), console).await?;
    let report = cluster.preflight(&jobs, &claims).await?;
    console.warn_all(cluster.take_warnings());
    console.preflight(&report, format);
    let (_, refused) = report.verdict();
    refused.map(|()| Ending::Done).map_err(Error::from)
}

/// Tell the warnings of the checks before a run; the first refusal ends it.
pub fn heed(report: Preflight, console: &mut Console) -> Result<(), Error> {
    let (warnings, refused) = report.verdict();
    console.warn_all(warnings);
    refused.map_err(Error::from)
}
