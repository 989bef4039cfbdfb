//! From planned Jobs to Jobs that every policy admitted.

use super::data::Drafts;
use super::reviewers::Reviewers;
use crate::cluster::{Cluster, HelperJobs};
use crate::console::Console;
use crate::error::Error;
use crate::job::{Admitted, draft};
use crate::plan::{DataPlan, JobPlan};

/// Draft the Jobs and have them reviewed. If there is a cluster, each has the namespace in which it
/// will run before a policy sees it.
pub async fn admit(
    plan: &JobPlan,
    reviewers: Reviewers,
    cluster: Option<&Cluster>,
    console: &mut Console,
) -> Result<Vec<Admitted>, Error> {
    Ok(admit_with(plan, None, reviewers, cluster, console).await?.0)
}

/// The same, and with the Pod that carries their data, if any is carried.
pub async fn admit_with(
    plan: &JobPlan,
    data: Option<&DataPlan>,
    reviewers: Reviewers,
    cluster: Option<&Cluster>,
    console: &mut Console,
) -> Result<(Vec<Admitted>, Option<HelperJobs>), Error> {
    let namespace = cluster.map(Cluster::namespace).or(plan.namespace.as_ref());
    let drafts = plan.tasks.iter().map(|task| draft(&plan.cube, task, &plan.container, namespace));
    let drafts = drafts.collect::<Result<Vec<_>, _>>()?;
    let helper = data.and_then(|data| Drafts::new(data, &drafts.iter().collect::<Vec<_>>()));
    let of_helper = helper.as_ref().map(|helper| helper.jobs.clone()).unwrap_or_default();
    let (admitted, helpers) = reviewers.review(drafts, of_helper, cluster, console).await?;
    Ok((admitted, helper.and_then(|helper| helper.admitted(helpers))))
}
