//! The queries that policies may send to a cluster, and the responses. The content of Secrets never
//! gets past here.

use crate::job::{PolicyId, weight};
use crate::k8s;
use crate::text::below;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

/// The longest label selector; those that people write have some tens of bytes.
const LONGEST_SELECTOR: usize = 2_000;
/// The parts of a Secret that policies do not see: the object, and the key in it. kubectl keeps a
/// copy of everything in an annotation.
const HIDDEN: [(&str, &str); 3] = [
    ("", "data"),
    ("", "stringData"),
    ("/metadata/annotations", "kubectl.kubernetes.io/last-applied-configuration"),
];

/// A cluster that answers the queries of policies.
pub trait ClusterReader: Send + Sync {
    /// Answer a query within a time. This blocks.
    fn query(&self, query: &Query, within: Duration) -> Response;

    /// Answer a query within a time, with no more than `most` bytes as they lie in memory.
    fn query_bounded(&self, query: &Query, within: Duration, most: usize) -> Response {
        self.query(query, within).bounded(most)
    }

    /// Answer a query of a policy that is audited, which no other policy sees, within the same
    /// bounds. This blocks.
    fn query_apart(
        &self,
        policy: &PolicyId,
        query: &Query,
        within: Duration,
        most: usize,
    ) -> Response {
        let _ = policy;
        self.query_bounded(query, within, most)
    }
}

/// A query to the cluster. Its JSON is a part of recordings.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Query {
    /// `v1`, `batch/v1`…
    pub api_version: String,
    /// `ConfigMap`, `Node`…
    pub kind: String,
    /// None for the namespace of the run, and for kinds that have no namespaces.
    pub namespace: Option<String>,
    /// The objects of this kind that are meant.
    #[serde(flatten)]
    pub which: Which,
}

/// The objects that a query asks for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Which {
    /// The one with this name.
    Name(String),
    /// All that a label selector selects; all of the kind if it is empty.
    Labels(String),
}

/// The response to a query.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Response {
    /// The object, or null if it does not exist; the list of the objects.
    Found(Value),
    /// The reason why there is no answer, as a sentence.
    Refused(String),
    /// The time ran out.
    TooLate,
    /// There is more than there may be.
    TooLarge,
}

impl Response {
    /// The bytes that it takes up in memory.
    pub fn bytes(&self) -> usize {
        match self {
            Self::Found(found) => weight(found),
            Self::Refused(why) => why.len(),
            Self::TooLate | Self::TooLarge => 0,
        }
    }

    /// The same, unless what was found takes up more bytes than it may.
    pub fn bounded(self, most: usize) -> Self {
        match self {
            Self::Found(found) if weight(&found) > most => Self::TooLarge,
            response => response,
        }
    }
}

/// A query with its response.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lookup {
    /// The query.
    #[serde(flatten)]
    pub query: Query,
    /// The response: two queries may have the same.
    #[serde(rename = "answer", with = "shared")]
    pub response: Arc<Response>,
    /// The audited policy that alone has seen it; none if the enforced ones have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
}

/// A shared value is written and read like any other.
mod shared {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use std::sync::Arc;

    pub fn serialize<T: Serialize, S: Serializer>(
        value: &Arc<T>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        T::serialize(value, to)
    }

    pub fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Arc<T>, D::Error> {
        T::deserialize(from).map(Arc::new)
    }
}

impl Query {
    /// An error unless the query is well formed: most of it becomes a URL path, so nothing in it
    /// may lead elsewhere.
    pub fn check(&self) -> Result<(), String> {
        let version = &self.api_version;
        let kind = &self.kind;
        let is_version = match version.split_once('/') {
            Some((group, version)) => {
                k8s::dns_subdomain(group).and_then(|()| k8s::dns_label(version)).is_ok()
            }
            None => k8s::dns_label(version).is_ok(),
        };
        if !is_version {
            return Err(format!("`{version}` is not an API version like `v1` or `batch/v1`"));
        }
        if kind.is_empty() || !kind.bytes().all(|c| c.is_ascii_alphanumeric()) {
            return Err(format!("`{kind}` is not a kind like `ConfigMap`"));
        }
        self.namespace.as_deref().map_or(Ok(()), k8s::dns_label)?;
        match &self.which {
            Which::Name(name) => k8s::dns_subdomain(name),
            Which::Labels(labels) if labels.len() > LONGEST_SELECTOR => {
                Err(format!("the label selector has more than {LONGEST_SELECTOR} bytes"))
            }
            Which::Labels(_) => Ok(()),
        }
    }

    /// Whether a place in the objects is hidden from policies.
    pub fn hides(&self, pointer: &str) -> bool {
        let place = |(parent, key): &(&str, &str)| format!("{parent}/{}", key.replace('/', "~1"));
        self.is_of_secrets()
            && HIDDEN.iter().map(place).any(|place| below(pointer, &place).is_some())
    }

    /// Remove the hidden places from the objects that were found.
    pub fn hide(&self, found: &mut Value) {
        let objects = match found {
            Value::Array(objects) => objects.as_mut_slice(),
            object => std::slice::from_mut(object),
        };
        for object in objects.iter_mut().filter(|_| self.is_of_secrets()) {
            for (parent, key) in HIDDEN {
                if let Some(parent) = object.pointer_mut(parent).and_then(Value::as_object_mut) {
                    parent.shift_remove(key);
                }
            }
        }
    }

    fn is_of_secrets(&self) -> bool {
        (self.api_version.as_str(), self.kind.as_str()) == ("v1", "Secret")
    }
}

/// The reader of a command without a cluster.
pub struct NoCluster;

impl ClusterReader for NoCluster {
    fn query(&self, _: &Query, _: Duration) -> Response {
        let why = "there is no cluster to query: `render` has none, `run --dry-run=client` has one";
        Response::Refused(why.into())
    }
}
