//! Quotas that are too small for a Job's Pod, whatever else runs. Amounts are compared as amounts.

use super::{Check, CheckResult};
use crate::cluster::{Cluster, ClusterError};
use crate::job::{Admitted, Amounts, Job};
use crate::k8s::{Quantity, is_extended};
use k8s_openapi::api::core::v1::ResourceQuota;
use kube::Api;
use kube::api::ListParams;

/// Amounts that quotas count by other names.
const AMOUNTS: [(&str, Amounts, &str); 8] = [
    ("cpu", Amounts::Requests, "cpu"),
    ("memory", Amounts::Requests, "memory"),
    ("requests.cpu", Amounts::Requests, "cpu"),
    ("requests.memory", Amounts::Requests, "memory"),
    ("requests.ephemeral-storage", Amounts::Requests, "ephemeral-storage"),
    ("limits.cpu", Amounts::Limits, "cpu"),
    ("limits.memory", Amounts::Limits, "memory"),
    ("limits.ephemeral-storage", Amounts::Limits, "ephemeral-storage"),
];

impl Cluster {
    pub(super) async fn check_quotas(&self, jobs: &[Admitted]) -> Result<Vec<Check>, ClusterError> {
        let api: Api<ResourceQuota> =
            Api::namespaced(self.client.clone(), self.namespace().as_str());
        let quotas = match api.list(&ListParams::default()).await {
            Ok(quotas) => quotas.items,
            Err(kube::Error::Api(_)) => {
                let open = CheckResult::Open("quotas may not be listed".into());
                return Ok(vec![Check::new("quota", open)]);
            }
            Err(error) => return Err(self.error("list the quotas", error)),
        };
        let too_small = |job: &Admitted| {
            let found = quotas.iter().find_map(|quota| too_small(quota, job.job()));
            found.map(|(quota, why)| {
                let command = Some(self.kubectl(&format!("describe resourcequota {quota}")));
                let cause = "quota-too-small";
                let remedy =
                    "ask for less in the section `k8s.resources`, or have the quota raised".into();
                let error = ClusterError::NotAdmitted { cause, why, remedy, command };
                Check::of("quota", job, CheckResult::Refused(error))
            })
        };
        let refused: Vec<_> = jobs.iter().filter_map(too_small).collect();
        if refused.is_empty() {
            let what = if quotas.is_empty() {
                "there is none"
            } else {
                "each Pod fits, if nothing else runs"
            };
            return Ok(vec![Check::new("quota", CheckResult::Fine(what.into()))]);
        }
        Ok(refused)
    }
}

/// The quota's name, and why it is too small, if it is. One that counts only some Pods is left to
/// the cluster.
fn too_small(quota: &ResourceQuota, job: &Job) -> Option<(String, String)> {
    let spec = quota.spec.as_ref()?;
    if spec.scopes.as_ref().is_some_and(|scopes| !scopes.is_empty())
        || spec.scope_selector.is_some()
    {
        return None;
    }
    let name = quota.metadata.name.clone()?;
    spec.hard.iter().flatten().find_map(|(resource, hard)| {
        let asked = asked(job, resource)?;
        let hard = Quantity::parse(&hard.0).ok()?;
        (asked > hard).then(|| {
            let why = format!("quota `{name}` is too small: the Pod asks for `{resource}={asked}` of `{hard}` in all");
            (name.clone(), why)
        })
    })
}

fn asked(job: &Job, resource: &str) -> Option<Quantity> {
    if matches!(resource, "pods" | "count/pods" | "count/jobs.batch") {
        return Quantity::parse("1").ok();
    }
    if let Some((_, of, name)) = AMOUNTS.iter().find(|(known, ..)| *known == resource) {
        return job.total(*of, name).ok().flatten();
    }
    let name = resource.strip_prefix("requests.").filter(|name| is_extended(name))?;
    job.total(Amounts::Requests, name).ok().flatten()
}

/// What claims ask of a namespace together.
#[derive(Debug)]
pub(super) struct Demand<'a> {
    /// How many there are.
    pub count: u64,
    /// The size of each.
    pub size: &'a Quantity,
    /// Their storage class, if it is known.
    pub class: Option<&'a str>,
}

