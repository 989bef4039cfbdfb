//! The command line: commands, flags and their help. `plan` decides what they mean.

mod policy;

pub use policy::{
    ExplainFormat, InspectPolicyArgs, LockArgs, PolicyArgs, PolicyCommand, PrecompileArgs,
    ReplayArgs,
};

use crate::k8s::Namespace;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Run an MLCube on Kubernetes through WebAssembly policies.
#[derive(Debug, Parser)]
#[command(name = "mlcube-k8s", version, max_term_width = 100)]
pub struct Cli {
    /// The command.
    #[command(subcommand)]
    pub command: Command,
}

/// The command.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run tasks of a cube: review the Job, submit it, stream its logs, wait, and report the
    /// outcome by the exit code
    Run(RunArgs),
    /// Print the Job as it would be submitted, without a cluster
    Render(RenderArgs),
    /// List the tasks of a cube with their parameters
    Describe(DescribeArgs),
    /// Print the effective configuration: the cube, the platform and the overrides in one
    #[command(visible_alias = "show_config", alias = "show-config")]
    Config(ConfigArgs),
    /// Report that this runner needs no configuration step
    Configure(ConfigureArgs),
    /// Print the runner's view of a cube: image, claims, namespace, tasks
    Inspect(InspectArgs),
    /// Inspect, lock, precompile and replay policies
    Policy {
        /// The command.
        #[command(subcommand)]
        command: PolicyCommand,
    },
}

/// `run`.
#[derive(Debug, Args)]
pub struct RunArgs {
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
    /// Which cluster.
    #[command(flatten)]
    pub cluster: ClusterArgs,
    /// Stop before the cluster keeps anything: `client` prints the Job, `server` lets the API
    /// server check it first
    #[arg(
        long,
        value_name = "WHERE",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "client"
    )]
    pub dry_run: Option<DryRun>,
    /// Stop waiting after this long (`90s`, `10m`, `2h`); the Job keeps running
    #[arg(long, value_name = "DURATION")]
    pub timeout: Option<String>,
    /// Show every edit of every policy
    #[arg(long)]
    pub explain: bool,
    /// The format of events: lines for people on stderr, or one JSON event per line on stdout
    #[arg(short, long, value_name = "FORMAT", default_value = "human")]
    pub output: RunOutput,
}

/// `render`.
#[derive(Debug, Args)]
pub struct RenderArgs {
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
    /// The namespace to write into the manifest
    #[arg(short, long)]
    pub namespace: Option<Namespace>,
    /// Show which policy changed which field, from what to what, and why: on stderr, or as JSON
    /// lines instead of the manifest
    #[arg(
        long,
        value_name = "FORMAT",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "lines"
    )]
    pub explain: Option<ExplainFormat>,
    /// Keep `metadata.generateName` instead of a name (for `kubectl create`)
    #[arg(long)]
    pub generate_name: bool,
    /// The format of the manifest
    #[arg(short, long, value_name = "FORMAT", default_value = "yaml")]
    pub output: ManifestFormat,
}

/// `describe`.
#[derive(Debug, Args)]
pub struct DescribeArgs {
    /// The cube.
    #[command(flatten)]
    pub cube: CubeArgs,
    /// The format of the description
    #[arg(short, long, value_name = "FORMAT", default_value = "table")]
    pub output: DescribeFormat,
}

/// `config`.
#[derive(Debug, Args)]
pub struct ConfigArgs {
    /// The cube.
    #[command(flatten)]
    pub cube: CubeArgs,
    /// Resolve interpolations such as `${name}`
    #[arg(long)]
    pub resolve: bool,
    /// The format of the configuration
    #[arg(short, long, value_name = "FORMAT", default_value = "yaml")]
    pub output: ManifestFormat,
}

/// `configure`.
#[derive(Debug, Args)]
pub struct ConfigureArgs {
    /// The cube.
    #[command(flatten)]
    pub cube: CubeArgs,
}

/// `inspect`.
#[derive(Debug, Args)]
pub struct InspectArgs {
    /// The cube.
    #[command(flatten)]
    pub cube: CubeArgs,
    /// The format of the answer
    #[arg(short, long, value_name = "FORMAT", default_value = "yaml")]
    pub output: ManifestFormat,
}

/// The cube and its configuration.
#[derive(Debug, Args)]
pub struct CubeArgs {
    /// The cube: a folder with `mlcube.yaml`, or the file itself
    #[arg(long, value_name = "PATH", default_value = ".")]
    pub mlcube: PathBuf,
    /// The platform of the system settings to use
    #[arg(long, value_name = "NAME")]
    pub platform: Option<String>,
    /// The workspace that `${workspace}` stands for
    #[arg(long, value_name = "PATH")]
    pub workspace: Option<PathBuf>,
    /// Override a value of the configuration, as in `-Pdocker.image=team/mnist:2`
    #[arg(short = 'P', short_alias = 'p', value_name = "KEY=VALUE")]
    pub overrides: Vec<String>,
}

/// The tasks of a cube and the values of their parameters.
#[derive(Debug, Args)]
pub struct TaskArgs {
    /// The tasks, separated by commas; required if the cube has several
    #[arg(long, value_name = "TASK,…", value_delimiter = ',')]
    pub task: Vec<String>,
    /// How inputs are mounted, whatever the cube says
    #[arg(long, value_name = "MODE")]
    pub mount: Option<MountMode>,
    /// Values of the task's parameters
    #[arg(value_name = "PARAMETER=VALUE")]
    pub values: Vec<String>,
}

/// The resources of a container, with the flags of MLCube's other runners.
#[derive(Debug, Args)]
pub struct ContainerArgs {
    /// The number of GPUs of a task, instead of `platform.accelerator_count`; empty for none
    #[arg(long, value_name = "NUMBER")]
    pub gpus: Option<String>,
    /// The most memory that a task may use, as in `512m`, `8g` or `8Gi`
    #[arg(long, value_name = "AMOUNT")]
    pub memory: Option<String>,
    /// The number of CPUs that a task may use, as in `2`, `1.5` or `500m`
    #[arg(long, value_name = "NUMBER")]
    pub cpu: Option<String>,
    /// Has no effect on Kubernetes: a warning says what to do instead
    #[arg(long, value_name = "NETWORK")]
    pub network: Option<String>,
    /// Has no effect on Kubernetes: a warning says what to do instead
    #[arg(long, value_name = "OPTIONS")]
    pub security: Option<String>,
}

/// Which cluster.
#[derive(Debug, Args)]
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

/// The format of a description.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DescribeFormat {
    /// Aligned columns.
    Table,
    /// JSON.
    Json,
}

/// The format of a manifest or a configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ManifestFormat {
    /// YAML.
    Yaml,
    /// JSON.
    Json,
}

/// How inputs are mounted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum MountMode {
    /// Read-only.
    Ro,
    /// Read and write.
    Rw,
}
