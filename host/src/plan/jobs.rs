//! The Jobs of a command, and the policies that review them.

use super::policies::{self, Policies};
use super::{container, cube};
use crate::cli::JobArgs;
use crate::cube::{BoundTask, Cube};
use crate::error::Error;
use crate::job::ContainerOverrides;
use crate::k8s::Namespace;

/// The Jobs to make.
pub struct JobPlan {
    /// The cube.
    pub cube: Cube,
    /// Its tasks with their values, in the order in which they run.
    pub tasks: Vec<BoundTask>,
    /// The overrides of their containers from the command line.
    pub container: ContainerOverrides,
    /// Their namespace: the flag's, else the cube's. The context's is known once the cluster is
    /// connected.
    pub namespace: Option<Namespace>,
}

/// What was read for a command that makes Jobs.
pub struct Reading {
    pub jobs: JobPlan,
    pub policies: Policies,
    /// The warnings about the cube and the command line.
    pub warnings: Vec<String>,
}

/// Read the cube and the policies; `namespace` is the flag's, and `program` this program as it was
/// called.
pub fn read(args: &JobArgs, namespace: Option<Namespace>, program: &str) -> Result<Reading, Error> {
    let cube = cube::read(&args.cube)?;
    let tasks = cube::bind(&args.tasks, &cube)?;
    let policies = policies::read_with_lock(&args.policies, program)?;
    let (container, notices) = container::read(&args.container, &cube)?;
    let of_tasks = tasks.iter().flat_map(|task| &task.warnings);
    let warnings = cube.warnings.iter().chain(of_tasks).cloned().chain(notices).collect();
    let namespace = namespace.or_else(|| cube.runner.namespace.clone());
    Ok(Reading { jobs: JobPlan { cube, tasks, container, namespace }, policies, warnings })
}
