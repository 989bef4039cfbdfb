//! The errors that can end a command early.
#![allow(missing_docs, reason = "the message of each error says what its fields are")]

use crate::cluster::ClusterError;
use crate::files::FileError;
use crate::job::Rejected;
use crate::policy::{Configured, Deviation, PolicyError, ReviewError};
use crate::yaml::ConfigError;
use std::path::PathBuf;

/// The error of a command.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The command line is invalid.
    #[error("{what}")]
    Usage { what: String, hint: String },
    /// A file that cannot be read.
    #[error("cannot read {what} `{path}`: {source}")]
    File { what: &'static str, path: PathBuf, source: FileError },
    /// A file that cannot be written.
    #[error("cannot write {what} `{path}`: {source}")]
    Unwritable { what: &'static str, path: PathBuf, source: FileError },
    /// A file of this program, a lock or a recording, is invalid.
    #[error("{what} `{path}`: {why}")]
    Configuration { what: &'static str, path: PathBuf, why: String, hint: String },
    /// The cube, a setting or a policies file is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A policy cannot be used or broke.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// A policy rejected the Job.
    #[error("policy `{}` rejects the Job: {}", .0.policy, .0.rejection.reason)]
    Rejected(Box<Rejected>),
    /// A policy rejected the Pod that carries data.
    #[error("policy `{}` rejects the Pod that carries data: {}", .0.policy, .0.rejection.reason)]
    RejectedHelper(Box<Rejected>),
    /// A replay deviates from its recording.
    #[error("the replay deviates from the recording `{path}`: {deviation}")]
    Deviates { path: PathBuf, program: String, deviation: Box<Deviation> },
    /// The cluster cannot be used or refused.
    #[error(transparent)]
    Cluster(#[from] ClusterError),
}

impl From<ReviewError> for Error {
    fn from(error: ReviewError) -> Self {
        match error {
            ReviewError::Rejected(rejected) => Self::Rejected(Box::new(rejected)),
            ReviewError::Broken(broken) => Self::Policy(broken.error),
        }
    }
}

impl Error {
    /// The remedy, on a command whose policies are configured like this.
    pub fn hint(&self, by: Configured) -> Option<String> {
        match self {
            Self::Usage { hint, .. } | Self::Configuration { hint, .. } => {
                Some(hint.clone()).filter(|hint| !hint.is_empty())
            }
            Self::File { what, source, .. } => Some(source.hint_to_read(what)),
            Self::Unwritable { what, source, .. } => Some(source.hint_to_write(what)),
            Self::Deviates { program, .. } => Some(format!(
                "the recording is from version {program} of this program, this is {}; \
                 if they are the same, the recording was altered",
                env!("CARGO_PKG_VERSION")
            )),
            Self::Config(error) => error.hint().map(str::to_owned),
            Self::Policy(error) => error.hint(by),
            Self::Rejected(rejected) | Self::RejectedHelper(rejected) => {
                rejected.rejection.remedy.clone()
            }
            Self::Cluster(error) => error.hint(),
        }
    }
}
