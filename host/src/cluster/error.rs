//! The errors of a cluster, each with a hint.
#![allow(missing_docs, reason = "the message of each error says what its fields are")]

use super::access::CredentialsError;
use super::words;
use crate::event::WayBack;
use http::Uri;
use kube::config::KubeconfigError;
use std::time::Duration;

/// The cause of an error, whatever library it comes from.
type Source = Box<dyn std::error::Error + Send + Sync>;

/// A cluster that cannot be used as asked.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// A kubeconfig that cannot be used.
    #[error("kubeconfig {place}: {why}")]
    Kubeconfig { place: String, why: String, source: Option<Source> },
    /// A context that the kubeconfig does not have.
    #[error("kubeconfig {place} has no context `{context}`")]
    UnknownContext { place: String, context: String, known: Vec<String> },
    /// There is no kubeconfig, and the program does not run in a Pod.
    #[error("{}", not_configured(unselected, *is_in_pod))]
    NotConfigured { unselected: Vec<String>, is_in_pod: bool },
    /// The credentials of the user cannot be had.
    #[error("cannot {action}: {why}")]
    Credentials { action: String, why: String, hint: Option<String>, source: Box<kube::Error> },
    /// The API server cannot be reached.
    #[error("the cluster at `{url}` cannot be reached{via} while trying to {action}: {why}")]
    Unreachable { url: String, via: String, action: String, why: String, source: Box<kube::Error> },
    /// The API server refuses a request.
    #[error("the cluster refuses to {action}: {why}")]
    Refused { action: String, code: u16, why: String, source: Box<kube::Error> },
    /// The user lacks permissions that the run needs.
    #[error("missing permissions in namespace `{namespace}`: {}", missing.join(", "))]
    NoRights { namespace: String, missing: Vec<String> },
    /// The namespace does not exist, or not for long.
    #[error("namespace `{namespace}` {}", if *is_deleting { "is being deleted" } else { "does not exist" })]
    NoNamespace { namespace: String, is_deleting: bool },
    /// The cluster would never admit the Pods of the Job.
    #[error("{why}")]
    NotAdmitted { cause: &'static str, why: String, remedy: String, command: Option<String> },
    /// A claim that the Job uses does not exist.
    #[error("PersistentVolumeClaim `{claim}` does not exist in namespace `{namespace}`")]
    NoClaim { claim: String, namespace: String, known: Vec<String>, creating: Option<String> },
    /// No storage class of this name, or none that counts where none is named.
    #[error("{}", no_class(class.as_deref(), claim))]
    NoClass { class: Option<String>, claim: String, known: Vec<String> },
    /// It is not known whether a claim was created.
    #[error("it is not known whether claim `{claim}` was created: {why}")]
    UncertainClaim { claim: String, why: String, look: String, source: Box<kube::Error> },
    /// Data cannot be carried to a claim or from it.
    #[error("{what}")]
    Staging { what: String, remedy: String },
    /// The Pod that carries data does not run.
    #[error("the Pod that carries data does not run (Job `{job}`): {why}")]
    NoStagingPod { job: String, why: String },
    /// The time of the command was over before the next Job was created.
    #[error("the time was over after {} s, before the Job was created", after.as_secs())]
    TimeOver { after: Duration },
    /// It is not known whether the Job was created.
    #[error("it is not known whether Job `{name}` was created: {why}")]
    Uncertain { name: String, why: String, back: Box<WayBack>, source: Box<kube::Error> },
    /// A run that is not there.
    #[error("{what}; looked for in namespace `{namespace}`")]
    NoRun { what: String, namespace: String, hint: Option<String> },
    /// The Job could not be watched for too long.
    #[error("Job `{name}` could not be watched for {seconds} s: {why}")]
    Lost { name: String, seconds: u64, why: String, back: Box<WayBack> },
}

impl ClusterError {
    /// Something that is wrong with a kubeconfig.
    pub(super) fn kubeconfig(place: &str, why: String) -> Self {
        Self::Kubeconfig { place: place.to_owned(), why, source: None }
    }

    /// A kubeconfig that cannot be read.
    pub(super) fn unreadable(place: &str, error: KubeconfigError) -> Self {
        let (place, why) = (place.to_owned(), words::of_kubeconfig(&error));
        Self::Kubeconfig { place, why, source: Some(error.into()) }
    }

    /// An error of kube, with the way to the server and the action that it ended.
    pub(super) fn from_kube(
        url: &Uri,
        via: String,
        action: impl Into<String>,
        error: kube::Error,
    ) -> Self {
        let (action, why) = (action.into(), words::why(&error));
        if let Some(CredentialsError { hint, .. }) = words::of_credentials(&error) {
            let hint = hint.clone();
            return Self::Credentials { action, why, hint, source: error.into() };
        }
        match &error {
            // These come from what stands before an API server.
            kube::Error::Api(status) if !matches!(status.code, 502 | 504) => {
                let code = status.code;
                Self::Refused { action, code, why, source: error.into() }
            }
            _ => Self::Unreachable { url: url.to_string(), via, action, why, source: error.into() },
        }
    }

