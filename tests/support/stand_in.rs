//! Clusters that are not there: they answer what a policy asks from a file, or always the same.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use mlcube_k8s::job::Mode;
use serde_json::{Value, json};

use super::policy::{
    self, ClusterReader, Grants, Limits, PolicyChain, PolicySource, Query, Response, Reviewed,
    Which,
};
use super::read;

/// A cluster with the objects of `tests/cases/lookups/objects.yaml`.
pub struct StandIn {
    objects: Vec<Value>,
    requests: AtomicUsize,
    delay: Duration,
}

impl StandIn {
    /// One that takes this long for each answer.
    pub fn new(delay: Duration) -> Arc<Self> {
        Arc::new(Self {
            objects: read("lookups/objects.yaml"),
            requests: AtomicUsize::new(0),
            delay,
        })
    }

    /// How often it was asked.
    pub fn requests(&self) -> usize {
        self.requests.load(Ordering::Relaxed)
    }

    /// The review of a Job by a chain of lookers, one for each of these settings.
    pub fn review(self: &Arc<Self>, limits: Limits, settings: &[Value]) -> Reviewed {
        let chain = lookers(limits, settings.iter().map(|settings| (Mode::Enforce, settings)));
        chain.review_with(policy::small_job(), Arc::clone(self) as Arc<dyn ClusterReader>)
    }
}

/// A chain of lookers in a mode and with settings; the first is called `looker-0`.
pub fn lookers<'a>(
    limits: Limits,
    settings: impl Iterator<Item = (Mode, &'a Value)>,
) -> PolicyChain {
    let source = |(index, (mode, settings)): (usize, (Mode, &Value))| {
        let source = policy::looker(&format!("looker-{index}"), settings.clone(), Grants::all());
        PolicySource { mode, ..source }
    };
    policy::chain_of(&policy::host(limits), settings.enumerate().map(source).collect())
}

impl ClusterReader for StandIn {
    fn query(&self, query: &Query, within: Duration) -> Response {
        self.requests.fetch_add(1, Ordering::Relaxed);
        thread::sleep(self.delay.min(within));
        if self.delay > within {
            return Response::TooLate;
        }
        let is_meant = |object: &&Value| {
            let metadata = &object["metadata"];
            let namespace =
                metadata.get("namespace").map(|_| query.namespace.as_deref().unwrap_or("team"));
            let has_label = |text: &str| {
                text.split_once('=').is_none_or(|(key, value)| metadata["labels"][key] == value)
            };
            let is_chosen = match &query.which {
                Which::Name(name) => metadata["name"] == **name,
                Which::Labels(labels) => has_label(labels),
            };
            object["kind"] == *query.kind
                && metadata["namespace"].as_str() == namespace
                && is_chosen
        };
        let mut found = self.objects.iter().filter(is_meant).cloned();
        Response::Found(match query.which {
            Which::Name(_) => found.next().unwrap_or_default(),
            Which::Labels(_) => found.collect(),
        })
    }
}

/// A cluster in which there is one ConfigMap, whatever is asked for.
pub struct OneMap;

impl ClusterReader for OneMap {
    fn query(&self, _: &Query, _: Duration) -> Response {
        Response::Found(json!({"metadata": {"name": "rules"}, "data": {"pool": "gpu"}}))
    }
}

/// A cluster that changes between two answers: each is the number of the request.
#[derive(Default)]
pub struct Counting(AtomicUsize);

impl ClusterReader for Counting {
    fn query(&self, _: &Query, _: Duration) -> Response {
        let number = self.0.fetch_add(1, Ordering::Relaxed) + 1;
        Response::Found(
            json!({"metadata": {"name": "rules"}, "data": {"pool": number.to_string()}}),
        )
    }
}

/// The lines that the policies of a review logged.
pub fn log(reviewed: &Reviewed) -> Vec<&str> {
    reviewed
        .reviews()
        .iter()
        .flat_map(|review| &review.log)
        .map(|line| line.message.as_str())
        .collect()
}
