//! Where the inputs and outputs of a task are: on which claim, and where on it, after every policy.

use super::{Job, Origin, Volume};
use crate::text::{below, within};
use serde::Serialize;
use serde_json::{Map, Value};

/// An input or output of a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The parameter.
    pub parameter: String,
    /// The claim.
    pub claim: String,
    /// The path on the claim; empty for the whole of it.
    pub path: String,
}

impl Place {
    /// The outputs of the task that a Job runs. One that is on no claim is left out.
    pub fn outputs_of(job: &Job) -> Vec<Self> {
        Self::all_of(job, &Origin::of(job).outputs)
    }

    /// The inputs of the task that a Job runs. One that is on no claim is left out.
    pub fn inputs_of(job: &Job) -> Vec<Self> {
        Self::all_of(job, &Origin::of(job).inputs)
    }

    /// Whether another place is this one, or lies below it.
    pub fn holds(&self, other: &Self) -> bool {
        self.claim == other.claim && within(&other.path, &self.path).is_some()
    }

    fn all_of(job: &Job, parameters: &Map<String, Value>) -> Vec<Self> {
        let Some(container) = job.container(job.main_container()) else { return Vec::new() };
        let words = ["command", "args"].into_iter().flat_map(|list| {
            job.items(&container.pointer().key(list)).iter().filter_map(Value::as_str)
        });
        let words: Vec<&str> = words.collect();
        let mounts = job.items(&container.pointer().key("volumeMounts"));
        let place = |parameter: &String| {
            let start = format!("--{parameter}=");
            let path = words.iter().find_map(|word| word.strip_prefix(&start))?;
            // Kubernetes halves them.
            let path = path.replace("$$", "$");
            let text = |mount: &Value, key: &str| mount.get(key)?.as_str().map(str::to_owned);
            let leading = mounts.iter().filter_map(|mount| {
                let folder = text(mount, "mountPath")?;
                let rest = below(&path, folder.trim_end_matches('/'))?;
                Some((folder.len(), mount, rest.to_owned()))
            });
            let (_, mount, rest) = leading.max_by_key(|(length, ..)| *length)?;
            let volume = text(mount, "name")?;
            let claim = job.volume(&volume).as_ref().and_then(Volume::claim)?.to_owned();
            let sub_path = text(mount, "subPath").unwrap_or_default();
            let parts = [sub_path.trim_matches('/'), rest.trim_matches('/')];
            let path = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>();
            Some(Self { parameter: parameter.clone(), claim, path: path.join("/") })
        };
        parameters.keys().filter_map(place).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// The mounts and volumes of a Job whose task writes `--out=/m/c/w/model`, and where that is.
    #[test]
    fn an_output_is_where_its_mount_leads() {
        let claim = |name: &str, claim: &str| json!({"name": name, "persistentVolumeClaim": {"claimName": claim}});
        let rows = [
            (json!([{"name": "a", "mountPath": "/m/c"}]), "/m/c/w/model", "one w/model"),
            (json!([{"name": "a", "mountPath": "/m/c/"}]), "/m/c", "one "),
            (
                json!([{"name": "a", "mountPath": "/m/c", "subPath": "team/x"}]),
                "/m/c/w/model",
                "one team/x/w/model",
            ),
            (
                json!([{"name": "a", "mountPath": "/m"}, {"name": "b", "mountPath": "/m/c"}]),
                "/m/c/model",
                "two model",
            ),
            (json!([{"name": "a", "mountPath": "/m/cc"}]), "/m/c/model", ""),
            (json!([{"name": "e", "mountPath": "/m/c"}]), "/m/c/model", ""),
            (json!([]), "/m/c/model", ""),
        ];
        for (mounts, path, expected) in rows {
            let job = json!({
                "apiVersion": "batch/v1", "kind": "Job",
                "metadata": {"annotations": {"mlcube-k8s.dev/outputs": "{\"out\": \"model\"}"}},
                "spec": {"template": {"spec": {
                    "containers": [{
                        "name": "main", "args": ["train", format!("--out={path}")],
                        "volumeMounts": mounts,
                    }],
                    "volumes": [claim("a", "one"), claim("b", "two"), {"name": "e", "emptyDir": {}}],
                }}},
            });
            let job = Job::from_json(job).expect("a Job");
            let found = Place::outputs_of(&job);
            let found: Vec<_> =
                found.iter().map(|place| format!("{} {}", place.claim, place.path)).collect();
            assert_eq!(found.join(", "), expected, "{path}");
        }
    }
}
