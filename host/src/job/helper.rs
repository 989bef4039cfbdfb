//! The Job whose Pod carries data to the claims of other Jobs, and back: it stands where they stand,
//! as the same user, and asks for no device. It ends by itself, and is removed soon after.

use super::draft::{MOUNTS, literal};
use super::{Amounts, Job, Origin, PREFIX, Pointer, RUN};
use crate::k8s::Quantity;
use serde_json::{Map, Value, json};

/// The label of such a Job, without its prefix.
pub const HELPER: &str = "helper";
/// The longest life of the Pod: it ends long before, once nobody speaks with it.
const DEADLINE: u32 = 24 * 3600;
/// How long a Job that ended is kept.
const KEPT: u32 = 30;

/// Its limits, where the task's are not smaller, and its requests.
const RESOURCES: [(&str, &str, &str); 2] = [("cpu", "2", "100m"), ("memory", "512Mi", "64Mi")];
/// The resource of which it has the task's amounts: it writes next to nothing, and a quota may demand
/// them.
const DISK: &str = "ephemeral-storage";

/// What such a Pod runs.
#[derive(Clone, Copy, Debug)]
pub struct HelperProgram<'a> {
    /// Its image; none is that of the first Job.
    pub image: Option<&'a str>,
    /// The name by which it locks claims.
    pub name: &'a str,
    /// The script of its main process, for `sh -c`; its arguments are the name and the folders of
    /// the claims.
    pub script: &'a str,
}

impl Job {
    /// The Job of a Pod beside the claims of some Jobs; none if they have no claims.
    pub fn helper(jobs: &[&Job], program: HelperProgram<'_>) -> Option<Self> {
        let first = jobs.first()?;
        let mut volumes: Vec<(String, &str)> = Vec::new();
        for volume in jobs.iter().flat_map(|job| job.volumes()) {
            let Some(claim) = volume.claim() else { continue };
            if volumes.iter().any(|(_, known)| *known == claim) {
                continue;
            }
            let is_taken = volumes.iter().any(|(name, _)| name == volume.name);
            let name =
                if is_taken { format!("claim-{}", volumes.len()) } else { volume.name.into() };
            volumes.push((name, claim));
        }
        if volumes.is_empty() {
            return None;
        }
        let folders = volumes.iter().map(|(_, claim)| format!("{MOUNTS}/{claim}"));
        let words = ["sh", "-c", program.script, "mlcube-k8s", program.name];
        let words = words.into_iter().map(str::to_owned).chain(folders);
        let container = json!({
            "name": "mlcube-staging",
            "image": program.image.map_or_else(|| first.image(), |image| json!(image)),
            "command": words.map(|word| literal(&word)).collect::<Vec<_>>(),
            "resources": first.helper_resources(),
            "volumeMounts": volumes.iter().map(|(name, claim)| {
                json!({"name": name, "mountPath": format!("{MOUNTS}/{claim}")})
            }).collect::<Vec<_>>(),
        });
        let mut pod = json!({
            "automountServiceAccountToken": false,
            "containers": [container],
            "enableServiceLinks": false,
            "restartPolicy": "Never",
            "terminationGracePeriodSeconds": 2,
            "volumes": volumes.iter().map(|(name, claim)| {
                json!({"name": name, "persistentVolumeClaim": {"claimName": claim}})
            }).collect::<Vec<_>>(),
        });
        for field in [
            "imagePullSecrets",
            "nodeSelector",
            "securityContext",
            "serviceAccountName",
            "tolerations",
        ] {
            copy(first.at(&Pointer::pod().key(field)), &mut pod, field);
        }
        let main = first.container(first.main_container()).map(|container| container.json);
        for field in ["imagePullPolicy", "securityContext"] {
            copy(main.and_then(|main| main.get(field)), &mut pod["containers"][0], field);
        }
        let labels = first.own_labels();
        let name = first.name().trim_end_matches('-').replacen("mlcube-", "mlcube-staging-", 1);
        let origin = Origin { platform: Value::Null, ..Origin::of(first) };
        let job = json!({
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": {
                "generateName": format!("{name}-"),
                "namespace": first.namespace(),
                "labels": labels,
                "annotations": origin.annotations(),
            },
            "spec": {
                "activeDeadlineSeconds": DEADLINE,
                "backoffLimit": 0,
                "ttlSecondsAfterFinished": KEPT,
                "template": {"metadata": {"labels": labels}, "spec": pod},
            },
        });
        let mut job = Self::from_json(job).expect("a Job was built");
        job.metadata_mut().retain(|_, value| !value.is_null());
        Some(job)
    }

    /// The Job without the devices that a policy gave it: to carry data it needs none.
    pub fn without_devices(&self) -> Self {
        let mut job = self.clone();
        let containers = job.0.pointer_mut("/spec/template/spec/containers");
        for container in containers.and_then(Value::as_array_mut).into_iter().flatten() {
            for amounts in ["limits", "requests"] {
                let amounts = container.pointer_mut(&format!("/resources/{amounts}"));
                if let Some(amounts) = amounts.and_then(Value::as_object_mut) {
                    amounts.retain(|name, _| !name.contains('/'));
                }
            }
        }
        job
    }

    /// Where a claim is mounted in the main container, and which folder of it that is: empty for the
    /// whole.
    pub fn mounted(&self, claim: &str) -> Option<(&str, &str)> {
        let container = self.container(self.main_container())?;
        let mounts = self.items(&container.pointer().key("volumeMounts"));
        mounts.iter().find_map(|mount| {
            let text = |key: &str| mount.get(key).and_then(Value::as_str);
            let volume = self.volume(text("name")?)?;
            let below = text("subPath").unwrap_or_default().trim_matches('/');
            (volume.claim() == Some(claim)).then_some((text("mountPath")?, below))
        })
    }

    /// What the Pod asks for and takes at most: what bounds the task in its namespace bounds it, too.
    fn helper_resources(&self) -> Value {
        let main = self.container(self.main_container());
        let of_task = |amounts, name| {
            main.as_ref().and_then(|main| self.amount(main, amounts, name).ok().flatten())
        };
        let mut all = json!({"limits": {}, "requests": {}});
        for (name, limit, request) in RESOURCES {
            let [limit, request] =
                [limit, request].map(|own| Quantity::parse(own).expect("a quantity"));
            let bound = of_task(Amounts::Limits, name).filter(|bound| *bound > Quantity::ZERO);
            let limit = bound.into_iter().fold(limit, Ord::min);
            all["limits"][name] = limit.to_string().into();
            all["requests"][name] = request.min(limit).to_string().into();
        }
        for amounts in [Amounts::Limits, Amounts::Requests] {
            let amount = of_task(amounts, DISK).map(|amount| amount.to_string());
            copy(Some(&json!(amount)), &mut all[amounts.as_str()], DISK);
        }
        all
    }

    fn image(&self) -> Value {
        let container = self.container(self.main_container());
        container.and_then(|container| container.json.get("image")).cloned().unwrap_or_default()
    }

    /// The labels that are the cube's, and no controller's.
    fn own_labels(&self) -> Map<String, Value> {
        let labels = self.at(&Pointer::metadata().key("labels")).and_then(Value::as_object);
        let is_own = |key: &str| {
            let foreign = ["batch.kubernetes.io/", "kueue.x-k8s.io/"];
            !foreign.iter().any(|prefix| key.starts_with(prefix))
                && !matches!(key, "controller-uid" | "job-name")
                && key != format!("{PREFIX}{RUN}")
        };
        let own = labels.into_iter().flatten().filter(|(key, _)| is_own(key));
        let own = own.map(|(key, value)| (key.clone(), value.clone()));
        own.chain([(format!("{PREFIX}{HELPER}"), json!("staging"))]).collect()
    }
}