/// The quota's name, and why it has no room for so many claims, if it has none: unlike Pods, claims
/// that are there stay.
pub(super) fn without_room(quota: &ResourceQuota, demand: &Demand<'_>) -> Option<(String, String)> {
    let name = quota.metadata.name.clone()?;
    let status = quota.status.as_ref();
    let used = status.and_then(|status| status.used.as_ref());
    quota.spec.as_ref()?.hard.iter().flatten().find_map(|(resource, hard)| {
        let asked = demand.of(resource)?;
        let hard = Quantity::parse(&hard.0).ok()?;
        let used = used.and_then(|used| Quantity::parse(&used.get(resource)?.0).ok());
        let used = used.unwrap_or(Quantity::ZERO);
        let has_room = used.plus(&asked).is_some_and(|sum| sum <= hard);
        (!has_room).then(|| {
            let claims = if demand.count == 1 { "the claim asks" } else { "the claims ask" };
            let why = format!("quota `{name}` has no room: {claims} for `{resource}={asked}`, and `{used}` of `{hard}` are in use");
            (name.clone(), why)
        })
    })
}

impl Demand<'_> {
    /// What they ask for of a resource of a quota, if they do.
    fn of(&self, resource: &str) -> Option<Quantity> {
        let resource = match resource.split_once(".storageclass.storage.k8s.io/") {
            Some((class, resource)) if Some(class) == self.class => resource,
            Some(_) => return None,
            None => resource,
        };
        let each = match resource {
            "persistentvolumeclaims" | "count/persistentvolumeclaims" => {
                &Quantity::parse("1").ok()?
            }
            "requests.storage" => self.size,
            _ => return None,
        };
        (0..self.count).try_fold(Quantity::ZERO, |sum, _| sum.plus(each))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn amounts_are_compared_as_amounts() {
        let rows = [
            (json!({"requests.cpu": "1"}), Some("`requests.cpu=1500m` of `1`")),
            (json!({"cpu": "1500m"}), None),
            (json!({"limits.memory": "1G"}), Some("`limits.memory=1Gi` of `1G`")),
            (json!({"limits.memory": "1Gi"}), None),
            (json!({"requests.nvidia.com/gpu": "0"}), Some("`requests.nvidia.com/gpu=2` of `0`")),
            (json!({"pods": "0"}), Some("`pods=1` of `0`")),
            (json!({"count/secrets": "0"}), None),
        ];
        let resources = json!({
            "requests": {"cpu": "1500m", "memory": "1Gi"},
            "limits": {"memory": "1Gi", "nvidia.com/gpu": "2"},
        });
        let job = Job::from_json(json!({
            "apiVersion": "batch/v1", "kind": "Job",
            "spec": {"template": {"spec": {"containers": [{"name": "c", "resources": resources}]}}},
        }))
        .expect("a Job");
        for (hard, expected) in rows {
            let quota = json!({"metadata": {"name": "q"}, "spec": {"hard": hard}});
            let quota = serde_json::from_value(quota).expect("a quota");
            let found = too_small(&quota, &job).map(|(_, why)| why);
            assert_eq!(found.is_some(), expected.is_some(), "{hard}: {found:?}");
            let found = found.unwrap_or_default();
            assert!(found.contains(expected.unwrap_or_default()), "{hard}: {found}");
        }
    }

    #[test]
    fn claims_need_room_for_all_of_them() {
        let rows = [
            (json!({"persistentvolumeclaims": "3"}), json!({"persistentvolumeclaims": "1"}), ""),
            (
                json!({"persistentvolumeclaims": "3"}),
                json!({"persistentvolumeclaims": "2"}),
                "`persistentvolumeclaims=2`, and `2` of `3`",
            ),
            (json!({"count/persistentvolumeclaims": "1"}), json!({}), "=2`, and `0` of `1`"),
            (json!({"requests.storage": "40Gi"}), json!({}), ""),
            (
                json!({"requests.storage": "40Gi"}),
                json!({"requests.storage": "1"}),
                "`requests.storage=40Gi`, and `1` of `40Gi`",
            ),
            (
                json!({"fast.storageclass.storage.k8s.io/requests.storage": "20Gi"}),
                json!({}),
                "fast.",
            ),
            (json!({"slow.storageclass.storage.k8s.io/requests.storage": "1"}), json!({}), ""),
            (
                json!({"fast.storageclass.storage.k8s.io/persistentvolumeclaims": "1"}),
                json!({}),
                "fast.",
            ),
            (json!({"requests.cpu": "0", "pods": "0"}), json!({}), ""),
        ];
        let size = Quantity::parse("20Gi").expect("a quantity");
        let demand = Demand { count: 2, size: &size, class: Some("fast") };
        for (hard, used, expected) in rows {
            let quota = json!({
                "metadata": {"name": "q"}, "spec": {"hard": hard}, "status": {"used": used},
            });
            let quota = serde_json::from_value(quota).expect("a quota");
            let found = without_room(&quota, &demand).map(|(_, why)| why).unwrap_or_default();
            assert_eq!(found.is_empty(), expected.is_empty(), "{hard}: {found}");
            assert!(found.contains(expected), "{hard}: {found}");
        }
    }
}
