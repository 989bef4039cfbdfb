//! What keeps a Pod from nodes that have room: cordons, pressure, and taints that somebody set.

use super::Finding;
use crate::diagnosis::words::{between, quoted};
use crate::diagnosis::{Cause, Node, Wants};

/// Taints that Kubernetes sets by itself, and what they mean.
const OWN_TAINTS: [(&str, Cause); 7] = [
    ("node.kubernetes.io/unschedulable", Cause::NodeCordoned),
    ("node.kubernetes.io/disk-pressure", Cause::NodePressure),
    ("node.kubernetes.io/memory-pressure", Cause::NodePressure),
    ("node.kubernetes.io/pid-pressure", Cause::NodePressure),
    ("node.kubernetes.io/not-ready", Cause::NodeNotReady),
    ("node.kubernetes.io/unreachable", Cause::NodeNotReady),
    ("node.kubernetes.io/network-unavailable", Cause::NodeNotReady),
];

/// What keeps the Pod from the nodes that it could have: their taints, those of the nodes with the
/// labels that it asks for if the nodes are known, else those that the message names.
pub fn keep_away(reasons: &str, wants: &Wants, nodes: &[Node]) -> Option<Finding> {
    let is_cordoned = reasons.contains("unschedulable");
    let is_tainted = reasons.contains("taint");
    if !is_cordoned && !is_tainted {
        return None;
    }
    let fitting: Vec<_> = nodes.iter().filter(|node| node.matches(&wants.node_selector)).collect();
    let mut taints: Vec<(String, String)> = fitting
        .iter()
        .flat_map(|node| node.taints.iter().map(|taint| (node.name.clone(), written(taint))))
        .collect();
    let names = between(reasons, "untolerated taint {", "}").map(|taint| {
        let (key, value) = taint.split_once(':').unwrap_or((taint, ""));
        let (key, value) = (key.trim().to_owned(), value.trim().to_owned());
        (String::new(), written(&(key, value, String::new())))
    });
    if taints.is_empty() {
        taints.extend(names);
    }
    let own = |taint: &str| OWN_TAINTS.iter().find(|(key, _)| taint.starts_with(key));
    // A taint that somebody chose says the most, and that a node is not ready the least surprising.
    let chosen = taints.iter().find(|(_, taint)| own(taint).is_none());
    let pressed = taints
        .iter()
        .find(|(_, taint)| own(taint).is_some_and(|(_, cause)| *cause == Cause::NodePressure));
    let cordoned = taints.iter().find(|(_, taint)| taint.starts_with(OWN_TAINTS[0].0));
    let (node, taint) =
        chosen.or(pressed).or(cordoned).or(taints.first()).cloned().unwrap_or_else(|| {
            let key = if is_tainted { "" } else { OWN_TAINTS[0].0 };
            (String::new(), key.to_owned())
        });
    let cause = own(&taint).map_or(Cause::NodeTainted, |(_, cause)| *cause);
    Some(tainted(cause, &node, &taint))
}

fn written((key, value, effect): &(String, String, String)) -> String {
    let value = if value.is_empty() { String::new() } else { format!("={value}") };
    let effect = if effect.is_empty() { String::new() } else { format!(":{effect}") };
    format!("{key}{value}{effect}")
}

fn tainted(cause: Cause, node: &str, taint: &str) -> Finding {
    let which = if node.is_empty() { "the nodes".into() } else { format!("node {}", quoted(node)) };
    let (is, has) = if node.is_empty() { ("are", "have") } else { ("is", "has") };
    match cause {
        Cause::NodeCordoned => Finding::new(
            cause,
            format!("{which} that the Pod could have {is} cordoned"),
            "wait until they are released: `kubectl uncordon NODE`",
        )
        .with("get nodes"),
        Cause::NodeNotReady => Finding::new(
            cause,
            format!("{which} that the Pod could have {is} not ready"),
            "wait, or tell the cluster's administrator",
        )
        .with("get nodes"),
        Cause::NodePressure => {
            let short = between(taint, "node.kubernetes.io/", "-pressure").unwrap_or("something");
            let short = if short == "pid" { "processes" } else { short };
            Finding::new(
                cause,
                format!(
                    "{which} that the Pod could have {} short of {short}",
                    if node.is_empty() { "run" } else { "runs" }
                ),
                "have room made, or run on other nodes",
            )
            .with("describe nodes")
        }
        _ => {
            let taint = if taint.is_empty() {
                "a taint".into()
            } else {
                format!("the taint {}", quoted(taint))
            };
            Finding::new(
                cause,
                format!(
                    "{which} that the Pod could have {has} {taint}, which it does not tolerate"
                ),
                "if it may run there, add the taint to `k8s.tolerations`",
            )
            .with("describe nodes")
        }
    }
}
