//! The ending of the program, and the one table of exit codes: the help and the README are made of it.

use crate::cluster::{ClusterError, Signal};
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
    /// A signal ended it. A Job that was created goes on.
    Interrupted(Signal),
}

/// The table: names, codes, and what they mean.
macro_rules! codes {
    ($($name:ident $code:literal $meaning:literal)*) => {
        /// An exit code.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub enum Code {
            $(#[doc = $meaning] $name = $code,)*
        }

        impl Code {
            /// All of them, in order.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// What it means.
            pub fn meaning(self) -> &'static str {
                match self {
                    $(Self::$name => $meaning,)*
                }
            }
        }
    };
}

codes! {
    Success 0 "every task succeeded"
    Failed 1 "a task failed; with `--propagate` its own exit code instead"
    Wrong 2 "the command line, the cube, a policy's file or settings, the kubeconfig, a claim, or the name of a run is wrong; nothing was submitted"
    Rejected 3 "a policy rejected the Job"
    Broken 4 "a policy broke or exceeded a limit, or two do not settle"
    Unreachable 5 "the cluster cannot be reached, the Job could not be watched for five minutes, it vanished meanwhile, or it is not known whether it was created"
    Refused 6 "the cluster refused: no credentials, no rights, no such namespace, quota, admission"
    Deleted 7 "the Job was deleted before it ended"
    Timeout 8 "the time was over: `--timeout`, `--start-timeout`, or the Job's own `activeDeadlineSeconds`"
    Deviates 9 "`policy replay`: a review is not what was recorded"
    Lost 10 "every task succeeded, but standard output could not be written: a full disk, a closed pipe"
    Stuck 11 "the Job can never run as it is: why is told, and the Job is left"
    Staging 12 "data could not be brought to a claim or back; with `--stage` nothing was submitted"
    Hangup 129 "SIGHUP: the terminal was closed; a Job that was created goes on, unless `--on-interrupt=cancel`"
    Interrupted 130 "SIGINT: Ctrl-C; a Job that was created goes on, unless `--on-interrupt=cancel`"
    Terminated 143 "SIGTERM; a Job that was created goes on, unless `--on-interrupt=cancel`"
}

/// The exit codes for the help.
pub fn help() -> String {
    let line = |code: &Code| format!("  {:<3}  {}\n", *code as u8, code.meaning());
    format!("Exit codes:\n{}", Code::ALL.iter().map(line).collect::<String>())
}

/// The exit code of the program. Lost output is told by it where nothing else is; if asked for, the
/// exit code of the container that made a task fail takes the place of the program's own.
pub fn exit_code(result: &Result<Ending, Error>, is_output_lost: bool, propagates: bool) -> u8 {
    match (of_result(result), result) {
        (Code::Success, _) if is_output_lost => Code::Lost as u8,
        (code, Ok(Ending::Ran(Outcome::Failed(cause)))) if propagates => {
            let own = cause.container.as_ref().and_then(|end| u8::try_from(end.exit_code).ok());
            own.filter(|own| *own != 0).unwrap_or(code as u8)
        }
        (code, _) => code as u8,
    }
}

fn of_result(result: &Result<Ending, Error>) -> Code {
    match result {
        Ok(Ending::Done) => Code::Success,
        Ok(Ending::Ran(outcome)) => of_outcome(outcome),
        Ok(Ending::Interrupted(Signal::Hangup)) => Code::Hangup,
        Ok(Ending::Interrupted(Signal::Interrupt)) => Code::Interrupted,
        Ok(Ending::Interrupted(Signal::Terminate)) => Code::Terminated,
        Err(error) => of_error(error),
    }
}

fn of_outcome(outcome: &Outcome) -> Code {
    match outcome {
        Outcome::Succeeded => Code::Success,
        Outcome::Failed(_) => Code::Failed,
        Outcome::Unknown => Code::Unreachable,
        Outcome::Deleted => Code::Deleted,
        Outcome::TimedOut { .. }
        | Outcome::NotStarted { .. }
        | Outcome::DeadlineExceeded { .. } => Code::Timeout,
        Outcome::Stuck(_) => Code::Stuck,
        Outcome::Detached => Code::Interrupted,
    }
}

fn of_error(error: &Error) -> Code {
    match error {
        Error::Usage { .. }
        | Error::File { .. }
        | Error::Unwritable { .. }
        | Error::Configuration { .. }
        | Error::Config(_) => Code::Wrong,
        Error::Policy(error) => of_policy(error),
        Error::Rejected(_) | Error::RejectedHelper(_) => Code::Rejected,
        Error::Cluster(error) => of_cluster(error),
        Error::Deviates { .. } => Code::Deviates,
    }
}

fn of_policy(error: &PolicyError) -> Code {
    match error {
        PolicyError::Broke { error, .. } => of_policy(error),
        // It ran and broke, or gave no verdict together with another.
        PolicyError::Limit { .. } | PolicyError::Trapped { .. } | PolicyError::Unsettled { .. } => {
            Code::Broken
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
        | PolicyError::Engine { .. } => Code::Wrong,
    }
}

fn of_cluster(error: &ClusterError) -> Code {
    match error {
        ClusterError::Kubeconfig { .. }
        | ClusterError::UnknownContext { .. }
        | ClusterError::NotConfigured { .. }
        | ClusterError::NoClaim { .. }
        | ClusterError::NoClass { .. }
        | ClusterError::NoRun { .. } => Code::Wrong,
        ClusterError::Unreachable { .. }
        | ClusterError::Uncertain { .. }
        | ClusterError::UncertainClaim { .. }
        | ClusterError::Lost { .. } => Code::Unreachable,
        ClusterError::TimeOver { .. } => Code::Timeout,
        ClusterError::Staging { .. } | ClusterError::NoStagingPod { .. } => Code::Staging,
        ClusterError::Refused { .. }
        | ClusterError::NoNamespace { .. }
        | ClusterError::NotAdmitted { .. }
        | ClusterError::NoRights { .. }
        | ClusterError::Credentials { .. } => Code::Refused,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::{Cause, ContainerEnd};

    fn failed(exit_code: Option<i32>) -> Result<Ending, Error> {
        let container = exit_code.map(|exit_code| ContainerEnd {
            pod: "p".into(),
            container: "c".into(),
            exit_code,
            reason: String::new(),
            message: String::new(),
        });
        Ok(Ending::Ran(Outcome::Failed(Box::new(Cause { container, ..Cause::default() }))))
    }

    #[test]
    fn a_containers_own_code_is_passed_on_if_asked_for() {
        let rows = [
            (failed(Some(42)), false, 1),
            (failed(Some(42)), true, 42),
            (failed(Some(137)), true, 137),
            (failed(Some(255)), true, 255),
            (failed(Some(3_221_225_477_u32 as i32)), true, 1),
            (failed(Some(256)), true, 1),
            (failed(None), true, 1),
            (Ok(Ending::Ran(Outcome::Succeeded)), true, 0),
            (Ok(Ending::Ran(Outcome::Deleted)), true, 7),
        ];
        for (result, propagates, expected) in rows {
            assert_eq!(exit_code(&result, false, propagates), expected, "{result:?}");
        }
        assert_eq!(exit_code(&Ok(Ending::Done), true, false), 10);
    }
}