fn copy(from: Option<&Value>, to: &mut Value, field: &str) {
    if let Some(value) = from.filter(|value| !value.is_null()) {
        to[field] = value.clone();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_bounds_the_task_bounds_the_pod_beside_its_claims() {
        let usual = json!({
            "limits": {"cpu": "2", "memory": "512Mi"}, "requests": {"cpu": "100m", "memory": "64Mi"},
        });
        let rows = [
            ("nothing", json!({}), usual.clone()),
            (
                "more",
                json!({"limits": {"cpu": 8, "memory": "64Gi", "nvidia.com/gpu": 1}}),
                usual.clone(),
            ),
            ("nothing at all", json!({"limits": {"cpu": "0"}}), usual.clone()),
            (
                "less",
                json!({"limits": {"cpu": "1", "memory": "256Mi"}, "requests": {"cpu": "1"}}),
                json!({
                    "limits": {"cpu": "1", "memory": "256Mi"},
                    "requests": {"cpu": "100m", "memory": "64Mi"},
                }),
            ),
            (
                "very little, and some of the disk",
                json!({
                    "limits": {"cpu": "50m", "memory": "32M", "ephemeral-storage": "2Gi"},
                    "requests": {"ephemeral-storage": "1Gi"},
                }),
                json!({
                    "limits": {"cpu": "50m", "memory": "32M", "ephemeral-storage": "2Gi"},
                    "requests": {"cpu": "50m", "memory": "32M", "ephemeral-storage": "1Gi"},
                }),
            ),
        ];
        for (name, resources, expected) in rows {
            let container = json!({"name": "main", "resources": resources});
            let spec = json!({"template": {"spec": {"containers": [container]}}});
            let job =
                json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {}, "spec": spec});
            let job = Job::from_json(job).expect("a Job");
            assert_eq!(job.helper_resources(), expected, "{name}");
        }
    }
}
