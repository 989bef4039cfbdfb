//! Answers to the queries of policies. Nothing but `get` and `list` is ever sent, and responses are
//! bounded: a policy that asks for too much gets a refusal.

use super::Cluster;
use crate::job::{Unread, read_bounded};
use crate::policy::{ClusterReader, Query, Response, Which};
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

/// The most objects in one response.
const MOST: u32 = 500;
/// The largest response in bytes; an object has at most some 1.5 MB, most have a few kilobytes.
const LARGEST: u64 = 8 << 20;

/// A cluster that policies query.
struct Reader {
    cluster: Cluster,
    runtime: Handle,
}

impl Cluster {
    /// A reader with which policies query this cluster. It blocks while it waits: use it in a
    /// thread for blocking work.
    pub fn reader(&self) -> Arc<dyn ClusterReader> {
        Arc::new(Reader { cluster: self.clone(), runtime: Handle::current() })
    }
}

impl ClusterReader for Reader {
    fn query(&self, query: &Query, within: Duration) -> Response {
        self.query_bounded(query, within, usize::MAX)
    }

    fn query_bounded(&self, query: &Query, within: Duration, most: usize) -> Response {
        let answer = async { tokio::time::timeout(within, self.cluster.query(query, most)).await };
        match self.runtime.block_on(answer) {
            Ok(Ok(Some(found))) => Response::Found(found),
            Ok(Ok(None)) => Response::TooLarge,
            Ok(Err(why)) => Response::Refused(why),
            Err(_) => Response::TooLate,
        }
    }
}

impl Cluster {
    /// The answer to a query; none if it would take more memory than it may.
    async fn query(&self, query: &Query, most: usize) -> Result<Option<Value>, String> {
        let request = Request::new(self.path(query).await?);
        let kind = &query.kind;
        let (action, request) = match &query.which {
            Which::Name(name) => {
                (format!("read {kind} `{name}`"), request.get(name, &GetParams::default()))
            }
            Which::Labels(labels) => {
                let action = format!("list {kind} with labels `{labels}`");
                (action, request.list(&ListParams::default().labels(labels).limit(MOST)))
            }
        };
        let request = request.map_err(kube::Error::BuildRequest);
        let request = request.map_err(|error| self.refusal(&action, error))?;
        let answer = match (self.client.request_stream(request).await, &query.which) {
            (Ok(body), _) => match json(body, most).await? {
                Some(answer) => answer,
                None => return Ok(None),
            },
            (Err(kube::Error::Api(status)), Which::Name(_)) if status.code == 404 => Value::Null,
            (Err(error), _) => return Err(self.refusal(&action, error)),
        };
        match query.which {
            Which::Name(_) => Ok(Some(answer)),
            Which::Labels(_) => items(answer).map(Some),
        }
    }

    /// The URL path of the objects of a kind.
    async fn path(&self, query: &Query) -> Result<String, String> {
        let Query { api_version, kind, namespace, .. } = query;
        let (group, version) = api_version.rsplit_once('/').unwrap_or(("", api_version));
        let unknown = || Err(format!("the cluster has no kind `{kind}` in `{api_version}`"));
        let (resource, scope) =
            match pinned_kind(&self.client, &GroupVersionKind::gvk(group, version, kind)).await {
                Ok((resource, capabilities)) => (resource, capabilities.scope),
                Err(kube::Error::Api(status)) if status.code == 404 => return unknown(),
                Err(kube::Error::Discovery(DiscoveryError::MissingKind(_))) => return unknown(),
                Err(error) => return Err(self.refusal(&format!("find the kind `{kind}`"), error)),
            };
        let namespace = match (scope, namespace) {
            (Scope::Cluster, None) => None,
            (Scope::Cluster, Some(_)) => {
                return Err(format!("objects of kind `{kind}` have no namespace: leave it out"));
            }
            (Scope::Namespaced, namespace) => {
                Some(namespace.as_deref().unwrap_or(self.namespace().as_str()))
            }
        };
        Ok(DynamicObject::url_path(&resource, namespace))
    }

    fn refusal(&self, action: &str, error: kube::Error) -> String {
        let error = self.error(action, error);
        let hint = error.hint().map(|hint| format!("; {hint}")).unwrap_or_default();
        format!("{error}{hint}")
    }
}

/// The objects of a list that is not the first part of a longer one.
fn items(mut list: Value) -> Result<Value, String> {
    match list["metadata"]["continue"].as_str() {
        None | Some("") => Ok(list["items"].take()),
        Some(_) => Err(format!("there are more than {MOST}: select fewer by their labels")),
    }
}

/// The body of a response as JSON; none if it would take more memory than it may.
async fn json(body: impl AsyncRead, most: usize) -> Result<Option<Value>, String> {
    let mut bytes = Vec::new();
    let read = pin!(body).take(LARGEST + 1).read_to_end(&mut bytes).await;
    read.map_err(|error| {
        let why = super::words::why(&error);
        format!("the cluster's response was cut off: {why}")
    })?;
    if bytes.len() as u64 > LARGEST {
        return Err(format!("the response has more than {LARGEST} bytes: ask for less"));
    }
    match read_bounded(&bytes, most) {
        Ok(value) => Ok(Some(value)),
        Err(Unread::TooLarge) => Ok(None),
        Err(Unread::Damaged(_)) => Err("the cluster's response is not JSON".into()),
    }
}
