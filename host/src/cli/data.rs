//! Carrying data between the workspace on this machine and the claims.

use super::{ClaimArgs, ClusterArgs, CubeArgs, JobArgs, PolicyArgs, RunOutput};
use clap::Args;
use std::path::PathBuf;

/// What `run` carries before and after.
#[derive(Debug, Args)]
#[command(next_help_heading = "Data")]
pub struct DataArgs {
    /// Bring the inputs from the workspace to the claims before the Jobs are submitted; only what
    /// has changed is sent
    #[arg(long, conflicts_with = "dry_run")]
    pub stage: bool,
    /// Bring the outputs back once all tasks have succeeded, into the workspace or a folder that
    /// takes its place
    #[arg(
        long,
        value_name = "DIR",
        num_args = 0..=1,
        require_equals = true,
        conflicts_with_all = ["dry_run", "detach"]
    )]
    pub fetch: Option<Option<PathBuf>>,
    /// Remove from the claims what an earlier staging put there and is no longer in the workspace
    #[arg(long, requires = "stage")]
    pub prune: bool,
    /// Let outputs replace local files that are newer
    #[arg(long, requires = "fetch")]
    pub force: bool,
    /// The image of the Pod that carries the data: with a shell, tar and the usual tools; by default
    /// the setting `stageImage`, else the task's, else `busybox`
    #[arg(long, value_name = "IMAGE")]
    pub stage_image: Option<String>,
}

/// `stage`.
#[derive(Debug, Args)]
pub struct StageArgs {
    /// The tasks whose inputs are brought, and the policies that review the Pod that does it.
    #[command(flatten)]
    pub jobs: JobArgs,
    /// Which cluster.
    #[command(flatten)]
    pub cluster: ClusterArgs,
    /// What becomes of claims that are missing.
    #[command(flatten)]
    pub claims: ClaimArgs,
    /// Remove from the claims what an earlier staging put there and is no longer in the workspace
    #[arg(long, help_heading = "Data")]
    pub prune: bool,
    /// The image of the Pod that carries the data: with a shell, tar and the usual tools; by default
    /// the setting `stageImage`, else the task's, else `busybox`
    #[arg(long, help_heading = "Data", value_name = "IMAGE")]
    pub stage_image: Option<String>,
    /// Stop after this long (`90s`, `10m`, `2h`); what was sent is kept
    #[arg(long, help_heading = "Cluster", value_name = "DURATION")]
    pub timeout: Option<String>,
    /// The format of events: lines for people on stderr, or one JSON event per line on stdout
    #[arg(short, long, help_heading = "Output", value_name = "FORMAT", default_value = "human")]
    pub output: RunOutput,
}

/// `fetch`.
#[derive(Debug, Args)]
pub struct FetchArgs {
    /// The run: the name of its Job; without one the last that was started here
    pub name: Option<String>,
    /// The cube, whose workspace the outputs go to.
    #[command(flatten)]
    pub cube: CubeArgs,
    /// The policies that review the Pod that brings them.
    #[command(flatten)]
    pub policies: PolicyArgs,
    /// Which cluster.
    #[command(flatten)]
    pub cluster: ClusterArgs,
    /// A folder that takes the place of the workspace
    #[arg(long, help_heading = "Data", value_name = "DIR")]
    pub to: Option<PathBuf>,
    /// Let outputs replace local files that are newer
    #[arg(long, help_heading = "Data")]
    pub force: bool,
    /// The image of the Pod that carries the data: with a shell, tar and the usual tools; by default
    /// the run's, else `busybox`
    #[arg(long, help_heading = "Data", value_name = "IMAGE")]
    pub stage_image: Option<String>,
    /// Stop after this long (`90s`, `10m`, `2h`)
    #[arg(long, help_heading = "Cluster", value_name = "DURATION")]
    pub timeout: Option<String>,
    /// The format of events: lines for people on stderr, or one JSON event per line on stdout
    #[arg(short, long, help_heading = "Output", value_name = "FORMAT", default_value = "human")]
    pub output: RunOutput,
}
