//! `plan`: the Jobs of a run, the policies that review them, and the cluster that is asked.

use super::claims;
use super::jobs::{self, JobPlan, Reading};
use super::output::OutputMode;
use super::policies::Policies;
use super::run::target;
use crate::cli::{DescribeFormat, PlanArgs};
use crate::cluster::ClusterTarget;
use crate::error::Error;
use crate::job::MissingClaims;

/// `plan`.
pub struct PreflightPlan {
    /// The warnings about the cube and the command line.
    pub warnings: Vec<String>,
    /// The Jobs.
    pub jobs: JobPlan,
    /// The policies that review them.
    pub policies: Policies,
    /// The cluster.
    pub target: ClusterTarget,
    /// What becomes of claims that the Jobs name and the namespace does not have.
    pub claims: MissingClaims,
    /// The format of the report.
    pub format: DescribeFormat,
    /// The output mode.
    pub output: OutputMode,
}

impl PreflightPlan {
    pub(super) fn new(
        args: PlanArgs,
        program: &'static str,
        creating: Option<String>,
    ) -> Result<Self, Error> {
        let claims = claims::read(&args.claims, creating)?;
        let namespace = args.cluster.namespace.clone();
        let Reading { jobs, policies, warnings } = jobs::read(&args.jobs, namespace, program)?;
        let target = target(args.cluster, jobs.namespace.as_ref(), program);
        let (format, output) = (args.output, OutputMode::default());
        Ok(Self { warnings, jobs, policies, target, claims, format, output })
    }
}
