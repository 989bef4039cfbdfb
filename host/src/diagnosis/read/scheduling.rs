//! Why a Pod has no node: `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) had untolerated
//! taint(s).` A scheduler asks in a certain order (cordons, taints, labels, ports, resources), so
//! the question at which the last node fell out is the closest to a place.

use super::{Finding, describe, taints};
use crate::diagnosis::words::{between, has_any, list, quoted};
use crate::diagnosis::{Cause, Node, Wants};
use crate::text::sentence;

/// The longest part of a foreign sentence in one of ours, in bytes.
const WORDS: usize = 300;

/// The condition `PodScheduled` is false.
pub fn unscheduled(
    pod: &str,
    reason: &str,
    message: &str,
    wants: &Wants,
    nodes: &[Node],
) -> Finding {
    if reason == "SchedulingGated" {
        return gated(pod, wants);
    }
    claim(message, wants).or_else(|| place(message, wants, nodes)).unwrap_or_else(|| {
        Finding::new(
            Cause::Unschedulable,
            format!("no node takes the Pod: {}", sentence(message, WORDS)),
            "it is scheduled as soon as a node fits",
        )
        .with(describe(pod))
    })
}

/// A Pod has no node, and no scheduler has said why.
pub fn silence(pod: &str, wants: &Wants) -> Finding {
    if let Some(scheduler) = &wants.scheduler {
        return Finding::new(
            Cause::NotScheduled,
            format!("no scheduler has looked at the Pod: it is left to {}", quoted(scheduler)),
            "see whether that scheduler runs, or leave out `schedulerName`",
        )
        .with("get pods --all-namespaces");
    }
    if wants.has_resource_claims {
        return devices();
    }
    if !wants.claims.is_empty() {
        return Finding::new(
            Cause::ClaimNotProvisioned,
            format!("the Pod waits for the volume of {}, which nobody makes", claims(wants)),
            "see whether the provisioner of its storage class runs, or use another claim",
        )
        .with(format!("describe persistentvolumeclaims {}", wants.claims.join(" ")));
    }
    Finding::new(
        Cause::NotScheduled,
        "no scheduler has looked at the Pod",
        "see whether the cluster's scheduler runs",
    )
    .with(describe(pod))
}

fn gated(pod: &str, wants: &Wants) -> Finding {
    let gates =
        if wants.gates.is_empty() { String::new() } else { format!(": {}", list(&wants.gates)) };
    Finding::new(
        Cause::SchedulingGated,
        format!("a scheduling gate holds the Pod{gates}"),
        "it is opened by whoever set it, such as a queue",
    )
    .with(format!("get pods {pod} --output yaml"))
}

fn devices() -> Finding {
    Finding::new(
        Cause::ResourceClaim,
        "a ResourceClaim of the Pod does not exist, or has no devices",
        "create the claim, or see why it is not allocated",
    )
    .with("get resourceclaims,deviceclasses")
}

fn claims(wants: &Wants) -> String {
    match wants.claims.len() {
        0 => "a claim".into(),
        1 => format!("claim {}", list(&wants.claims)),
        _ => format!("claims {}", list(&wants.claims)),
    }
}

/// What a message says of claims.
fn claim(message: &str, wants: &Wants) -> Option<Finding> {
    let named = between(message, "persistentvolumeclaim \"", "\"");
    let (which, names) = match named {
        Some(name) => (format!("claim {}", quoted(name)), name.to_owned()),
        None => (claims(wants), wants.claims.join(" ")),
    };
    if message.contains("bound to non-existent") {
        return Some(super::claims::lost(&which, &names));
    }
    if named.is_some() && message.contains("being deleted") {
        return Some(
            Finding::new(
                Cause::ClaimTerminating,
                format!("{which} is being deleted"),
                "wait until those who use it have ended and it is gone, and make it again, or name \
                 another in the section `k8s.pvc`",
            )
            .with(format!("describe persistentvolumeclaims {names}")),
        );
    }
    if named.is_some() {
        return Some(
            Finding::new(
                Cause::ClaimMissing,
                format!("{which} does not exist"),
                "create it, or name another in the section `k8s.pvc`",
            )
            .with("get persistentvolumeclaims"),
        );
    }
    let describe = format!("describe persistentvolumeclaims {names}").trim().to_owned();
    if has_any(message, &["didn't find available persistent volumes"]) {
        return Some(
            Finding::new(
                Cause::VolumeMisfit,
                format!("{which} has no volume yet: none fits on a node that the Pod could have"),
                "make a volume of the claim's class with its size and access mode on such a node, or \
                 let the Pod run where volumes can be made",
            )
            .with(describe),
        );
    }
    if has_any(message, &["did not have enough free storage"]) {
        return Some(
            Finding::new(
                Cause::VolumeMisfit,
                format!("{which} has no volume yet: no node has room for it"),
                "make the claim again with a smaller size, or have storage added",
            )
            .with(describe),
        );
    }
    if has_any(message, &["unbound immediate", "provisioning failed"]) {
        return Some(
            Finding::new(
                Cause::ClaimUnbound,
                format!("{which} has no volume yet"),
                "a volume that fits must be made: by the storage class of the claim, or by hand",
            )
            .with(describe),
        );
    }
    if message.contains("ReadWriteOncePod") {
        return Some(
            Finding::new(
                Cause::ClaimInUse,
                format!("{} is used by another Pod, and allows only one", claims(wants)),
                "wait until that ends, or use a claim that many Pods may have",
            )
            .with("get pods --output wide"),
        );
    }
    has_any(message, &["resourceclaim", "cannot allocate all claims"]).then(devices)
}

