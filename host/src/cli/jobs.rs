//! `run` and `render`: what becomes of the Jobs.

use super::{
    AfterArgs, ClaimArgs, ContainerArgs, CubeArgs, DataArgs, DescribeFormat, ExplainFormat,
    ManifestFormat, PolicyArgs, TaskArgs,
};
use crate::k8s::Namespace;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Which Jobs, and the policies that review them.
#[derive(Debug, Args)]
pub struct JobArgs {
    /// The cube.
    #[command(flatten)]
    pub cube: CubeArgs,
    /// The tasks.
    #[command(flatten)]
    pub tasks: TaskArgs,
    /// The resources of their containers.
    #[command(flatten)]
    pub container: ContainerArgs,
    /// The policies.
    #[command(flatten)]
    pub policies: PolicyArgs,
}

/// `run`.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// The Jobs.
    #[command(flatten)]
    pub jobs: JobArgs,
    /// Which cluster.
    #[command(flatten)]
    pub cluster: ClusterArgs,
    /// What becomes of missing claims.
    #[command(flatten)]
    pub claims: ClaimArgs,
    /// Stop before the cluster keeps anything: `client` prints the Job, `server` lets the API
    /// server check it first
    #[arg(
        long,
        help_heading = "Cluster",
        value_name = "WHERE",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "client"
    )]
    pub dry_run: Option<DryRun>,
    /// Stop waiting after this long (`90s`, `10m`, `2h`), counted over the whole command; the Job
    /// keeps running
    #[arg(long, help_heading = "Cluster", value_name = "DURATION")]
    pub timeout: Option<String>,
    /// Stop waiting for a Job whose task has not started after this long; the Job keeps waiting
    #[arg(long, help_heading = "Cluster", value_name = "DURATION")]
    pub start_timeout: Option<String>,
    /// What becomes of the Job.
    #[command(flatten)]
    pub after: AfterArgs,
    /// What is carried before and after.
    #[command(flatten)]
    pub data: DataArgs,
    /// Which logs are shown, and how.
    #[command(flatten)]
    pub logs: LogArgs,
    /// Exit with the exit code of the container if the task failed
    #[arg(long, help_heading = "Output")]
    pub propagate: bool,
    /// Show every edit of every policy
    #[arg(long, help_heading = "Output")]
    pub explain: bool,
    /// The format of events: lines for people on stderr, or one JSON event per line on stdout
    #[arg(short, long, help_heading = "Output", value_name = "FORMAT", default_value = "human")]
    pub output: RunOutput,
}

/// `plan`.
#[derive(Debug, Args)]
pub struct PlanArgs {
    /// The Jobs.
    #[command(flatten)]
    pub jobs: JobArgs,
    /// Which cluster.
    #[command(flatten)]
    pub cluster: ClusterArgs,
    /// What becomes of missing claims.
    #[command(flatten)]
    pub claims: ClaimArgs,
    /// The format of the report
    #[arg(short, long, help_heading = "Output", value_name = "FORMAT", default_value = "table")]
    pub output: DescribeFormat,
}

/// `render`.
#[derive(Debug, Args)]
pub struct RenderArgs {
    /// The Jobs.
    #[command(flatten)]
    pub jobs: JobArgs,
    /// The namespace to write into the manifest
    #[arg(short, long, help_heading = "Output")]
    pub namespace: Option<Namespace>,
    /// Show which policy changed which field, from what to what, and why: on stderr, or as JSON
    /// lines instead of the manifest
    #[arg(
        long,
        help_heading = "Output",
        value_name = "FORMAT",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "lines"
    )]
    pub explain: Option<ExplainFormat>,
    /// Keep `metadata.generateName` instead of a name (for `kubectl create`)
    #[arg(long, help_heading = "Output")]
    pub generate_name: bool,
    /// The format of the manifest
    #[arg(short, long, help_heading = "Output", value_name = "FORMAT", default_value = "yaml")]
    pub output: ManifestFormat,
}

/// Which cluster.
#[derive(Debug, Args)]
#[command(next_help_heading = "Cluster")]
pub struct ClusterArgs {
    /// The namespace of the Job
    #[arg(short, long)]
    pub namespace: Option<Namespace>,
    /// The context of the kubeconfig
    #[arg(long)]
    pub context: Option<String>,
    /// The kubeconfig, instead of `KUBECONFIG` or the default file
    #[arg(long, value_name = "FILE")]
    pub kubeconfig: Option<PathBuf>,
}

/// Which logs are shown, and how.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub struct LogArgs {
    /// Whose logs are shown: of all containers, of the task's own, of those that fail, or none
    #[arg(long, value_name = "WHOSE", default_value = "all", hide_possible_values = true)]
    pub logs: LogsMode,
    /// Begin each line of a log with the Pod and the container that wrote it; `auto` does so where
    /// several may write
    #[arg(
        long,
        value_name = "WHEN",
        num_args = 0..=1,
        require_equals = true,
        default_value = "auto",
        default_missing_value = "always"
    )]
    pub prefix: PrefixMode,
    /// Begin each line of a log with the time at which it was written
    #[arg(long)]
    pub timestamps: bool,
}

/// Whose logs are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogsMode {
    /// Of all containers.
    All,
    /// Of the containers that run the task.
    Main,
    /// Of the containers that fail.
    Failed,
    /// Of none.
    None,
}

/// Whether lines of logs begin with who wrote them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PrefixMode {
    /// Where several may write.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The stage at which a dry run ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DryRun {
    /// Before anything is sent.
    Client,
    /// After the API server has checked, defaulted and admitted the Job.
    Server,
}

/// The format of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RunOutput {
    /// Lines for people on stderr, the containers' lines on stdout.
    Human,
    /// One JSON event per line on stdout.
    Json,
}
