//! What can go wrong between us and a cluster, and what to do about it.
#![allow(missing_docs, reason = "the message of each error says what its fields are")]

/// A cluster that cannot be used as asked.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// A kubeconfig that cannot be used.
    #[error("kubeconfig {place}: {why}")]
    Kubeconfig { place: String, why: String },
    /// A context that the kubeconfig does not have.
    #[error("kubeconfig {place} has no context `{context}`")]
    UnknownContext { place: String, context: String, known: Vec<String> },
    /// There is no kubeconfig, and this is no Pod.
    #[error("no cluster is configured: there is no kubeconfig, and this is not a Pod")]
    NotConfigured,
    /// The API server does not answer.
    #[error("the cluster at `{url}` cannot be reached while trying to {deed}: {why}")]
    Unreachable { url: String, deed: String, why: String },
    /// The API server says no.
    #[error("the cluster refuses to {deed}: {why}")]
    Refused { deed: String, code: u16, why: String },
    /// We lack rights that the run needs.
    #[error("no right to {} in namespace `{namespace}`", missing.join(", "))]
    NoRights { namespace: String, missing: Vec<String> },
    /// A claim that the Job uses is not there.
    #[error("PersistentVolumeClaim `{claim}` does not exist in namespace `{namespace}`")]
    NoClaim { claim: String, namespace: String, known: Vec<String> },
    /// It is not known whether the Job was created.
    #[error("the answer to the creation of Job `{name}` was lost, and it cannot be found out whether it exists: {why}")]
    Uncertain { name: String, namespace: String, why: String },
}

impl ClusterError {
    /// Name what kube says by what we tried.
    pub(super) fn from_kube(url: &str, deed: impl Into<String>, error: &kube::Error) -> Self {
        let deed = deed.into();
        match error {
            kube::Error::Api(status) => Self::Refused { deed, code: status.code, why: status.message.clone() },
            error => Self::Unreachable { url: url.to_owned(), deed, why: root_cause(error) },
        }
    }

    /// Whether the cluster could not be reached at all.
    pub fn is_unreachable(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Uncertain { .. })
    }

    /// Whether the cluster itself said no.
    pub fn is_refusal(&self) -> bool {
        matches!(self, Self::Refused { .. } | Self::NoRights { .. })
    }

    /// What can be done about it.
    pub fn hint(&self) -> Option<String> {
        let list = |names: &[String]| names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        Some(match self {
            Self::UnknownContext { known, .. } if known.is_empty() => "the kubeconfig has no contexts at all".into(),
            Self::UnknownContext { known, .. } => format!("its contexts are {}", list(known)),
            Self::NotConfigured => "name one with `--kubeconfig FILE` or the variable `KUBECONFIG`".into(),
            Self::Unreachable { .. } => "check that the cluster runs and that `--context` names the right one".into(),
            Self::NoRights { .. } => "ask the cluster's administrator for a role with these verbs".into(),
            Self::Refused { code: 403, .. } => "ask the cluster's administrator for the right".into(),
            Self::Refused { code: 401, .. } => {
                "the credentials of the kubeconfig are not accepted: log in again".into()
            }
            Self::NoClaim { known, namespace, .. } if known.is_empty() => {
                format!("namespace `{namespace}` has no claims: create one, or name another with `--namespace`")
            }
            Self::NoClaim { known, .. } => {
                format!("there are {}: set `pvc:` in the `k8s:` section, or let a policy remap the claim", list(known))
            }
            Self::Uncertain { name, namespace, .. } => {
                format!("look with `kubectl get job {name} --namespace {namespace}` before you run the task again")
            }
            _ => return None,
        })
    }
}

/// The innermost cause, which says what really happened.
pub(super) fn root_cause(error: &kube::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}
