//! From planned Jobs to Jobs that every policy admitted.

use super::reviewers::Reviewers;
use crate::cluster::Cluster;
use crate::console::Console;
use crate::error::Error;
use crate::job::{Admitted, draft};
use crate::plan::JobPlan;

/// Draft the Jobs and have them reviewed. If there is a cluster, each has the namespace in which it
/// will run before a policy sees it.
pub async fn admit(
    plan: &JobPlan,
    reviewers: Reviewers,
    cluster: Option<&Cluster>,
    console: &mut Console,
) -> Result<Vec<Admitted>, Error> {
    let namespace = cluster.map(Cluster::namespace).or(plan.namespace.as_ref());
    let drafts = plan.tasks.iter().map(|task| draft(&plan.cube, task, &plan.container, namespace));
    let drafts = drafts.collect::<Result<Vec<_>, _>>()?;
    reviewers.review(drafts, cluster, console).await
}
