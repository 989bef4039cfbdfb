//! The meaning of the command line. The user's files and the environment are read here, once; after
//! this nothing depends on them. The files of policies are not opened here: their host does that.

mod adjust;
mod claims;
mod container;
mod cube;
mod data;
mod files;
mod idle;
mod in_force;
mod jobs;
mod lock;
mod logs;
mod output;
mod path;
mod policies;
mod policies_file;
mod policy;
mod preflight;
mod run;
mod runs;
mod set;
mod shared_memory;
mod source;
mod typed;

pub use crate::cli::{DescribeFormat, ManifestFormat};
pub use cube::CubePlan;
pub use data::{DataPlan, FetchPlan, StagePlan};
pub use in_force::PoliciesFrom;
pub use jobs::JobPlan;
pub use lock::LockFile;
pub use output::{Explain, OutputMode, Prefix, Volume};
pub use policies::Policies;
pub use policy::{PolicyPlan, ReplayPlan};
pub use preflight::PreflightPlan;
pub use run::{After, On, RenderAction, RenderPlan, RunAction, RunPlan};
pub use runs::{OneAction, RunsAction, RunsPlan};

use crate::cli::{self, Cli, Command, RunArgs};
use crate::error::Error;
use crate::text::shell_word;
use crate::yaml::nearest;

/// The option that creates claims, which the remedy of a missing one adds to the command.
const CREATE: &str = "--create-claims";

/// The plan of a command.
pub enum Plan {
    /// `run`.
    Run(Box<RunPlan>),
    /// `stage`.
    Stage(Box<StagePlan>),
    /// `fetch`.
    Fetch(Box<FetchPlan>),
    /// `plan`.
    Preflight(Box<PreflightPlan>),
    /// `render`.
    Render(Box<RenderPlan>),
    /// A command for runs that are under way or over.
    Runs(Box<RunsPlan>),
    /// A command that inspects a cube.
    Cube(Box<CubePlan>),
    /// `policy …`.
    Policy(Box<PolicyPlan>),
    /// A text to print: a script for a shell, a manual page.
    Text(String),
    /// The schema of events.
    Schema,
}

impl Plan {
    /// Make the plan of a command line, and how its output looks.
    pub fn new(cli: Cli) -> Result<(Self, OutputMode), Error> {
        let (volume, is_plugin, program) = (Volume::of(cli.volume), cli.is_plugin, cli.program());
        let (creating, fetching) = (cli.with(CREATE), fetching(&cli));
        let plan = match cli.command {
            Command::Run(args) => {
                Self::Run(RunPlan::new(args, program, creating, fetching)?.into())
            }
            Command::Plan(args) => {
                Self::Preflight(PreflightPlan::new(args, program, creating)?.into())
            }
            Command::Render(args) => Self::Render(RenderPlan::new(args, program)?.into()),
            Command::Stage(args) => Self::Stage(StagePlan::new(args, program, creating)?.into()),
            Command::Fetch(args) => Self::Fetch(FetchPlan::new(args, program)?.into()),
            Command::List(args) => Self::Runs(RunsPlan::list(args, program).into()),
            Command::Status(args) => Self::Runs(RunsPlan::status(args, program).into()),
            Command::Attach(args) => Self::Runs(RunsPlan::attach(args, program, fetching)?.into()),
            Command::Logs(args) => Self::Runs(RunsPlan::logs(args, program).into()),
            Command::Cancel(args) => {
                Self::Runs(RunsPlan::end(args, OneAction::Cancel, program).into())
            }
            Command::Delete(args) => {
                Self::Runs(RunsPlan::end(args, OneAction::Delete, program).into())
            }
            Command::Describe(args) => Self::Cube(CubePlan::describe(&args)?.into()),
            Command::Config(args) => Self::Cube(CubePlan::config(&args)?.into()),
            Command::Configure(args) => Self::Cube(CubePlan::configure(&args)?.into()),
            Command::Inspect(args) => Self::Cube(CubePlan::inspect(&args)?.into()),
            Command::Policy { command } => Self::Policy(PolicyPlan::new(command)?.into()),
            Command::Completion { shell } => Self::Text(cli::completion(shell, is_plugin)),
            Command::Man { command } => Self::Text(manual(&command)?),
            Command::Schema => Self::Schema,
            Command::Candidates { words } => Self::Text(cli::candidates(&words)),
        };
        let output = plan.output();
        let volume = if output.volume == Volume::Quiet { Volume::Quiet } else { volume };
        Ok((plan, OutputMode { volume, ..output }))
    }

    fn output(&self) -> OutputMode {
        match self {
            Self::Run(plan) => plan.output,
            Self::Stage(plan) => plan.output,
            Self::Fetch(plan) => plan.output,
            Self::Preflight(plan) => plan.output,
            Self::Render(plan) => plan.output,
            Self::Runs(plan) => plan.output,
            Self::Cube(_) | Self::Text(_) | Self::Schema => OutputMode::default(),
            Self::Policy(plan) => plan.output(),
        }
    }
}

/// What `fetch` needs beside the name of a Job and its cluster, for the command that brings its
/// outputs; none where there is nothing to bring any more. Who attaches may not have the cube.
fn fetching(cli: &Cli) -> Option<String> {
    match &cli.command {
        Command::Run(RunArgs { data, after, dry_run: None, .. })
            if data.fetch.is_some() || !after.rm =>
        {
            let folder = data.fetch.iter().flatten().next();
            let to = folder.map(|folder| format!("--to={}", folder.display()));
            let to = to.map(|word| format!(" {}", shell_word(&word))).unwrap_or_default();
            cli.for_fetch().map(|options| options + &to)
        }
        Command::Attach(_) => Some(" --to=outputs".into()),
        _ => None,
    }
}

fn manual(command: &[String]) -> Result<String, Error> {
    cli::manual(command).map_err(|(word, known)| Error::Usage {
        what: format!("there is no command `{word}`"),
        hint: nearest::advice(&word, known.iter().map(String::as_str)).unwrap_or_default(),
    })
}
