//! The commands for runs that are under way or over.

use super::OutputMode;
use super::files::journal;
use super::idle;
use super::output::Volume;
use super::run::{On, duration, target};
use crate::cli::{AttachArgs, DescribeFormat, EndArgs, ListArgs, LogsArgs, RunOutput, StatusArgs};
use crate::cluster::{ClusterTarget, Logs, Patience};
use crate::error::Error;
use std::path::PathBuf;

/// A command for runs.
pub struct RunsPlan {
    /// The warnings about the command line.
    pub warnings: Vec<String>,
    /// The cluster.
    pub target: ClusterTarget,
    /// The folder of the journal.
    pub journal: Option<PathBuf>,
    /// What becomes of the runs.
    pub action: RunsAction,
    /// The output mode.
    pub output: OutputMode,
}

/// What becomes of runs.
pub enum RunsAction {
    /// They are listed.
    List(DescribeFormat),
    /// Something becomes of one: of the Job of this name; none is the last that was started here.
    One(Option<String>, OneAction),
}

/// What becomes of one run.
pub enum OneAction {
    /// It is shown how far it is.
    Status(DescribeFormat),
    /// It is followed to its end.
    Attach {
        /// The time to wait.
        patience: Patience,
        /// Whose logs are told.
        logs: Logs,
        /// What a signal does with it.
        on_interrupt: On,
    },
    /// Its logs are printed.
    Logs,
    /// It is stopped and removed.
    Cancel,
    /// It is removed.
    Delete,
}

impl RunsPlan {
    pub(super) fn list(args: ListArgs, program: &'static str) -> Self {
        let target = target(args.cluster, None, program);
        Self::new(target, RunsAction::List(args.output))
    }

    pub(super) fn status(args: StatusArgs, program: &'static str) -> Self {
        let target = target(args.cluster, None, program);
        Self::one(target, args.name, OneAction::Status(args.output))
    }

    pub(super) fn attach(
        args: AttachArgs,
        program: &'static str,
        fetching: Option<String>,
    ) -> Result<Self, Error> {
        let timeout = duration("--timeout", args.timeout.as_deref())?;
        let action = OneAction::Attach {
            patience: Patience { timeout, ..Patience::default() }.start(),
            logs: Logs::from(&args.logs),
            on_interrupt: args.on_interrupt.into(),
        };
        let warnings = idle::of_attach(&args);
        let target = ClusterTarget { fetching, ..target(args.cluster, None, program) };
        let plan = Self::one(target, args.name, action);
        let is_json = args.output == RunOutput::Json;
        let prefix = args.logs.prefix.into();
        let propagates = args.propagate;
        let output = OutputMode { is_json, prefix, propagates, ..OutputMode::default() };
        Ok(Self { warnings, output, ..plan })
    }

    pub(super) fn logs(args: LogsArgs, program: &'static str) -> Self {
        let (patience, logs) = (Patience::default(), Logs::default());
        let action = match args.follow {
            true => OneAction::Attach { patience, logs, on_interrupt: On::Detach },
            false => OneAction::Logs,
        };
        let plan = Self::one(target(args.cluster, None, program), args.name, action);
        let output = OutputMode { volume: Volume::Quiet, ..OutputMode::default() };
        Self { output, ..plan }
    }

    pub(super) fn end(args: EndArgs, action: OneAction, program: &'static str) -> Self {
        Self::one(target(args.cluster, None, program), args.name, action)
    }

    fn one(target: ClusterTarget, name: Option<String>, action: OneAction) -> Self {
        Self::new(target, RunsAction::One(name, action))
    }

    fn new(target: ClusterTarget, action: RunsAction) -> Self {
        let (warnings, output) = (Vec::new(), OutputMode::default());
        Self { warnings, target, journal: journal(), action, output }
    }
}
