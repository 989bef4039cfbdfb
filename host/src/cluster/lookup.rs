//! Answering the questions of policies. Nothing but `get` and `list` is ever sent, and what comes back is bounded: a policy
//! that asks for too much is told so.

use super::Cluster;
use crate::policy::{Answer, Lookups, Question, Which};
use futures::{AsyncRead, AsyncReadExt};
use kube::api::{DynamicObject, GetParams, ListParams};
use kube::core::{GroupVersionKind, Request, Resource};
use kube::discovery::{Scope, pinned_kind};
use kube::error::DiscoveryError;
use serde_json::Value;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;

/// The most objects in one answer.
const MOST: u32 = 500;
/// The largest answer in bytes; an object has at most some 1.5 MB, most have a few kilobytes.
const LARGEST: u64 = 8 << 20;

/// A cluster for policies to ask.
struct ClusterLookups {
    cluster: Cluster,
    runtime: Handle,
}

impl Cluster {
    /// Let policies ask this cluster. They block while they wait: call them where that stops nobody else.
    pub fn lookups(self) -> Arc<dyn Lookups> {
        Arc::new(ClusterLookups { cluster: self, runtime: Handle::current() })
    }
}

impl Lookups for ClusterLookups {
    fn look(&self, question: &Question, within: Duration) -> Answer {
        let answer = async { tokio::time::timeout(within, self.cluster.look(question)).await };
        match self.runtime.block_on(answer) {
            Ok(Ok(found)) => Answer::Found(found),
            Ok(Err(why)) => Answer::Refused(why),
            Err(_) => Answer::TooLate,
        }
    }
}

impl Cluster {
    async fn look(&self, question: &Question) -> Result<Value, String> {
        let request = Request::new(self.path(question).await?);
        let (deed, request) = match &question.which {
            Which::Name(name) => (format!("read {} `{name}`", question.kind), request.get(name, &GetParams::default())),
            Which::Labels(labels) => {
                let deed = format!("list {} with labels `{labels}`", question.kind);
                (deed, request.list(&ListParams::default().labels(labels).limit(MOST)))
            }
        };
        let request = request.map_err(|error| self.refusal(&deed, &kube::Error::BuildRequest(error)))?;
        let answer = match (self.client.request_stream(request).await, &question.which) {
            (Ok(body), _) => json(body).await?,
            (Err(kube::Error::Api(status)), Which::Name(_)) if status.code == 404 => Value::Null,
            (Err(error), _) => return Err(self.refusal(&deed, &error)),
        };
        match question.which {
            Which::Name(_) => Ok(answer),
            Which::Labels(_) => items(answer),
        }
    }

    /// Where the objects of a kind are in the API.
    async fn path(&self, question: &Question) -> Result<String, String> {
        let Question { api_version, kind, namespace, .. } = question;
        let (group, version) = api_version.rsplit_once('/').unwrap_or(("", api_version));
        let unknown = || Err(format!("the cluster has no kind `{kind}` in `{api_version}`"));
        let (resource, scope) = match pinned_kind(&self.client, &GroupVersionKind::gvk(group, version, kind)).await {
            Ok((resource, capabilities)) => (resource, capabilities.scope),
            Err(kube::Error::Api(status)) if status.code == 404 => return unknown(),
            Err(kube::Error::Discovery(DiscoveryError::MissingKind(_))) => return unknown(),
            Err(error) => return Err(self.refusal(&format!("find the kind `{kind}`"), &error)),
        };
        let namespace = match (scope, namespace) {
            (Scope::Cluster, None) => None,
            (Scope::Cluster, Some(_)) => return Err(format!("objects of kind `{kind}` have no namespace: name none")),
            (Scope::Namespaced, namespace) => Some(namespace.as_deref().unwrap_or(self.namespace())),
        };
        Ok(DynamicObject::url_path(&resource, namespace))
    }

    fn refusal(&self, deed: &str, error: &kube::Error) -> String {
        let error = self.error(deed, error);
        let hint = error.hint().map(|hint| format!("; {hint}")).unwrap_or_default();
        format!("{error}{hint}")
    }
}

/// The objects of a list that is not the first part of a longer one.
fn items(mut list: Value) -> Result<Value, String> {
    match list["metadata"]["continue"].as_str() {
        None | Some("") => Ok(list["items"].take()),
        Some(_) => Err(format!("there are more than {MOST}: ask for fewer by their labels")),
    }
}

async fn json(body: impl AsyncRead) -> Result<Value, String> {
    let mut bytes = Vec::new();
    let read = pin!(body).take(LARGEST + 1).read_to_end(&mut bytes).await;
    read.map_err(|error| format!("the cluster's answer breaks off: {error}"))?;
    if bytes.len() as u64 > LARGEST {
        return Err(format!("the answer has more than {LARGEST} bytes: ask for less"));
    }
    serde_json::from_slice(&bytes).map_err(|error| format!("the cluster's answer is no JSON: {error}"))
}
