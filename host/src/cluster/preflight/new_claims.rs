//! Claims that are to be created: whether they may be, their storage class exists, and quotas have
//! room for all of them. Dry runs tell what no rule of the namespace has to be read for.

use super::quotas::{Demand, without_room};
use super::{Check, CheckResult};
use crate::cluster::claims::{planned, seen};
use crate::cluster::{Cluster, ClusterError};
use crate::job::NewClaims;
use futures::future::try_join_all;
use k8s_openapi::api::core::v1::{PersistentVolumeClaim, ResourceQuota};
use k8s_openapi::api::storage::v1::StorageClass;
use kube::Api;
use kube::api::ListParams;
use std::collections::BTreeSet;

/// The right to create them.
const RIGHT: super::rights::Right = ("create", "", "persistentvolumeclaims", "");
/// The annotations that make a class the cluster's default.
const DEFAULT: [&str; 2] = [
    "storageclass.kubernetes.io/is-default-class",
    "storageclass.beta.kubernetes.io/is-default-class",
];

/// What a dry run says of a claim.
enum Tried {
    /// It would be stored so.
    Fine(Box<PersistentVolumeClaim>),
    /// It is there, though it may not be read.
    Exists,
    /// It cannot be tried, for this reason.
    Open(String),
    /// It would be refused.
    Refused(ClusterError),
}

impl Cluster {
    /// Check the creation of those claims that are missing, or may not be looked at, of all.
    pub(super) async fn check_new_claims(
        &self,
        all: &BTreeSet<&str>,
        lacking: &[&str],
        new: &NewClaims,
    ) -> Result<Vec<Check>, ClusterError> {
        if all.is_empty() {
            let warning = CheckResult::Warning {
                message: "`--create-claims` has no effect".into(),
                hint: "no Job names a claim".into(),
                command: None,
            };
            return Ok(vec![Check::new("claim", warning)]);
        }
        let Some(first) = lacking.first() else { return Ok(Vec::new()) };
        let missing = self.lacking(&[RIGHT]).await?;
        if !missing.is_empty() {
            let namespace = self.namespace().to_string();
            let refused = CheckResult::Refused(ClusterError::NoRights { namespace, missing });
            return Ok(vec![Check::new("rights", refused)]);
        }
        let classes = self.classes().await?;
        if let Some(error) = unknown_class(first, new, classes.as_deref()) {
            return Ok(vec![Check::new("claim", CheckResult::Refused(error))]);
        }
        let tries = try_join_all(lacking.iter().map(|claim| self.try_new(claim, new))).await?;
        let class_of = |tried: &Tried| match tried {
            Tried::Fine(claim) => claim.spec.as_ref()?.storage_class_name.clone(),
            _ => None,
        };
        let class = tries.iter().find_map(class_of).or_else(|| new.storage_class.clone());
        let is_tried = tries.iter().any(|tried| matches!(tried, Tried::Fine(_)));
        let has_default = || classes.iter().flatten().any(is_default);
        if class.is_none() && (is_tried || (classes.is_some() && !has_default())) {
            let known = classes.iter().flatten().filter_map(|class| class.metadata.name.clone());
            let (claim, known) = ((*first).to_owned(), known.collect());
            let error = ClusterError::NoClass { class: None, claim, known };
            return Ok(vec![Check::new("claim", CheckResult::Refused(error))]);
        }
        let count = tries.iter().filter(|tried| matches!(tried, Tried::Fine(_))).count();
        let checks = lacking.iter().zip(tries).map(|(claim, tried)| {
            Check::new(
                "claim",
                match tried {
                    Tried::Fine(claim) => CheckResult::Planned(seen(&claim)),
                    Tried::Exists => CheckResult::Fine(format!("`{claim}` exists")),
                    Tried::Open(why) => {
                        let claim = planned(claim, new);
                        let (name, details) = (&claim.name, claim.details());
                        CheckResult::Open(format!("`{name}` would be created: {details}; {why}"))
                    }
                    Tried::Refused(error) => CheckResult::Refused(error),
                },
            )
        });
        let mut checks: Vec<_> = checks.collect();
        let demand = Demand { count: count as u64, size: &new.size, class: class.as_deref() };
        checks.extend(self.check_room(&demand).await?);
        Ok(checks)
    }

    async fn try_new(&self, claim: &str, new: &NewClaims) -> Result<Tried, ClusterError> {
        match self.try_claim(claim, new).await {
            Ok(claim) => Ok(Tried::Fine(Box::new(claim))),
            Err(kube::Error::Api(status)) if status.reason == "AlreadyExists" => Ok(Tried::Exists),
            Err(kube::Error::Api(status)) if status.message.contains(super::NO_DRY_RUN) => {
                Ok(Tried::Open(format!("it cannot be tried: {}", status.message)))
            }
            Err(error @ kube::Error::Api(_)) => {
                Ok(Tried::Refused(self.claim_refused(claim, error)))
            }
            Err(error) => Err(self.error("create the claim in a dry run", error)),
        }
    }

    /// The storage classes; none if they may not be listed.
    async fn classes(&self) -> Result<Option<Vec<StorageClass>>, ClusterError> {
        let api: Api<StorageClass> = Api::all(self.client.clone());
        match api.list(&ListParams::default()).await {
            Ok(classes) => Ok(Some(classes.items)),
            Err(kube::Error::Api(_)) => Ok(None),
            Err(error) => Err(self.error("list the storage classes", error)),
        }
    }

    /// The quotas that have no room for all of them together, which each alone may have.
    async fn check_room(&self, demand: &Demand<'_>) -> Result<Vec<Check>, ClusterError> {
        if demand.count < 2 {
            return Ok(Vec::new());
        }
        let api: Api<ResourceQuota> =
            Api::namespaced(self.client.clone(), self.namespace().as_str());
        let quotas = match api.list(&ListParams::default()).await {
            Ok(quotas) => quotas.items,
            // That they may not be listed is told where Pods are held against them.
            Err(kube::Error::Api(_)) => return Ok(Vec::new()),
            Err(error) => return Err(self.error("list the quotas", error)),
        };
        let refused = quotas.iter().filter_map(|quota| without_room(quota, demand));
        let refused = refused.map(|(quota, why)| {
            let command = Some(self.kubectl(&format!("describe resourcequota {quota}")));
            let cause = "quota-exceeded";
            let remedy = "choose a smaller `--size`, delete claims that are no longer needed, or \
                          have the quota raised";
            let error = ClusterError::NotAdmitted { cause, why, remedy: remedy.into(), command };
            Check::new("claim", CheckResult::Refused(error))
        });
        Ok(refused.collect())
    }
}

/// The error of a class that is named and does not exist, as far as classes may be listed.
fn unknown_class(
    claim: &str,
    new: &NewClaims,
    classes: Option<&[StorageClass]>,
) -> Option<ClusterError> {
    let class = new.storage_class.as_ref().filter(|class| !class.is_empty())?;
    let known: Vec<_> = classes?.iter().filter_map(|one| one.metadata.name.clone()).collect();
    let (is_known, claim) = (known.contains(class), claim.to_owned());
    (!is_known).then(|| ClusterError::NoClass { class: Some(class.clone()), claim, known })
}

fn is_default(class: &StorageClass) -> bool {
    let annotations = class.metadata.annotations.as_ref();
    DEFAULT
        .iter()
        .any(|key| annotations.and_then(|all| all.get(*key)).is_some_and(|is| is == "true"))
}
