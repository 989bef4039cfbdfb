//! The cube: its configuration, its tasks and the resources of their containers; and the commands
//! that only look at it.

use super::{DescribeFormat, ManifestFormat};
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// `describe`.
#[derive(Debug, Args)]
pub struct DescribeArgs {
    /// The cube.
    #[command(flatten)]
    pub cube: CubeArgs,
    /// The format of the description
    #[arg(short, long, help_heading = "Output", value_name = "FORMAT", default_value = "table")]
    pub output: DescribeFormat,
}

/// `config`.
#[derive(Debug, Args)]
pub struct ConfigArgs {
    /// The cube.
    #[command(flatten)]
    pub cube: CubeArgs,
    /// Resolve interpolations such as `${name}`
    #[arg(long, help_heading = "Output")]
    pub resolve: bool,
    /// The format of the configuration
    #[arg(short, long, help_heading = "Output", value_name = "FORMAT", default_value = "yaml")]
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
    #[arg(short, long, help_heading = "Output", value_name = "FORMAT", default_value = "yaml")]
    pub output: ManifestFormat,
}

/// The cube and its configuration.
#[derive(Debug, Args)]
#[command(next_help_heading = "Cube")]
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
#[command(next_help_heading = "Cube")]
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
#[command(next_help_heading = "Resources")]
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
    #[arg(long, value_name = "NETWORK", hide = true)]
    pub network: Option<String>,
    /// Has no effect on Kubernetes: a warning says what to do instead
    #[arg(long, value_name = "OPTIONS", hide = true)]
    pub security: Option<String>,
}

/// How inputs are mounted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum MountMode {
    /// Read-only.
    Ro,
    /// Read and write.
    Rw,
}
