//! The errors of a cluster, each with a hint.
#![allow(missing_docs, reason = "the message of each error says what its fields are")]

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
    #[error(
        "no cluster is configured: there is no kubeconfig, and the program does not run in a Pod"
    )]
    NotConfigured,
    /// The API server cannot be reached.
    #[error("the cluster at `{url}` cannot be reached while trying to {action}: {why}")]
    Unreachable { url: String, action: String, why: String, source: Box<kube::Error> },
    /// The API server refuses a request.
    #[error("the cluster refuses to {action}: {why}")]
    Refused { action: String, code: u16, why: String, source: Box<kube::Error> },
    /// The user lacks permissions that the run needs.
    #[error("missing permissions in namespace `{namespace}`: {}", missing.join(", "))]
    NoRights { namespace: String, missing: Vec<String> },
    /// A claim that the Job uses does not exist.
    #[error("PersistentVolumeClaim `{claim}` does not exist in namespace `{namespace}`")]
    NoClaim { claim: String, namespace: String, known: Vec<String> },
    /// It is not known whether the Job was created.
    #[error(
        "the response to the creation of Job `{name}` was lost, \
         and whether the Job exists cannot be determined: {why}"
    )]
    Uncertain { name: String, namespace: String, why: String, source: Box<kube::Error> },
}

impl ClusterError {
    /// An error of kube, with the action that it ended.
    pub(super) fn from_kube(url: &str, action: impl Into<String>, error: kube::Error) -> Self {
        let action = action.into();
        if let kube::Error::Api(status) = &error {
            let code = status.code;
            let why = status.message.clone();
            return Self::Refused { action, code, why, source: error.into() };
        }
        let why = root_cause(&error);
        Self::Unreachable { url: url.to_owned(), action, why, source: error.into() }
    }

    /// The remedy.
    pub fn hint(&self) -> Option<String> {
        let list = |names: &[String]| {
            names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
        };
        Some(match self {
            Self::UnknownContext { known, .. } if known.is_empty() => {
                "the kubeconfig does not contain any contexts".into()
            }
            Self::UnknownContext { known, .. } => format!("expected one of {}", list(known)),
            Self::NotConfigured => {
                "select one with `--kubeconfig FILE` or the variable `KUBECONFIG`".into()
            }
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
            Self::NoClaim { known, namespace, .. } if known.is_empty() => {
                format!(
                    "namespace `{namespace}` has no claims: create one, \
                     or choose another namespace with `--namespace`"
                )
            }
            Self::NoClaim { known, .. } => {
                format!(
                    "the namespace has {}: set `pvc:` in the `k8s:` section, \
                     or let a policy remap the claim",
                    list(known)
                )
            }
            Self::Uncertain { name, namespace, .. } => {
                format!(
                    "check with `kubectl get job {name} --namespace {namespace}` \
                     before you run the task again"
                )
            }
            _ => return None,
        })
    }
}

/// The innermost cause, which is the most specific.
pub(super) fn root_cause(error: &(dyn std::error::Error + 'static)) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}
