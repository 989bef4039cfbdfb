//! The annotations that a Job carries of its cube. They are all that a policy can learn of the
//! cube, so a policy can review the same Job again in a cluster. Beside them stand the claims as
//! they were drafted, which policies change.

use super::pod::items;
use super::{Job, PREFIX};
use serde_json::{Map, Value, json};

/// The cube behind a Job.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Origin {
    /// The cube's name as its author wrote it.
    pub cube: String,
    /// The task.
    pub task: String,
    /// Input parameters: name to value, in order.
    pub inputs: Map<String, Value>,
    /// Output parameters: name to value, in order.
    pub outputs: Map<String, Value>,
    /// The cube's `platform` section.
    pub platform: Value,
    /// The claims as the Job was drafted with them.
    pub drafted: Drafted,
}

/// The claims of a Job before the first policy, by which a policy that is asked again knows what it
/// has changed already.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Drafted {
    /// Volumes and the claims behind them.
    claims: Vec<(String, String)>,
    /// Containers, the paths of their mounts, and the sub-paths of these that have one.
    sub_paths: Vec<(String, String, String)>,
}

impl Drafted {
    fn of(job: &Job) -> Self {
        let claims = job.volumes().filter_map(|volume| {
            let claim = volume.claim()?;
            Some((volume.name.to_owned(), claim.to_owned()))
        });
        let sub_paths = job.containers().into_iter().flat_map(|container| {
            let mounts = items(container.json, "volumeMounts").iter();
            mounts.filter_map(move |mount| {
                let text = |field| Some(mount.get(field)?.as_str()?.to_owned());
                Some((container.name.to_owned(), text("mountPath")?, text("subPath")?))
            })
        });
        Self { claims: claims.collect(), sub_paths: sub_paths.collect() }
    }

    /// The claim that a volume had.
    pub fn claim_of(&self, volume: &str) -> Option<&str> {
        self.claims.iter().find(|(name, _)| name == volume).map(|(_, claim)| claim.as_str())
    }

    /// The sub-path of the mount that a container had at a path.
    pub fn sub_path(&self, container: &str, path: &str) -> Option<&str> {
        let found =
            self.sub_paths.iter().find(|(name, place, _)| name == container && place == path);
        found.map(|(_, _, sub_path)| sub_path.as_str())
    }
}

impl Origin {
    /// The origin in the annotations of a Job; empty for a Job without a cube.
    pub fn of(job: &Job) -> Self {
        let text = |name: &str| text(job, name);
        let json = |name: &str| serde_json::from_str(&text(name)).unwrap_or(Value::Null);
        let map = |name: &str| match json(name) {
            Value::Object(map) => map,
            _ => Map::new(),
        };
        Self {
            cube: text("cube"),
            task: Self::task_of(job),
            inputs: map("inputs"),
            outputs: map("outputs"),
            platform: json("platform"),
            drafted: Drafted::of(job),
        }
    }

    /// The task in the annotations of a Job; empty for a Job without a cube.
    pub fn task_of(job: &Job) -> String {
        text(job, "task")
    }

    /// The annotations that carry this.
    pub fn annotations(&self) -> Map<String, Value> {
        let platform =
            Some(("platform", self.platform.to_string())).filter(|_| !self.platform.is_null());
        let texts = [
            ("cube", self.cube.clone()),
            ("task", self.task.clone()),
            ("inputs", json!(self.inputs).to_string()),
            ("outputs", json!(self.outputs).to_string()),
        ];
        texts
            .into_iter()
            .chain(platform)
            .map(|(name, text)| (format!("{PREFIX}{name}"), json!(text)))
            .collect()
    }

    /// `platform.accelerator_count`, 0 if there is none.
    pub fn accelerators(&self) -> u32 {
        let count = self.platform.get("accelerator_count").and_then(Value::as_u64);
        count.and_then(|count| u32::try_from(count).ok()).unwrap_or(0)
    }

    /// The value of a parameter.
    pub fn value(&self, parameter: &str) -> Option<&str> {
        self.inputs.get(parameter).or_else(|| self.outputs.get(parameter)).and_then(Value::as_str)
    }
}

fn text(job: &Job, name: &str) -> String {
    job.annotation(&format!("{PREFIX}{name}")).unwrap_or_default().to_owned()
}