/// What a message says of nodes.
fn place(message: &str, wants: &Wants, nodes: &[Node]) -> Option<Finding> {
    if message.contains("no nodes available") {
        let remedy = "wait until the cluster has one, or choose another cluster";
        return Some(
            Finding::new(Cause::NoNodes, "the cluster has no nodes", remedy).with("get nodes"),
        );
    }
    let reasons = message.split_once("available: ").map_or(message, |(_, reasons)| reasons);
    let reasons = reasons.split(". preemption:").next().unwrap_or(reasons);
    if has_any(
        reasons,
        &[
            "persistentvolume's node affinity",
            "volume node affinity conflict",
            "no available volume zone",
        ],
    ) {
        return Some(
            Finding::new(
                Cause::VolumeElsewhere,
                format!("the volume of {} is bound to nodes on which the Pod cannot run", claims(wants)),
                "let the Pod run there (its node selector, room on these nodes), or use another claim",
            )
            .with("get persistentvolumes --output wide"),
        );
    }
    resources(reasons)
        .or_else(|| topology(reasons))
        .or_else(|| selector(reasons, wants, nodes))
        .or_else(|| taints::keep_away(reasons, wants, nodes))
}

fn resources(reasons: &str) -> Option<Finding> {
    let names = reasons.split("Insufficient ").skip(1);
    let mut names: Vec<_> = names
        .filter_map(|rest| rest.split([',', ' ']).next())
        .map(|name| name.trim_end_matches('.'))
        .collect();
    names.dedup();
    let has_room = !reasons.contains("Too many pods");
    if names.is_empty() && has_room {
        return None;
    }
    if !has_room {
        names.push("pods");
    }
    let known = ["cpu", "memory", "ephemeral-storage", "pods"];
    let is_device = names.iter().any(|name| !known.contains(name));
    let remedy = if is_device {
        "wait until others end, ask for fewer, or see which nodes have the resource at all"
    } else {
        "wait until others end, ask for less (`--memory`, `--cpu`, `k8s.resources`), or have nodes added"
    };
    let summary = format!("no node has enough {} free", list(&names));
    Some(Finding::new(Cause::ResourcesNotFree, summary, remedy).with("describe nodes"))
}

fn topology(reasons: &str) -> Option<Finding> {
    if reasons.contains("free ports") {
        return Some(
            Finding::new(
                Cause::HostPortTaken,
                "another Pod has the port of the node that the Pod asks for",
                "wait until that ends, or leave out `hostPort`",
            )
            .with("get pods --all-namespaces --output wide"),
        );
    }
    if reasons.contains("topology spread constraints") {
        return Some(
            Finding::new(
                Cause::TopologySpread,
                "no node is left on which the Pods are spread as `topologySpreadConstraints` ask",
                "have the nodes labelled with the topology key, or allow `ScheduleAnyway`",
            )
            .with("get nodes --show-labels"),
        );
    }
    has_any(reasons, &["affinity rules"]).then(|| {
        let against = if reasons.contains("anti-affinity") { "anti-affinity" } else { "affinity" };
        Finding::new(
            Cause::PodAffinity,
            format!("no node satisfies the {against} to other Pods"),
            "see where the Pods run that it names, or change `affinity`",
        )
        .with("get pods --show-labels --output wide")
    })
}

fn selector(reasons: &str, wants: &Wants, nodes: &[Node]) -> Option<Finding> {
    if !reasons.contains("node affinity/selector") && !reasons.contains("node selector") {
        return None;
    }
    // Nodes with these labels fell out earlier, for a reason of their own.
    let fits = |node: &&Node| !wants.node_selector.is_empty() && node.matches(&wants.node_selector);
    if nodes.iter().any(|node| fits(&node)) {
        return None;
    }
    let labels: Vec<_> =
        wants.node_selector.iter().map(|(key, value)| format!("{key}={value}")).collect();
    let summary = match labels.len() {
        0 => "no free node has the labels that `affinity.nodeAffinity` asks for".into(),
        1 => format!("no free node has the label {}", list(&labels)),
        _ => format!("no free node has the labels {}", list(&labels)),
    };
    Some(
        Finding::new(
            Cause::NodeSelector,
            summary,
            "correct the node selector, or have a node labelled; a cluster that scales may add one",
        )
        .with("get nodes --show-labels"),
    )
}
