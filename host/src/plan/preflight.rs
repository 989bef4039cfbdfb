//! `plan`: the Jobs of a run, the policies that review them, and the cluster that is asked.

use super::output::OutputMode;
use super::policies::{self, Policies};
use super::run::{JobPlan, target, warnings};
use super::{container, cube};
use crate::cli::{DescribeFormat, PlanArgs};
use crate::cluster::ClusterTarget;
use crate::error::Error;

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
    /// The format of the report.
    pub format: DescribeFormat,
    /// The output mode.
    pub output: OutputMode,
}

impl PreflightPlan {
    pub(super) fn new(args: PlanArgs, program: &'static str) -> Result<Self, Error> {
        let cube = cube::read(&args.cube)?;
        let tasks = cube::bind(&args.tasks, &cube)?;
        let policies = policies::read_with_lock(&args.policies, program)?;
        let (container, notices) = container::read(&args.container, &cube)?;
        let target = target(args.cluster, cube.runner.namespace.as_ref(), program);
        let namespace = target.namespace.clone();
        let warnings = warnings(&cube, &tasks, notices);
        let jobs = JobPlan { cube, tasks, container, namespace };
        let (format, output) = (args.output, OutputMode::default());
        Ok(Self { warnings, jobs, policies, target, format, output })
    }
}
