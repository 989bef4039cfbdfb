//! The command line: commands, flags, their help, and tips for what is typed instead. `plan` decides
//! what they mean.

mod claims;
mod cube;
mod data;
mod generate;
mod jobs;
mod policy;
mod read;
mod runs;
mod tips;

pub use claims::{AccessModeArg, ClaimArgs};
pub use cube::{
    ConfigArgs, ConfigureArgs, ContainerArgs, CubeArgs, DescribeArgs, InspectArgs, MountMode,
    TaskArgs,
};
pub use data::{DataArgs, FetchArgs, StageArgs};
pub use generate::{Shell, candidates, completion, manual};
pub use jobs::{
    ClusterArgs, DryRun, JobArgs, LogArgs, LogsMode, PlanArgs, PrefixMode, RenderArgs, RunArgs,
    RunOutput,
};
pub use policy::{
    ExplainFormat, InspectPolicyArgs, LockArgs, PolicyArgs, PolicyCommand, PrecompileArgs,
    ReplayArgs,
};
pub use read::{Unread, read};
pub use runs::{AfterArgs, AttachArgs, EndArgs, ListArgs, LogsArgs, OnInterrupt, StatusArgs};
pub use tips::of_word;

use crate::exit;
use clap::{ArgMatches, Args, Parser, Subcommand, ValueEnum};

/// Run an MLCube on Kubernetes through WebAssembly policies.
#[derive(Debug, Parser)]
#[command(
    name = "mlcube-k8s",
    version,
    propagate_version = true,
    max_term_width = 100,
    after_long_help = exit::help()
)]
pub struct Cli {
    /// How much is told.
    #[command(flatten)]
    pub volume: VolumeArgs,
    /// Whether the program is called as a plugin of kubectl.
    #[arg(skip)]
    pub is_plugin: bool,
    /// The words that were typed behind the program.
    #[arg(skip)]
    pub typed: Vec<String>,
    /// The same as clap understood them.
    #[arg(skip)]
    pub matches: ArgMatches,
    /// The command.
    #[command(subcommand)]
    pub command: Command,
}

/// The command.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run tasks of a cube: review the Job, submit it, stream its logs, wait, and report the
    /// outcome by the exit code
    #[command(after_long_help = exit::help())]
    Run(RunArgs),
    /// Check what a run would meet in the cluster: rights, claims, quotas, nodes, admission; submit
    /// nothing
    Plan(PlanArgs),
    /// Print the Job as it would be submitted, without a cluster
    Render(RenderArgs),
    /// Bring the inputs of tasks from the workspace to their claims; only what has changed is sent
    Stage(StageArgs),
    /// Bring the outputs of a run from their claims to the workspace
    Fetch(FetchArgs),
    /// List the runs in a namespace, from whatever machine
    List(ListArgs),
    /// Show how far a run is
    Status(StatusArgs),
    /// Come back to a run: the lines, the outcome and the exit code are those of `run`
    Attach(AttachArgs),
    /// Print what the containers of a run have written so far
    Logs(LogsArgs),
    /// Stop a run: its Pods end, and its Job is removed
    Cancel(EndArgs),
    /// Remove the Job of a run that is over, with its Pods and logs
    Delete(EndArgs),
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
    /// Print the script that completes commands and options in a shell
    Completion {
        /// The shell
        shell: Shell,
    },
    /// Print the manual page of a command, for `man -l -`
    Man {
        /// The command, such as `run` or `policy lock`; none for the program
        command: Vec<String>,
    },
    /// Print the JSON Schema of the events that `-o json` prints
    Schema,
    /// Complete a line for kubectl
    #[command(hide = true)]
    Candidates {
        /// The words behind the program, the last unfinished
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        words: Vec<String>,
    },
}

/// How much is told, on every command.
#[derive(Clone, Copy, Debug, Default, Args)]
#[command(next_help_heading = "Output")]
pub struct VolumeArgs {
    /// Tell only what the task writes and what may be wrong: warnings, errors, waits
    #[arg(short, long, global = true, conflicts_with = "verbose", overrides_with = "quiet")]
    pub quiet: bool,
    /// Tell more: every line that policies log, full digests, the fuel of each review
    #[arg(short, long, global = true, overrides_with = "verbose")]
    pub verbose: bool,
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
