//! The claims that Jobs name, and what those are like that are created for them.

use super::{Admitted, PREFIX, RunId};
use crate::k8s::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The annotation that tells by which attempt a claim was created, without its prefix.
const CREATION: &str = "creation";

/// What becomes of claims that the Jobs name and the namespace does not have.
#[derive(Clone, Debug, PartialEq)]
pub enum MissingClaims {
    /// The run is refused.
    Refused {
        /// The command that would create them, if it can be told.
        creating: Option<String>,
    },
    /// They are created.
    Created(NewClaims),
}

/// What created claims are like.
#[derive(Clone, Debug, PartialEq)]
pub struct NewClaims {
    /// Their storage class: none is the cluster's default, an empty one leaves them to volumes that
    /// were made by hand.
    pub storage_class: Option<String>,
    /// The size of each.
    pub size: Quantity,
    /// Who may mount each at a time.
    pub access_mode: AccessMode,
}

/// Who may mount a claim at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccessMode {
    /// `ReadWriteOnce`.
    OneNode,
    /// `ReadWriteMany`.
    ManyNodes,
    /// `ReadWriteOncePod`.
    OnePod,
}

impl AccessMode {
    /// Its name in Kubernetes.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OneNode => "ReadWriteOnce",
            Self::ManyNodes => "ReadWriteMany",
            Self::OnePod => "ReadWriteOncePod",
        }
    }
}

impl NewClaims {
    /// The claim of this name as it is sent. It has no owner: data outlives the run. `creation` tells
    /// later whether a claim that is found is this one.
    pub fn manifest(&self, name: &str, creation: &RunId) -> Value {
        let mut spec = json!({
            "accessModes": [self.access_mode.as_str()],
            "resources": {"requests": {"storage": self.size.to_string()}},
        });
        if let Some(class) = &self.storage_class {
            spec["storageClassName"] = class.as_str().into();
        }
        json!({
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": {
                "name": name,
                "labels": {"app": "mlcube", "app.kubernetes.io/managed-by": "mlcube-k8s"},
                "annotations": {format!("{PREFIX}{CREATION}"): creation.to_string()},
            },
            "spec": spec,
        })
    }

    /// Whether a claim was created by this attempt.
    pub fn is_by(creation: &RunId, claim: &ObjectMeta) -> bool {
        let annotations = claim.annotations.as_ref();
        let by = annotations.and_then(|all| all.get(&format!("{PREFIX}{CREATION}")));
        by.is_some_and(|by| *by == creation.to_string())
    }
}

/// A claim, as far as it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Claim {
    /// Its name.
    pub name: String,
    /// The storage that it asks for, or has once it is bound: a quantity.
    pub size: Option<String>,
    /// Its storage class; none if it has none.
    pub class: Option<String>,
    /// Its access modes.
    pub access_modes: Vec<String>,
}

impl Claim {
    /// What it is like, in words; empty if nothing is known.
    pub fn details(&self) -> String {
        let Self { size, class, access_modes, .. } = self;
        if size.is_none() && access_modes.is_empty() {
            return String::new();
        }
        let class = class.as_ref().filter(|class| !class.is_empty());
        let class = class.map_or("no class".into(), |class| format!("class `{class}`"));
        let size = size.iter().cloned();
        size.chain([class]).chain(access_modes.iter().cloned()).collect::<Vec<_>>().join(", ")
    }
}

/// What became of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClaimState {
    /// It was there before.
    Found,
    /// It would be created.
    Planned,
    /// It is created.
    Created,
}

impl ClaimState {
    /// In a word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Found => "found",
            Self::Planned => "planned",
            Self::Created => "created",
        }
    }
}

/// The claims that admitted Jobs name, each once.
pub fn claims_of(jobs: &[Admitted]) -> BTreeSet<&str> {
    jobs.iter().flat_map(|admitted| admitted.job().claims()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::{Job, UnderReview};

    #[test]
    fn a_claim_has_what_was_asked_for_and_no_owner() {
        let creation = RunId::random();
        for (class, expected) in [
            (None, Value::Null),
            (Some(String::new()), json!("")),
            (Some("fast".into()), json!("fast")),
        ] {
            let new = NewClaims {
                storage_class: class,
                size: Quantity::parse("20480Mi").expect("a quantity"),
                access_mode: AccessMode::ManyNodes,
            };
            let claim = new.manifest("data", &creation);
            assert_eq!(claim["spec"]["storageClassName"], expected);
            assert_eq!(claim["spec"]["accessModes"], json!(["ReadWriteMany"]));
            assert_eq!(claim["spec"]["resources"]["requests"]["storage"], "20Gi");
            assert_eq!(claim["metadata"]["ownerReferences"], Value::Null);
            let metadata: ObjectMeta =
                serde_json::from_value(claim["metadata"].clone()).expect("metadata");
            assert!(NewClaims::is_by(&creation, &metadata));
            assert!(!NewClaims::is_by(&RunId::random(), &metadata));
        }
        assert!(!NewClaims::is_by(&creation, &ObjectMeta::default()));
    }

    #[test]
    fn each_claim_is_named_once() {
        let job = |claims: &[&str]| {
            let volume =
                |claim| json!({"name": "v", "persistentVolumeClaim": {"claimName": claim}});
            let volumes: Vec<_> = claims.iter().map(volume).collect();
            let job = json!({
                "apiVersion": "batch/v1", "kind": "Job",
                "spec": {"template": {"spec": {"containers": [], "volumes": volumes}}},
            });
            UnderReview::new(Job::from_json(job).expect("a Job")).admit()
        };
        let jobs = [job(&["b", "a"]), job(&[]), job(&["c", "b"])];
        assert_eq!(claims_of(&jobs).into_iter().collect::<Vec<_>>(), ["a", "b", "c"]);
    }
}
