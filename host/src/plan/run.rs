//! `run` and `render`: what becomes of the admitted Jobs.

use super::claims;
use super::data::DataPlan;
use super::files::journal;
use super::idle;
use super::jobs::{self, JobPlan, Reading};
use super::output::{Explain, OutputMode};
use super::policies::Policies;
use crate::cli::{
    AfterArgs, ClusterArgs, DryRun, ManifestFormat, OnInterrupt, RenderArgs, RunArgs, RunOutput,
};
use crate::cluster::{ClusterTarget, Logs, Patience};
use crate::cube::BoundTask;
use crate::error::Error;
use crate::job::MissingClaims;
use crate::k8s::Namespace;
use std::path::PathBuf;
use std::time::Duration;

/// `run`.
pub struct RunPlan {
    /// The warnings about the cube and the command line.
    pub warnings: Vec<String>,
    /// The Jobs.
    pub jobs: JobPlan,
    /// The policies that review them.
    pub policies: Policies,
    /// The cluster.
    pub target: ClusterTarget,
    /// What becomes of claims that the Jobs name and the namespace does not have.
    pub claims: MissingClaims,
    /// The action on the admitted Jobs.
    pub action: RunAction,
    /// The output mode.
    pub output: OutputMode,
}

/// The action of `run` on the admitted Jobs.
pub enum RunAction {
    /// Print them.
    Print {
        /// YAML or JSON.
        format: ManifestFormat,
    },
    /// Let the API server check them in a dry run, and print the Jobs as it would store them.
    Check {
        /// YAML or JSON.
        format: ManifestFormat,
    },
    /// Submit them and wait.
    Submit {
        /// The time to wait.
        patience: Patience,
        /// The logs to tell.
        logs: Logs,
        /// What becomes of the Jobs.
        after: After,
        /// The data that is carried.
        data: Option<Box<DataPlan>>,
        /// The folder of the journal.
        journal: Option<PathBuf>,
    },
}

/// What becomes of a Job that is submitted.
#[derive(Clone, Copy, Debug)]
pub struct After {
    /// It is not watched.
    pub detach: bool,
    /// It is removed once it has succeeded.
    pub remove: bool,
    /// What a signal does with it.
    pub on_interrupt: On,
}

/// What a signal does with a Job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum On {
    /// It goes on.
    Detach,
    /// It is cancelled.
    Cancel,
}

impl From<OnInterrupt> for On {
    fn from(on: OnInterrupt) -> Self {
        match on {
            OnInterrupt::Detach => Self::Detach,
            OnInterrupt::Cancel => Self::Cancel,
        }
    }
}

/// `render`.
pub struct RenderPlan {
    /// The warnings about the cube and the command line.
    pub warnings: Vec<String>,
    /// The Jobs.
    pub jobs: JobPlan,
    /// The policies that review them.
    pub policies: Policies,
    /// The action on the admitted Jobs.
    pub action: RenderAction,
    /// The output mode.
    pub output: OutputMode,
}

/// The action of `render` on the admitted Jobs.
pub enum RenderAction {
    /// Nothing: only the reviews are printed.
    Explain,
    /// Print them.
    Print {
        /// YAML or JSON.
        format: ManifestFormat,
        /// Keep `generateName` instead of a name that follows from the content.
        keep_generate_name: bool,
    },
}

impl RunPlan {
    pub(super) fn new(
        args: RunArgs,
        program: &'static str,
        creating: Option<String>,
        fetching: Option<String>,
    ) -> Result<Self, Error> {
        let namespace = args.cluster.namespace.clone();
        let claims = claims::read(&args.claims, creating)?;
        let Reading { jobs, policies, mut warnings } = jobs::read(&args.jobs, namespace, program)?;
        warnings.extend(idle::of_run(&args));
        let timeout = duration("--timeout", args.timeout.as_deref())?;
        let start_timeout = duration("--start-timeout", args.start_timeout.as_deref())?;
        let after = after(args.after, &jobs.tasks)?;
        let data = DataPlan::of_run(args.data, &jobs.cube)?;
        let target = target(args.cluster, jobs.namespace.as_ref(), program);
        let target = ClusterTarget { fetching, ..target };
        if args.dry_run == Some(DryRun::Client) && args.claims.create_claims {
            warnings.push(
                "`--create-claims` has no effect: no cluster is asked which claims there are; \
                 `--dry-run=server` does that"
                    .into(),
            );
        }
        let wants_json = args.output == RunOutput::Json;
        let format = if wants_json { ManifestFormat::Json } else { ManifestFormat::Yaml };
        let action = match args.dry_run {
            Some(DryRun::Client) => RunAction::Print { format },
            Some(DryRun::Server) => RunAction::Check { format },
            None => RunAction::Submit {
                patience: Patience { timeout, start_timeout, ..Patience::default() }.start(),
                logs: Logs::from(&args.logs),
                after,
                data: data.map(Box::new),
                journal: journal(),
            },
        };
        let output = OutputMode {
            // The output of a dry run is the manifest: events go to stderr then.
            is_json: wants_json && args.dry_run.is_none(),
            explain: if args.explain { Explain::Lines } else { Explain::No },
            prefix: args.logs.prefix.into(),
            propagates: args.propagate,
            ..OutputMode::default()
        };
        Ok(Self { warnings, jobs, policies, target, claims, action, output })
    }
}

impl RenderPlan {
    pub(super) fn new(args: RenderArgs, program: &'static str) -> Result<Self, Error> {
        let Reading { jobs, policies, warnings } = jobs::read(&args.jobs, args.namespace, program)?;
        let explain = args.explain.into();
        let action = match explain {
            Explain::Json => RenderAction::Explain,
            Explain::No | Explain::Lines => {
                RenderAction::Print { format: args.output, keep_generate_name: args.generate_name }
            }
        };
        let output = OutputMode { explain, ..OutputMode::default() };
        Ok(Self { warnings, jobs, policies, action, output })
    }
}

/// The cluster that was typed, in the namespace that was typed or another.
pub(super) fn target(
    args: ClusterArgs,
    namespace: Option<&Namespace>,
    program: &'static str,
) -> ClusterTarget {
    let ClusterArgs { namespace: typed, context, kubeconfig } = args;
    let namespace = typed.or_else(|| namespace.cloned());
    ClusterTarget { kubeconfig, context, namespace, program, fetching: None }
}

/// What becomes of the Jobs of these tasks.
fn after(args: AfterArgs, tasks: &[BoundTask]) -> Result<After, Error> {
    if args.detach && tasks.len() > 1 {
        return Err(Error::Usage {
            what: "`--detach` submits one task: the next would not wait for its end".into(),
            hint: "submit them one by one with `--task`, each when the one before is over".into(),
        });
    }
    let on_interrupt = args.on_interrupt.into();
    Ok(After { detach: args.detach, remove: args.rm, on_interrupt })
}

/// The duration of a flag.
pub(super) fn duration(flag: &str, text: Option<&str>) -> Result<Option<Duration>, Error> {
    let Some(text) = text else { return Ok(None) };
    let span = text.parse::<jiff::SignedDuration>().ok();
    let span = span.and_then(|span| Duration::try_from(span).ok());
    let duration = span.or_else(|| text.parse().ok().map(Duration::from_secs));
    let duration = duration.filter(|duration| !duration.is_zero());
    duration.map(Some).ok_or_else(|| Error::Usage {
        what: format!("`{flag} {text}` is not a duration"),
        hint: "give a duration such as `90s`, `10m` or `1h30m`".into(),
    })
}
