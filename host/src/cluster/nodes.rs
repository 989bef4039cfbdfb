//! The nodes of a cluster, as far as they may be read: who runs Jobs often may not.

use crate::diagnosis::Node;
use k8s_openapi::api::core::v1 as core;
use kube::api::ListParams;
use kube::{Api, Client};

/// The most nodes that are looked at: what is said of them names single ones.
const MOST: u32 = 500;

/// The nodes; none if they may not be read, or cannot be.
pub async fn list(client: Client) -> Option<Vec<Node>> {
    let api: Api<core::Node> = Api::all(client);
    let nodes = api.list(&ListParams::default().limit(MOST)).await.ok()?;
    Some(nodes.items.into_iter().map(node).collect())
}

fn node(node: core::Node) -> Node {
    let spec = node.spec.unwrap_or_default();
    let taints = spec.taints.unwrap_or_default().into_iter();
    let keeps_away = taints.filter(|taint| taint.effect != "PreferNoSchedule");
    let resources = node.status.and_then(|status| status.allocatable).unwrap_or_default();
    Node {
        name: node.metadata.name.unwrap_or_default(),
        labels: node.metadata.labels.unwrap_or_default().into_iter().collect(),
        taints: keeps_away
            .map(|taint| (taint.key, taint.value.unwrap_or_default(), taint.effect))
            .collect(),
        resources: resources
            .into_iter()
            .filter(|(_, amount)| amount.0 != "0")
            .map(|(name, _)| name)
            .collect(),
    }
}
