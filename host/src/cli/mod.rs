//! What may be typed. Nothing is decided here: `plan` says what it means.

mod policy;

pub use policy::{ExplainFormat, InspectPolicyArgs, LockArgs, PolicyArgs, PolicyCommand, PrecompileArgs, ReplayArgs};

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Run an MLCube on Kubernetes through WebAssembly policies.
#[derive(Debug, Parser)]
#[command(name = "mlcube-k8s", version, max_term_width = 100)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run tasks of a cube: review the Job, submit it, stream its logs, wait, and tell the truth by the exit code
    Run(RunArgs),
    /// Print the Job as it would be submitted; no cluster is needed
    Render(RenderArgs),
    /// List the tasks of a cube with their parameters
    Describe(DescribeArgs),
    /// Print the effective configuration: the cube, the platform and the overrides in one
    #[command(visible_alias = "show_config", alias = "show-config")]
    Config(ConfigArgs),
    /// Say that this runner needs no configuration step
    Configure(ConfigureArgs),
    /// Print what the runner makes of a cube: image, claims, namespace, tasks
    Inspect(InspectArgs),
    /// Look at policies, lock them, prepare them
    Policy {
        /// What to do.
        #[command(subcommand)]
        command: PolicyCommand,
    },
}

/// `run`.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// Which cube.
    #[command(flatten)]
    pub cube: CubeArgs,
    /// Which of its tasks.
    #[command(flatten)]
    pub tasks: TaskArgs,
    /// What their containers may use.
    #[command(flatten)]
    pub limits: LimitArgs,
    /// Which policies.
    #[command(flatten)]
    pub policies: PolicyArgs,
    /// Which cluster.
    #[command(flatten)]
    pub cluster: ClusterArgs,
    /// Stop before the cluster keeps anything: `client` prints the Job, `server` lets the API server check it first
    #[arg(long, value_name = "WHERE", num_args = 0..=1, require_equals = true, default_missing_value = "client")]
    pub dry_run: Option<DryRun>,
    /// Stop waiting after this long (`90s`, `10m`, `2h`); the Job goes on
    #[arg(long, value_name = "DURATION")]
    pub timeout: Option<String>,
    /// Show every edit of every policy
    #[arg(long)]
    pub explain: bool,
    /// How to tell what happens: lines for people on stderr, or one JSON event per line on stdout
    #[arg(short, long, value_name = "FORMAT", default_value = "human")]
    pub output: RunOutput,
}

/// `render`.
#[derive(Debug, Args)]
pub struct RenderArgs {
    /// Which cube.
    #[command(flatten)]
    pub cube: CubeArgs,
    /// Which of its tasks.
    #[command(flatten)]
    pub tasks: TaskArgs,
    /// What their containers may use.
    #[command(flatten)]
    pub limits: LimitArgs,
    /// Which policies.
    #[command(flatten)]
    pub policies: PolicyArgs,
    /// The namespace to write into the manifest
    #[arg(short, long)]
    pub namespace: Option<String>,
    /// Show which policy changed which field, from what to what, and why: on stderr, or as JSON lines instead of the manifest
    #[arg(long, value_name = "FORMAT", num_args = 0..=1, require_equals = true, default_missing_value = "lines")]
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
    /// Which cube.
    #[command(flatten)]
    pub cube: CubeArgs,
    /// The format of the description
    #[arg(short, long, value_name = "FORMAT", default_value = "table")]
    pub output: DescribeFormat,
}

/// `config`.
#[derive(Debug, Args)]
pub struct ConfigArgs {
    /// Which cube.
    #[command(flatten)]
    pub cube: CubeArgs,
    /// Put in the values that interpolations such as `${name}` stand for
    #[arg(long)]
    pub resolve: bool,
    /// The format of the configuration
    #[arg(short, long, value_name = "FORMAT", default_value = "yaml")]
    pub output: ManifestFormat,
}

/// `configure`.
#[derive(Debug, Args)]
pub struct ConfigureArgs {
    /// Which cube.
    #[command(flatten)]
    pub cube: CubeArgs,
}

/// `inspect`.
#[derive(Debug, Args)]
pub struct InspectArgs {
    /// Which cube.
    #[command(flatten)]
    pub cube: CubeArgs,
    /// The format of the answer
    #[arg(short, long, value_name = "FORMAT", default_value = "yaml")]
    pub output: ManifestFormat,
}

/// Which cube, with which configuration.
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

/// Which tasks of a cube, with which values.
#[derive(Debug, Args)]
pub struct TaskArgs {
    /// The tasks, separated by commas; needed where the cube has several
    #[arg(long, value_name = "TASK,…", value_delimiter = ',')]
    pub task: Vec<String>,
    /// How inputs are mounted, whatever the cube says
    #[arg(long, value_name = "MODE")]
    pub mount: Option<MountMode>,
    /// Values of the task's parameters
    #[arg(value_name = "PARAMETER=VALUE")]
    pub values: Vec<String>,
}

/// What a container may use, as MLCube's other runners spell it.
#[derive(Debug, Args)]
pub struct LimitArgs {
    /// How many GPUs a task gets, instead of `platform.accelerator_count`; empty for none
    #[arg(long, value_name = "NUMBER")]
    pub gpus: Option<String>,
    /// The most memory that a task may use, as in `512m`, `8g` or `8Gi`
    #[arg(long, value_name = "AMOUNT")]
    pub memory: Option<String>,
    /// How many CPUs a task may use, as in `2`, `1.5` or `500m`
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
    pub namespace: Option<String>,
    /// The context of the kubeconfig
    #[arg(long)]
    pub context: Option<String>,
    /// The kubeconfig, instead of `KUBECONFIG` or the default file
    #[arg(long, value_name = "FILE")]
    pub kubeconfig: Option<PathBuf>,
}

/// Where a dry run ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DryRun {
    /// Before anything is sent.
    Client,
    /// After the API server has checked, defaulted and admitted the Job.
    Server,
}

/// How a run is told.
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
