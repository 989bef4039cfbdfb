//! `render`: the Jobs as they would be submitted, without a cluster.

use super::jobs;
use super::reviewers::Reviewers;
use crate::console::Console;
use crate::error::Error;
use crate::exit::Ending;
use crate::plan::{RenderAction, RenderPlan};

/// Print the Jobs of tasks, or only explain their reviews.
pub async fn render(plan: RenderPlan, console: &mut Console) -> Result<Ending, Error> {
    let RenderPlan { warnings, jobs, policies, action, .. } = plan;
    console.warn_all(warnings);
    let reviewers = Reviewers::load(policies, console)?;
    let jobs = jobs::admit(&jobs, reviewers, None, console).await?;
    if let RenderAction::Print { format, keep_generate_name } = action {
        let manifests = jobs.iter().map(|job| job.manifest(keep_generate_name));
        console.manifests(manifests.collect(), format);
    }
    Ok(Ending::Done)
}
