//! The commands for runs that are under way or over, and what becomes of a run that is left.

use super::{ClusterArgs, DescribeFormat, LogArgs, RunOutput};
use clap::{Args, ValueEnum};

/// What becomes of the Job before and after the wait.
#[derive(Clone, Copy, Debug, Args)]
#[command(next_help_heading = "Cluster")]
pub struct AfterArgs {
    /// Submit the Job of one task and return at once: `attach` comes back to it
    #[arg(short, long, conflicts_with_all = ["timeout", "rm", "on_interrupt"])]
    pub detach: bool,
    /// Remove each Job once its task has succeeded and, with `--fetch`, its outputs are here
    #[arg(long)]
    pub rm: bool,
    /// What Ctrl-C, SIGTERM and SIGHUP do with the Job: leave it, or cancel it
    #[arg(long, value_name = "WHAT", default_value = "detach")]
    pub on_interrupt: OnInterrupt,
}

/// What a signal does with the Job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OnInterrupt {
    /// It goes on.
    Detach,
    /// It is cancelled.
    Cancel,
}

/// `list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Which cluster.
    #[command(flatten)]
    pub cluster: ClusterArgs,
    /// The format of the list
    #[arg(short, long, help_heading = "Output", value_name = "FORMAT", default_value = "table")]
    pub output: DescribeFormat,
}

/// `status`.
#[derive(Debug, Args)]
pub struct StatusArgs {
    /// The run: the name of its Job; without one the last that was started here
    pub name: Option<String>,
    /// Which cluster.
    #[command(flatten)]
    pub cluster: ClusterArgs,
    /// The format of the status
    #[arg(short, long, help_heading = "Output", value_name = "FORMAT", default_value = "table")]
    pub output: DescribeFormat,
}

/// `attach`.
#[derive(Debug, Args)]
pub struct AttachArgs {
    /// The run: the name of its Job; without one the last that was started here
    pub name: Option<String>,
    /// Which cluster.
    #[command(flatten)]
    pub cluster: ClusterArgs,
    /// Stop waiting after this long (`90s`, `10m`, `2h`); the Job keeps running
    #[arg(long, help_heading = "Cluster", value_name = "DURATION")]
    pub timeout: Option<String>,
    /// What Ctrl-C, SIGTERM and SIGHUP do with the Job: leave it, or cancel it
    #[arg(long, help_heading = "Cluster", value_name = "WHAT", default_value = "detach")]
    pub on_interrupt: OnInterrupt,
    /// Which logs are shown, and how.
    #[command(flatten)]
    pub logs: LogArgs,
    /// Exit with the exit code of the container if the task failed
    #[arg(long, help_heading = "Output")]
    pub propagate: bool,
    /// The format of events: lines for people on stderr, or one JSON event per line on stdout
    #[arg(short, long, help_heading = "Output", value_name = "FORMAT", default_value = "human")]
    pub output: RunOutput,
}

/// `logs`.
#[derive(Debug, Args)]
pub struct LogsArgs {
    /// The run: the name of its Job; without one the last that was started here
    pub name: Option<String>,
    /// Which cluster.
    #[command(flatten)]
    pub cluster: ClusterArgs,
    /// Follow them to the end of the run, as `attach --quiet` does
    #[arg(short, long, help_heading = "Output")]
    pub follow: bool,
}

/// `cancel` and `delete`.
#[derive(Debug, Args)]
pub struct EndArgs {
    /// The run: the name of its Job; without one the last that was started here
    pub name: Option<String>,
    /// Which cluster.
    #[command(flatten)]
    pub cluster: ClusterArgs,
}