    /// The remedy without a command.
    pub fn remedy(&self) -> Option<String> {
        match self {
            Self::NotAdmitted { remedy, .. } => Some(remedy.clone()),
            Self::NoClaim { known, namespace, .. } => Some(another_claim(known, namespace)),
            error => error.hint(),
        }
    }

    /// A command that shows more.
    pub fn command(&self) -> Option<String> {
        match self {
            Self::NotAdmitted { command, .. } => command.clone(),
            Self::NoClaim { creating, .. } => creating.clone(),
            _ => None,
        }
    }

    /// The remedy.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::UnknownContext { known, .. } if known.is_empty() => {
                "the kubeconfig does not contain any contexts".into()
            }
            Self::UnknownContext { known, .. } => format!("expected one of {}", list(known)),
            Self::NotConfigured { unselected, .. } if !unselected.is_empty() => {
                format!("select one with `--context`: {}", list(unselected))
            }
            Self::NotConfigured { is_in_pod: true, .. } => {
                "let the Pod have a service account's token: `automountServiceAccountToken: true`"
                    .into()
            }
            Self::NotConfigured { .. } => {
                "select one with `--kubeconfig FILE` or the variable `KUBECONFIG`".into()
            }
            Self::Credentials { hint, .. } => return hint.clone(),
            Self::Unreachable { .. } => {
                "check that the cluster is running and that `--context` selects the right one"
                    .into()
            }
            Self::NoRights { .. } => {
                "ask the cluster's administrator for a role with these verbs".into()
            }
            Self::Refused { code: 403, .. } => {
                "ask the cluster's administrator for the permission".into()
            }
            Self::Refused { code: 401, .. } => {
                "the credentials in the kubeconfig are not accepted: log in again".into()
            }
            Self::NoNamespace { .. } => {
                "choose another with `--namespace`, or have it created".into()
            }
            Self::NotAdmitted { remedy, command, .. } => {
                let command = command.iter().map(|command| format!(": `{command}` shows more"));
                format!("{remedy}{}", command.collect::<String>())
            }
            Self::NoClaim { known, namespace, creating, .. } => {
                let creating = creating.as_ref().map_or_else(
                    || "the same command with `--create-claims`".into(),
                    |command| format!("`{command}`"),
                );
                format!("{}; {creating} creates it", another_claim(known, namespace))
            }
            Self::NoClass { known, .. } if known.is_empty() => {
                "`kubectl get storageclasses` lists the classes of the cluster: name one with \
                 `--storage-class`, or give `--storage-class=` for volumes that were made by hand"
                    .into()
            }
            Self::NoClass { known, .. } => {
                format!("the cluster has {}: name one with `--storage-class`", list(known))
            }
            Self::UncertainClaim { look, .. } => {
                format!("`{look}` shows whether it is there; the same command goes on from there")
            }
            Self::TimeOver { .. } => {
                "`--timeout` counts the whole command: the reviews, the checks and all tasks".into()
            }
            Self::Staging { remedy, .. } => remedy.clone(),
            Self::NoStagingPod { .. } => {
                "what keeps it is told above; `--stage-image` chooses another image for it, and limits in \
                 `k8s.resources` that are below 2 CPUs and 512Mi are its own, too"
                    .into()
            }
            Self::NoRun { hint, .. } => {
                return Some(hint.clone().unwrap_or_else(|| {
                    "there are no runs in this namespace: `--namespace` chooses another".into()
                }));
            }
            Self::Uncertain { back, .. } => {
                format!("check with `{}` before you run the task again", back.look)
            }
            Self::Lost { back, .. } => format!(
                "nothing stopped the Job: `{}` follows it, and `{}` stops it",
                back.follow, back.stop
            ),
            _ => return None,
        })
    }
}

fn list(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// What else can be done about a claim that does not exist.
fn another_claim(known: &[String], namespace: &str) -> String {
    if known.is_empty() {
        return format!(
            "namespace `{namespace}` has no claims: create one, \
             or choose another namespace with `--namespace`"
        );
    }
    format!(
        "the namespace has {}: set `pvc:` in the `k8s:` section, or let a policy remap the claim",
        list(known)
    )
}

fn no_class(class: Option<&str>, claim: &str) -> String {
    match class {
        Some(class) => format!(
            "storage class `{class}` does not exist: claim `{claim}` would never have a volume"
        ),
        None => format!(
            "no storage class is the cluster's default: claim `{claim}` would never have a volume"
        ),
    }
}

/// Why no cluster is configured.
fn not_configured(unselected: &[String], is_in_pod: bool) -> &'static str {
    match (unselected, is_in_pod) {
        ([_, ..], _) => "no cluster is selected: the kubeconfig has no context in use",
        ([], true) => "no cluster is configured: the Pod has no token of a service account",
        ([], false) => {
            "no cluster is configured: there is no kubeconfig, and the program does not run in a Pod"
        }
    }
}
