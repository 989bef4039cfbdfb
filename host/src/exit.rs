//! The ending of the program, and the one table of exit codes. The README has the same in words.

use crate::cluster::ClusterError;
use crate::error::Error;
use crate::outcome::Outcome;
use crate::policy::PolicyError;

/// The ending of a command without an error.
#[derive(Clone, Debug, PartialEq)]
pub enum Ending {
    /// It is done; no Job ran.
    Done,
    /// Jobs ran, the last with this outcome.
    Ran(Outcome),
}

/// The exit code of the program. Lost output is told by it where nothing else is.
pub fn exit_code(result: &Result<Ending, Error>, is_output_lost: bool) -> u8 {
    match of_result(result) {
        0 if is_output_lost => 10,
        code => code,
    }
}

fn of_result(result: &Result<Ending, Error>) -> u8 {
    match result {
        Ok(Ending::Done) => 0,
        Ok(Ending::Ran(outcome)) => of_outcome(outcome),
        Err(error) => of_error(error),
    }
}

fn of_outcome(outcome: &Outcome) -> u8 {
    match outcome {
        Outcome::Succeeded => 0,
        Outcome::Failed(_) => 1,
        Outcome::Unknown => 5,
        Outcome::Deleted => 7,
        Outcome::TimedOut { .. }
        | Outcome::NotStarted { .. }
        | Outcome::DeadlineExceeded { .. } => 8,
        Outcome::Stuck(_) => 11,
        Outcome::Detached => 130,
    }
}

fn of_error(error: &Error) -> u8 {
    match error {
        Error::Usage { .. }
        | Error::File { .. }
        | Error::Unwritable { .. }
        | Error::Configuration { .. }
        | Error::Config(_) => 2,
        Error::Policy(error) => of_policy(error),
        Error::Rejected(_) => 3,
        Error::Cluster(error) => of_cluster(error),
        Error::Deviates { .. } => 9,
    }
}

fn of_policy(error: &PolicyError) -> u8 {
    match error {
        // It ran and broke, or gave no verdict together with another.
        PolicyError::Limit { .. } | PolicyError::Trapped { .. } | PolicyError::Unsettled { .. } => {
            4
        }
        // It cannot be used as configured.
        PolicyError::Unreadable { .. }
        | PolicyError::Changed { .. }
        | PolicyError::NotWasm { .. }
        | PolicyError::NotComponent { .. }
        | PolicyError::Compile { .. }
        | PolicyError::OtherWorld { .. }
        | PolicyError::NotGranted { .. }
        | PolicyError::Gained { .. }
        | PolicyError::Description { .. }
        | PolicyError::Settings { .. }
        | PolicyError::NameTaken { .. }
        | PolicyError::Engine { .. } => 2,
    }
}

fn of_cluster(error: &ClusterError) -> u8 {
    match error {
        ClusterError::Kubeconfig { .. }
        | ClusterError::UnknownContext { .. }
        | ClusterError::NotConfigured { .. }
        | ClusterError::NoClaim { .. } => 2,
        ClusterError::Unreachable { .. } | ClusterError::Uncertain { .. } => 5,
        ClusterError::TimeOver { .. } => 8,
        ClusterError::Refused { .. }
        | ClusterError::NoNamespace { .. }
        | ClusterError::NotAdmitted { .. }
        | ClusterError::NoRights { .. }
        | ClusterError::Credentials { .. } => 6,
    }
}
