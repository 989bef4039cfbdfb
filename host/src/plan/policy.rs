//! `policy …`: the commands that inspect, lock, precompile and replay policies.

use super::adjust;
use super::files::{self, read_text};
use super::lock;
use super::output::{Explain, OutputMode};
use super::path;
use super::policies::{self, Policies};
use super::source::unnamed;
use crate::cli::{DescribeFormat, ManifestFormat, PolicyArgs, PolicyCommand};
use crate::error::Error;
use crate::policy::{Configured, Limits, PolicySource, Recording, Replay};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The plan of a command of `policy`.
pub enum PolicyPlan {
    /// Inspect a file: print its description and capabilities.
    Inspect {
        /// The file.
        source: Box<PolicySource>,
        /// The limits.
        limits: Limits,
        /// The folder of compiled policies, if they are kept.
        cache: Option<PathBuf>,
        /// As a table or as JSON.
        format: DescribeFormat,
    },
    /// Lock the policies of the policies file.
    Lock {
        /// The policies of the policies file.
        policies: Policies,
        /// The path of the lock file.
        path: PathBuf,
    },
    /// Compile policies into the cache.
    Precompile {
        /// The policies.
        policies: Policies,
        /// The cache's folder.
        cache: PathBuf,
    },
    /// Replay a recording.
    Replay(Box<ReplayPlan>),
}

/// `policy replay`.
pub struct ReplayPlan {
    /// The recording, read.
    pub replay: Replay,
    /// Its path.
    pub path: PathBuf,
    /// The folder of compiled policies, if they are kept.
    pub cache: Option<PathBuf>,
    /// The format of edits.
    pub explain: Explain,
    /// YAML or JSON.
    pub format: ManifestFormat,
}

impl PolicyPlan {
    pub(super) fn new(command: PolicyCommand) -> Result<Self, Error> {
        match command {
            PolicyCommand::Inspect(args) => {
                let mut limits = Limits::default();
                policies::set_limits(&mut limits, &args.limit)?;
                let source = unnamed(&path::path(&args.file, "the policy")?).into();
                Ok(Self::Inspect { source, limits, cache: files::cache(), format: args.output })
            }
            PolicyCommand::Lock(args) => {
                let policies = of_file(args.policies, args.limit, &[])?;
                let from = policies.from.as_ref().ok_or_else(no_file)?;
                Ok(Self::Lock { path: lock::path(&from.path), policies })
            }
            PolicyCommand::Precompile(args) => {
                let policies = of_file(args.policies, args.limit, &args.files)?;
                if policies.sources.is_empty() {
                    return Err(no_file());
                }
                let cache = files::cache().ok_or_else(|| Error::Usage {
                    what: "there is no cache folder for compiled policies".into(),
                    hint: "set `HOME` or `XDG_CACHE_HOME`".into(),
                })?;
                Ok(Self::Precompile { policies, cache })
            }
            PolicyCommand::Replay(args) => {
                let path = path::path(&args.file, "the recording")?;
                let mut replay = replay(&path, &args.set)?;
                policies::set_limits(&mut replay.limits, &args.limit)?;
                let plan = ReplayPlan {
                    replay,
                    path,
                    cache: files::cache(),
                    explain: args.explain.into(),
                    format: args.output,
                };
                Ok(Self::Replay(plan.into()))
            }
        }
    }

    /// The output mode.
    pub fn output(&self) -> OutputMode {
        match self {
            Self::Replay(plan) => OutputMode {
                explain: plan.explain,
                policies: Configured::ByRecording,
                ..OutputMode::default()
            },
            _ => OutputMode { policies: Configured::ByFile, ..OutputMode::default() },
        }
    }
}

/// The policies of the policies file under its limits and those typed, and further files.
fn of_file(
    policies: Option<OsString>,
    limit: Vec<String>,
    files: &[PathBuf],
) -> Result<Policies, Error> {
    let mut all = policies::read(&PolicyArgs { policies, limit, ..PolicyArgs::default() })?;
    for file in files {
        all.sources.push(unnamed(&path::path(file, "the policy")?));
    }
    Ok(all)
}

/// The recording at a path, with the settings that are given again.
fn replay(path: &Path, set: &[String]) -> Result<Replay, Error> {
    const WHAT: &str = "the recording";
    let text = read_text(WHAT, path, Recording::MOST_BYTES)?;
    let mut replay = Replay::read(&text).map_err(|why| Error::Configuration {
        what: WHAT,
        path: path.to_owned(),
        why,
        hint: "`run` and `render` write recordings with `--record FILE`".into(),
    })?;
    adjust::make(adjust::settings(set)?, &mut replay.sources, &[])?;
    let Some((policy, keys)) = replay.lacks() else { return Ok(replay) };
    let keys = keys.iter().map(|key| key.replace('.', r"\."));
    let place = keys.fold(policy.to_string(), |place, key| format!("{place}.{key}"));
    Err(Error::Configuration {
        what: WHAT,
        path: path.to_owned(),
        why: format!("it does not hold the setting `{place}`, which is secret"),
        hint: format!("give it again: `--set '{place}=VALUE'`"),
    })
}

fn no_file() -> Error {
    Error::Usage {
        what: "no policies are configured".into(),
        hint: "give a policies file with `--policies FILE` or the variable `MLCUBE_K8S_POLICIES`"
            .into(),
    }
}
