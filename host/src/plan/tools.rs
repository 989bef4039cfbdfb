//! What is meant by `policy …`: the files are read here.

use super::policies::{self, Policies};
use super::source::source;
use super::{DescribeFormat, Explain, ManifestFormat, Voice, cache, explain, lock, read_text};
use crate::cli::{PolicyArgs, PolicyCommand};
use crate::error::Error;
use crate::policy::{LazyCache, PolicySource, Replay};
use serde_json::json;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// What to do with policies besides asking them.
pub enum Tool {
    /// Show what a file is and can do.
    Inspect {
        /// The file.
        source: Box<PolicySource>,
        /// As a table or as JSON.
        format: DescribeFormat,
    },
    /// Write down which policies are in use.
    Lock {
        /// The policies of the policies file.
        policies: Policies,
        /// Where to write.
        path: PathBuf,
    },
    /// Compile policies into the cache.
    Precompile {
        /// The policies.
        policies: Policies,
        /// The cache's folder.
        cache: PathBuf,
    },
    /// Review what was recorded again.
    Replay {
        /// What was recorded.
        replay: Box<Replay>,
        /// The recording.
        path: PathBuf,
        /// Where compiled policies are kept, if anywhere.
        cache: Option<PathBuf>,
        /// How to tell the edits.
        explain: Explain,
        /// YAML or JSON.
        format: ManifestFormat,
    },
}

impl Tool {
    pub(super) fn new(command: PolicyCommand) -> Result<Self, Error> {
        match command {
            PolicyCommand::Inspect(args) => {
                let source =
                    source(Some("inspected"), &args.file, json!({}), "the command line", &LazyCache::default())?;
                Ok(Self::Inspect { source: source.into(), format: args.output })
            }
            PolicyCommand::Lock(args) => {
                let policies = of_file(args.policies, &[])?;
                let from = policies.from.as_ref().ok_or_else(no_file)?;
                Ok(Self::Lock { path: lock::path(&from.path), policies })
            }
            PolicyCommand::Precompile(args) => {
                let policies = of_file(args.policies, &args.files)?;
                if policies.sources.is_empty() {
                    return Err(no_file());
                }
                let cache = cache(false).ok_or_else(|| Error::Usage {
                    what: "there is no place for compiled policies".into(),
                    hint: "set `HOME` or `XDG_CACHE_HOME`".into(),
                })?;
                Ok(Self::Precompile { policies, cache })
            }
            PolicyCommand::Replay(args) => {
                let (path, explain) = (args.file, explain(args.explain));
                let replay = replay(&path)?.into();
                Ok(Self::Replay { replay, path, cache: cache(false), explain, format: args.output })
            }
        }
    }

    /// How to tell what happens.
    pub fn voice(&self) -> Voice {
        match self {
            Self::Replay { explain, .. } => Voice { is_json: false, explain: *explain },
            _ => Voice::default(),
        }
    }
}

/// The policies of the policies file, and further files under names of their own.
fn of_file(policies: Option<OsString>, files: &[PathBuf]) -> Result<Policies, Error> {
    let none = LazyCache::default();
    let mut all = policies::read(&PolicyArgs { policies, ..PolicyArgs::default() }, &none)?;
    for (index, path) in files.iter().enumerate() {
        let name = format!("file-{index}");
        all.sources.push(source(Some(&name), Path::new(path), json!({}), "the command line", &none)?);
    }
    Ok(all)
}

fn replay(path: &Path) -> Result<Replay, Error> {
    const WHAT: &str = "the recording";
    Replay::read(&read_text(WHAT, path)?).map_err(|why| Error::Configuration {
        what: WHAT,
        path: path.to_owned(),
        why,
        hint: "`run` and `render` write recordings with `--record FILE`".into(),
    })
}

fn no_file() -> Error {
    Error::Usage {
        what: "no policies are named".into(),
        hint: "name a policies file with `--policies FILE` or the variable `MLCUBE_K8S_POLICIES`".into(),
    }
}
