//! Reading facts: a file for each step of a Pod's life.

mod behind;
mod claims;
mod creation;
mod image;
mod quota;
mod removal;
mod run;
mod scheduling;
mod start;
mod storage;
mod taints;

use super::{Cause, Fact, Node, Source, Subject, Wants};

/// What a fact says.
pub struct Finding {
    /// The cause.
    pub cause: Cause,
    /// The cause in a sentence.
    pub summary: String,
    /// What to do.
    pub remedy: String,
    /// The words behind `kubectl` of a command that helps.
    pub command: Option<String>,
}

impl Finding {
    /// A finding without a command.
    fn new(cause: Cause, summary: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { cause, summary: summary.into(), remedy: remedy.into(), command: None }
    }

    /// The same with a command.
    fn with(self, command: impl Into<String>) -> Self {
        Self { command: Some(command.into()), ..self }
    }
}

/// What a fact says, if it says anything of use: most events do not.
pub fn read(fact: &Fact, wants: &Wants, nodes: &[Node]) -> Option<Finding> {
    if let Some(finding) = behind::read(fact, wants) {
        return Some(finding);
    }
    let Fact { about, source, reason, message } = fact;
    match (source, about) {
        (Source::Event, Subject::Job) if reason == "FailedCreate" => {
            Some(creation::failed(message, wants))
        }
        (Source::Event, Subject::PersistentVolumeClaim(claim)) => {
            claims::read(claim, reason, message)
        }
        (Source::Event, Subject::Pod(pod)) => event(pod, reason, message, wants),
        (Source::Event, _) => None,
        (Source::Managed, _) => Some(creation::managed(message, wants)),
        (Source::Scheduling, Subject::Pod(pod)) => {
            Some(scheduling::unscheduled(pod, reason, message, wants, nodes))
        }
        (Source::Silence, Subject::Pod(pod)) => Some(scheduling::silence(pod, wants)),
        (Source::Waiting { container, part, last }, Subject::Pod(pod)) => {
            let place = run::Place { pod, container, part: *part };
            start::waiting(&place, last.as_ref(), reason, message, wants)
        }
        (Source::Ended { container, part, code }, Subject::Pod(pod)) => {
            let place = run::Place { pod, container, part: *part };
            run::ended(&place, *code, reason, message, wants)
        }
        (Source::Over, Subject::Pod(pod)) => run::over(pod, reason, message, wants),
        (Source::Terminating { finalizers, .. }, Subject::Job) => {
            Some(removal::job(finalizers, wants))
        }
        (Source::Terminating { finalizers, grace, node }, Subject::Pod(pod)) => {
            Some(removal::pod(pod, finalizers, *grace, node.as_deref()))
        }
        (Source::RunsOn { container }, Subject::Pod(_)) => Some(run::runs_on(container, wants)),
        _ => None,
    }
}

/// What an event about a Pod says. Failures that the status of the Pod shows too are read there.
fn event(pod: &str, reason: &str, message: &str, wants: &Wants) -> Option<Finding> {
    match reason {
        "FailedMount" => Some(storage::mount(pod, message, wants)),
        "FailedAttachVolume" => Some(storage::attach(pod, message)),
        "FailedCreatePodSandBox" => Some(start::sandbox(pod, message)),
        "FailedPostStartHook" => Some(run::post_start_hook(pod, message)),
        "Unhealthy" => run::probe(pod, message),
        "NodeNotReady" => Some(run::node_lost(pod)),
        _ => None,
    }
}

/// The command that shows all about a Pod.
fn describe(pod: &str) -> String {
    format!("describe pods {pod}")
}
