//! Everything that can end a run without an outcome, and the one table of exit codes.
#![allow(missing_docs, reason = "the message of each error says what its fields are")]

use crate::cluster::ClusterError;
use crate::job::Rejected;
use crate::outcome::Outcome;
use crate::policy::{Deviation, PolicyError, ReviewError};
use crate::yaml::ConfigError;
use std::path::PathBuf;

/// Why a run could not come to an outcome.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The command line asks for something that makes no sense.
    #[error("{what}")]
    Usage { what: String, hint: String },
    /// A file that cannot be read.
    #[error("cannot read {what} `{path}`: {why}")]
    File { what: &'static str, path: PathBuf, why: String },
    /// A file that cannot be written.
    #[error("cannot write {what} `{path}`: {why}")]
    Unwritable { what: &'static str, path: PathBuf, why: String },
    /// A file of ours that says something wrong.
    #[error("{what} `{path}`: {why}")]
    Configuration { what: &'static str, path: PathBuf, why: String, hint: String },
    /// The cube, a setting or a policies file is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A policy cannot be used or broke.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// A policy said no.
    #[error("policy `{}` rejects the Job: {}", .0.policy, .0.rejection.reason)]
    Rejected(Box<Rejected>),
    /// A recording that says something else than the review of today.
    #[error("the recording `{path}` is not what a replay gives: {deviation}")]
    Deviates { path: PathBuf, program: String, deviation: Box<Deviation> },
    /// The cluster cannot be used or said no.
    #[error(transparent)]
    Cluster(#[from] ClusterError),
}

impl From<ReviewError> for Error {
    fn from(error: ReviewError) -> Self {
        match error {
            ReviewError::Rejected(rejected) => Self::Rejected(Box::new(rejected)),
            ReviewError::Broken(error) => Self::Policy(error),
        }
    }
}

impl Error {
    /// What can be done about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Usage { hint, .. } | Self::Configuration { hint, .. } => {
                Some(hint.clone()).filter(|hint| !hint.is_empty())
            }
            Self::File { what, .. } => Some(format!("check the path of {what} and the right to read it")),
            Self::Unwritable { what, .. } => Some(format!("check the path of {what} and the right to write there")),
            Self::Deviates { program, .. } => Some(format!(
                "it was written by version {program} of this program, this is {}; if they are the same, it was altered",
                env!("CARGO_PKG_VERSION")
            )),
            Self::Config(error) => error.hint().map(str::to_owned),
            Self::Policy(error) => error.hint(),
            Self::Rejected(rejected) => rejected.rejection.remedy.clone(),
            Self::Cluster(error) => error.hint(),
        }
    }
}

/// The exit code of a run. The README's table says the same in words.
pub fn exit_code(result: &Result<Outcome, Error>) -> u8 {
    match result {
        Ok(Outcome::Succeeded) => 0,
        Ok(Outcome::Failed(_)) => 1,
        Err(Error::Rejected(_)) => 3,
        Err(Error::Policy(error)) if error.is_broken_policy() => 4,
        Err(Error::Cluster(error)) if error.is_unreachable() => 5,
        Err(Error::Cluster(error)) if error.is_refusal() => 6,
        Ok(Outcome::Deleted) => 7,
        Ok(Outcome::TimedOut { .. } | Outcome::DeadlineExceeded { .. }) => 8,
        Err(Error::Deviates { .. }) => 9,
        Ok(Outcome::Detached) => 130,
        Err(_) => 2,
    }
}
