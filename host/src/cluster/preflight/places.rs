//! Nodes that a Job's Pod could have: with its labels, and with the devices that it asks for.

use super::{Check, CheckResult};
use crate::cluster::{Cluster, ClusterError, nodes};
use crate::diagnosis::{Node, Wants};
use crate::job::Admitted;
use crate::k8s::is_extended;

impl Cluster {
    pub(super) async fn check_nodes(&self, jobs: &[Admitted]) -> Result<Vec<Check>, ClusterError> {
        let Some(nodes) = nodes::list(self.client.clone()).await else {
            let open = CheckResult::Open("nodes may not be listed".into());
            return Ok(vec![Check::new("nodes", open)]);
        };
        let check = |job: &Admitted| {
            let missing = missing(job, &nodes).map(|(message, command)| CheckResult::Warning {
                message,
                hint: "a cluster that scales may add such a node; else the Pod waits for ever"
                    .into(),
                command: Some(self.kubectl(command)),
            });
            let fine = || CheckResult::Fine("some have the labels and devices".into());
            Check::of("nodes", job, missing.unwrap_or_else(fine))
        };
        Ok(jobs.iter().map(check).collect())
    }
}

/// What no node has of the labels and the devices that a Job asks for.
fn missing(job: &Admitted, nodes: &[Node]) -> Option<(String, &'static str)> {
    let selector = Wants::new(job.job()).node_selector;
    let mut fitting = nodes.iter().filter(|node| node.matches(&selector)).peekable();
    if fitting.peek().is_none() {
        let labels: Vec<_> =
            selector.iter().map(|(key, value)| format!("`{key}={value}`")).collect();
        let message = if labels.is_empty() {
            "the cluster has no nodes".into()
        } else {
            format!("no node has the labels {}", labels.join(", "))
        };
        return Some((message, "get nodes --show-labels"));
    }
    let fitting: Vec<_> = fitting.collect();
    let resources = job.job().resource_names().unwrap_or_default();
    let mut devices = resources.into_iter().filter(|name| is_extended(name));
    let device = devices
        .find(|name| !fitting.iter().any(|node| node.resources.iter().any(|has| has == name)))?;
    let which = if selector.is_empty() { "no node" } else { "no node with these labels" };
    Some((format!("{which} has `{device}`"), "describe nodes"))
}
