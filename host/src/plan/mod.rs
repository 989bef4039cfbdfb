//! The meaning of the command line. The user's files and the environment are read here, once; after
//! this nothing depends on them. The files of policies are not opened here: their host does that.

mod adjust;
mod container;
mod cube;
mod files;
mod in_force;
mod lock;
mod output;
mod path;
mod policies;
mod policies_file;
mod policy;
mod run;
mod set;
mod source;
mod typed;

pub use crate::cli::{DescribeFormat, ManifestFormat};
pub use cube::CubePlan;
pub use in_force::PoliciesFrom;
pub use lock::LockFile;
pub use output::{Explain, OutputMode};
pub use policies::Policies;
pub use policy::{PolicyPlan, ReplayPlan};
pub use run::{JobPlan, RenderAction, RenderPlan, RunAction, RunPlan};

use crate::cli::{Cli, Command};
use crate::error::Error;

/// The plan of a command.
pub enum Plan {
    /// `run`.
    Run(Box<RunPlan>),
    /// `render`.
    Render(Box<RenderPlan>),
    /// A command that inspects a cube.
    Cube(Box<CubePlan>),
    /// `policy …`.
    Policy(Box<PolicyPlan>),
}

impl Plan {
    /// Make the plan of a command line.
    pub fn new(cli: Cli) -> Result<Self, Error> {
        Ok(match cli.command {
            Command::Run(args) => Self::Run(RunPlan::new(args)?.into()),
            Command::Render(args) => Self::Render(RenderPlan::new(args)?.into()),
            Command::Describe(args) => Self::Cube(CubePlan::describe(&args)?.into()),
            Command::Config(args) => Self::Cube(CubePlan::config(&args)?.into()),
            Command::Configure(args) => Self::Cube(CubePlan::configure(&args)?.into()),
            Command::Inspect(args) => Self::Cube(CubePlan::inspect(&args)?.into()),
            Command::Policy { command } => Self::Policy(PolicyPlan::new(command)?.into()),
        })
    }

    /// The output mode.
    pub fn output(&self) -> OutputMode {
        match self {
            Self::Run(plan) => plan.output,
            Self::Render(plan) => plan.output,
            Self::Cube(_) => OutputMode::default(),
            Self::Policy(plan) => plan.output(),
        }
    }
}
