//! Jobs that do not get on, as data: `tests/cases/diagnosis/NAME/case.yaml` says what a Job is like,
//! what the cluster has beforehand, what is done to the Job on its way, and what must be told. `$NS`,
//! `$NAME` and `$IMAGE` in it stand for the namespace, a name of its own, and the image of the tests.

use super::cases;
use mlcube_k8s::diagnosis::{Diagnosis, Fact, Node};
use mlcube_k8s::job::Job;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::fs;
use std::path::PathBuf;

/// A Job, and what must be told of it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// `own`, or the labels of a namespace of its own; else all share one.
    #[serde(default)]
    namespace: Option<Value>,
    /// The objects that are there beforehand.
    #[serde(default)]
    pub objects: Vec<Value>,
    /// Whether a registry must answer.
    #[serde(default)]
    pub registry: bool,
    /// What must be true before the Job is made.
    #[serde(default)]
    pub ready: Option<Ready>,
    /// What is deleted then, though something keeps it for a while.
    #[serde(default)]
    pub deleted: Option<Deleted>,
    /// Fields of the Job's spec.
    #[serde(default)]
    job: Map<String, Value>,
    /// Fields of its Pods; `containers` are added to the main one.
    #[serde(default)]
    pod: Map<String, Value>,
    /// Fields of the main container.
    #[serde(default)]
    main: Map<String, Value>,
    /// Finalizers of the Job, and of its Pods.
    #[serde(default)]
    finalizers: Finalizers,
    /// What is done to it on its way.
    #[serde(default)]
    pub then: Option<Then>,
    pub expected: Expected,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Finalizers {
    #[serde(default)]
    job: Vec<String>,
    #[serde(default)]
    pod: Vec<String>,
}

/// What is done when a Pod of the Job has come so far.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Then {
    pub when: Stage,
    #[serde(rename = "do")]
    pub act: Act,
}

/// How far a Pod is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// It has a node.
    Scheduled,
    /// Its node has said that it cannot be set up.
    Refused,
    /// It runs.
    Running,
}

/// What is done.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Act {
    /// The Pod is evicted through the API.
    EvictPod,
    /// The Pod is deleted.
    DeletePod,
    /// The Job is deleted.
    DeleteJob,
    /// Objects are made.
    Create(Vec<Value>),
    /// The volumes of a node are told to be attached to it.
    Attach(String),
}

/// An object that must have come to a condition of `kubectl wait`.
#[derive(Clone, Debug, Deserialize)]
pub struct Ready {
    pub kind: String,
    pub name: String,
    #[serde(rename = "for")]
    pub condition: String,
}

/// An object that is deleted.
#[derive(Clone, Debug, Deserialize)]
pub struct Deleted {
    pub kind: String,
    pub name: String,
}

/// What must be told.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// The cause; none for a Job of which nothing is to be said.
    #[serde(default)]
    pub cause: Option<String>,
    /// A part of the command that is offered.
    #[serde(default)]
    pub command: Option<String>,
    /// A part of the sentences.
    #[serde(default)]
    pub words: Option<String>,
    pub ending: Ending,
}

/// What becomes of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ending {
    /// It waits.
    Waits,
    /// Kubernetes tries again, or not, and the Job fails in the end.
    Retries,
    /// The run ends, because the Job never can.
    Stuck,
    Succeeds,
    Fails,
}

/// Facts as they came from a cluster, for a row without one.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Recorded {
    pub facts: Vec<Fact>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nodes: Vec<Node>,
}

/// What stands for the places of a case.
#[derive(Clone, Debug)]
pub struct Names {
    pub namespace: String,
    pub name: String,
    pub image: String,
}

impl Names {
    pub fn put_into(&self, text: &str) -> String {
        let text = text.replace("$NS", &self.namespace).replace("$NAME", &self.name);
        text.replace("$IMAGE", &self.image)
    }

    pub fn take_from(&self, text: &str) -> String {
        let text = text.replace(&self.name, "$NAME").replace(&self.namespace, "$NS");
        text.replace(&self.image, "$IMAGE")
    }
}

/// The names of all cases.
pub fn all() -> Vec<String> {
    let entries = fs::read_dir(cases("diagnosis")).expect("the folder of the cases");
    let names = entries.map(|entry| entry.expect("a folder").file_name());
    let mut names: Vec<_> = names.map(|name| name.to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// Where the facts of a case are kept.
pub fn facts_of(case: &str) -> PathBuf {
    cases("diagnosis").join(case).join("facts.json")
}

impl Case {
    pub fn read(case: &str, names: &Names) -> Self {
        let path = cases("diagnosis").join(case).join("case.yaml");
        let text = fs::read_to_string(&path).expect("a case");
        let read = serde_saphyr::from_str(&names.put_into(&text));
        read.unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// The labels of its own namespace, if it has one.
    pub fn own_namespace(&self) -> Option<Value> {
        let labels = self.namespace.clone()?;
        Some(if labels.is_object() { labels } else { json!({}) })
    }

    /// The Job.
    pub fn to_job(&self, names: &Names, case: &str) -> Job {
        let mut main = json!({"name": "main", "image": names.image, "command": ["/bin/true"]});
        merge(&mut main, self.main.clone());
        let mut fields = self.pod.clone();
        let mut containers = vec![main];
        if let Some(Value::Array(more)) = fields.remove("containers") {
            containers.extend(more);
        }
        let mut pod = json!({"restartPolicy": "Never", "containers": containers});
        merge(&mut pod, fields);
        let metadata = json!({"finalizers": self.finalizers.pod});
        let template = json!({"metadata": metadata, "spec": pod});
        let mut spec = json!({"backoffLimit": 0, "template": template});
        merge(&mut spec, self.job.clone());
        Job::from_json(json!({
            "apiVersion": "batch/v1", "kind": "Job",
            "metadata": {
                "generateName": format!("{case}-"), "namespace": names.namespace,
                "finalizers": self.finalizers.job,
            },
            "spec": spec,
        }))
        .expect("a Job")
    }
}

fn merge(object: &mut Value, more: Map<String, Value>) {
    more.into_iter().for_each(|(key, value)| object[key] = value);
}

impl Expected {
    /// What is wrong with what was told of a Job, if anything is.
    pub fn differs(&self, told: &[Diagnosis]) -> Option<String> {
        let causes: Vec<_> = told.iter().map(|one| one.cause.as_str()).collect();
        let expected: Vec<_> = self.cause.iter().map(String::as_str).collect();
        if causes != expected {
            return Some(format!("told {causes:?}, expected {expected:?}: {told:#?}"));
        }
        let one = told.first()?;
        let command = one.command.as_deref().unwrap_or_default();
        if let Some(part) = self.command.as_deref().filter(|part| !command.contains(part)) {
            return Some(format!("`{part}` is not in the command `{command}`"));
        }
        let sentences = format!("{} {}", one.summary, one.remedy);
        let missing = self.words.as_deref().filter(|part| !sentences.contains(part));
        if let Some(part) = missing {
            return Some(format!("`{part}` is not in `{sentences}`"));
        }
        one.remedy.is_empty().then(|| "there is no remedy".into())
    }
}
