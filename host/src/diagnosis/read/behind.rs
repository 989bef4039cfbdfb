//! What parts of a cluster say while they have not heard of each other's work: it passes when they
//! try again.

use super::{Finding, claims, creation, describe};
use crate::diagnosis::{Cause, Fact, Source, Subject, Wants};

/// The reasons under which it is said. The message of others may be the task's own words.
const REASONS: [&str; 6] = [
    "FailedCreate",
    "FailedMount",
    "FailedAttachVolume",
    "FailedCreatePodSandBox",
    "ProvisioningFailed",
    "CreateContainerConfigError",
];

/// The cluster's words, and what they mean.
const SIGNS: [(&str, &str); 13] = [
    (
        "no relationship found between node",
        "the API server has not taken in yet that the Pod is the node's, and gives the node nothing of it",
    ),
    ("failed to sync configmap cache", "the node has not read the ConfigMaps of the Pod yet"),
    ("failed to sync secret cache", "the node has not read the Secrets of the Pod yet"),
    ("\" not registered", "the node has not read the Secrets and ConfigMaps of the Pod yet"),
    ("have not yet been read at least once", "the node has not heard from the API server yet"),
    ("list of VolumesInUse", "the node has not told the cluster yet that it uses the volume"),
    ("PVC is not bound", "a claim has no volume yet, or the node has not heard of it"),
    (
        "configmap \"kube-root-ca.crt\" not found",
        "Kubernetes has not made ConfigMap `kube-root-ca.crt` of the namespace yet",
    ),
    (
        "serviceaccount \"default\" not found",
        "Kubernetes has not made service account `default` of the namespace yet",
    ),
    (
        "status unknown for quota",
        "Kubernetes has not counted yet what is in use of a quota of the namespace",
    ),
    ("the object has been modified", "others change the same object at the same time"),
    ("etcdserver: ", "the store of the API server does not answer in time"),
    ("request did not complete within", "the API server does not answer in time"),
];

/// What a part of the cluster says for a while only, if it is that.
pub fn read(fact: &Fact, wants: &Wants) -> Option<Finding> {
    let is_said = match (&fact.source, &fact.about) {
        // This program creates claims, and what it is answered is not tried again.
        (Source::Event, Subject::PersistentVolumeClaim(_)) => fact.reason != "FailedCreate",
        (source, _) => matches!(source, Source::Event | Source::Waiting { .. }),
    };
    // A webhook or a driver may say such words of its own troubles, which need not pass.
    let is_foreign = ["webhook \"", " desc = "].iter().any(|sign| fact.message.contains(sign));
    if !is_said || is_foreign || !REASONS.contains(&&*fact.reason) {
        return None;
    }
    let (_, meaning) = SIGNS.iter().find(|(sign, _)| fact.message.contains(sign))?;
    let command = match &fact.about {
        Subject::Job => creation::describe(wants),
        Subject::Pod(pod) => describe(pod),
        Subject::PersistentVolumeClaim(claim) => claims::describe(claim),
    };
    let remedy = "wait: it is tried again; if it lasts, the cluster needs its administrator";
    Some(Finding::new(Cause::ClusterBehind, *meaning, remedy).with(command))
}
