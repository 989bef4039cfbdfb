//! The facts that a diagnosis is made from: what the cluster says about a Job that does not get on,
//! and what the Job asks for.

use super::words::has_any;
use crate::job::Job;
use crate::outcome::Part;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Something that the cluster says about a Job, one of its Pods, or a claim that they use.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Fact {
    /// The object.
    pub about: Subject,
    /// Where it is said.
    pub source: Source,
    /// One word: `FailedCreate`, `ImagePullBackOff`…
    #[serde(default)]
    pub reason: String,
    /// A sentence in the cluster's own words.
    #[serde(default)]
    pub message: String,
}

impl Fact {
    /// Whether a Pod says by it that it waits for the volume of a claim.
    pub fn waits_for_claims(&self) -> bool {
        match self.source {
            // A scheduler that waits for volumes says nothing.
            Source::Silence => true,
            Source::Scheduling => has_any(
                &self.message,
                &[
                    "persistentvolume",
                    "persistent volume",
                    "provisioning failed",
                    "binding volumes",
                ],
            ),
            _ => false,
        }
    }
}

/// The object of a fact.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "name", rename_all = "PascalCase")]
pub enum Subject {
    /// The Job.
    Job,
    /// One of its Pods, by name.
    Pod(String),
    /// A claim, by name.
    PersistentVolumeClaim(String),
}

/// Where a fact is said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "in", rename_all = "kebab-case")]
pub enum Source {
    /// An event that is no usual one.
    Event,
    /// The Pod's condition `PodScheduled`, which is false.
    Scheduling,
    /// The Pod has no condition and no node: no scheduler has said anything.
    Silence,
    /// A container waits to be started.
    Waiting {
        /// Its name.
        container: String,
        /// Its part.
        part: Part,
        /// How its last run ended.
        last: Option<Exit>,
    },
    /// A container ended.
    Ended {
        /// Its name.
        container: String,
        /// Its part.
        part: Part,
        /// Its exit code.
        code: i32,
    },
    /// The Pod ended for a reason of its own.
    Over,
    /// The main container has ended, and this one runs on.
    RunsOn {
        /// Its name.
        container: String,
    },
    /// The Job is left to another controller, named in the message.
    Managed,
    /// It is being deleted, and is still there.
    Terminating {
        /// The finalizers that keep it; none if it has not come to its end yet.
        finalizers: Vec<String>,
        /// The seconds that it has from the beginning on to come to its end.
        grace: u64,
        /// The node of a Pod.
        node: Option<String>,
    },
}

impl Source {
    /// The container that it is about.
    pub fn container(&self) -> Option<&str> {
        match self {
            Self::Waiting { container, .. }
            | Self::Ended { container, .. }
            | Self::RunsOn { container } => Some(container),
            _ => None,
        }
    }
}

/// How a run of a container ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Exit {
    /// The exit code.
    pub code: i32,
    /// One word.
    #[serde(default)]
    pub reason: String,
    /// The termination message.
    #[serde(default)]
    pub message: String,
}

/// What a Job asks for, as far as a diagnosis names it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wants {
    /// The namespace.
    pub namespace: String,
    /// The name of the Job.
    pub job: String,
    /// The node selector.
    pub node_selector: Vec<(String, String)>,
    /// The claims.
    pub claims: Vec<String>,
    /// The scheduler, if it is not Kubernetes' own.
    pub scheduler: Option<String>,
    /// The names of the scheduling gates.
    pub gates: Vec<String>,
    /// Whether it refers to claims of devices.
    pub has_resource_claims: bool,
    containers: Vec<Value>,
    volumes: Vec<Value>,
}

impl Wants {
    /// Those of a Job of which no more than its name is known.
    pub fn of_name(namespace: &str, job: &str) -> Self {
        Self { namespace: namespace.to_owned(), job: job.to_owned(), ..Self::default() }
    }

    /// The wants of a Job.
    pub fn new(job: &Job) -> Self {
        let json = job.json();
        let pod = &json["spec"]["template"]["spec"];
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let selector = pod["nodeSelector"].as_object().into_iter().flatten();
        let scheduler = pod["schedulerName"].as_str().filter(|name| *name != "default-scheduler");
        let containers = ["initContainers", "containers"].map(|key| list(&pod[key])).concat();
        Self {
            namespace: text(&json["metadata"]["namespace"]),
            job: text(&json["metadata"]["name"]),
            node_selector: selector.map(|(key, value)| (key.clone(), text(value))).collect(),
            claims: job.claims().into_iter().map(str::to_owned).collect(),
            scheduler: scheduler.map(str::to_owned),
            gates: list(&pod["schedulingGates"]).iter().map(|gate| text(&gate["name"])).collect(),
            has_resource_claims: !list(&pod["resourceClaims"]).is_empty(),
            containers,
            volumes: list(&pod["volumes"]),
        }
    }

    fn container(&self, name: &str) -> Option<&Value> {
        self.containers.iter().find(|container| container["name"] == name)
    }

    /// The image of a container.
    pub fn image(&self, container: &str) -> Option<&str> {
        self.container(container)?["image"].as_str()
    }

    /// The program of a container, if the Job names it.
    pub fn program(&self, container: &str) -> Option<&str> {
        self.container(container)?["command"][0].as_str()
    }

    /// The limit of a resource of a container.
    pub fn limit(&self, container: &str, resource: &str) -> Option<&str> {
        self.container(container)?["resources"]["limits"][resource].as_str()
    }

    /// The object that a volume takes its files from: its kind as kubectl writes it, and its name.
    pub fn source_of(&self, volume: &str) -> Option<(&'static str, &str)> {
        let volume = self.volumes.iter().find(|one| one["name"] == volume)?;
        let kinds = [("secret", "secret", "secretName"), ("configmap", "configMap", "name")];
        kinds.into_iter().find_map(|(kind, key, name)| Some((kind, volume[key][name].as_str()?)))
    }
}

/// A node, as far as it decides whether a Pod may run there.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Node {
    /// Its name.
    pub name: String,
    /// Its labels.
    #[serde(default)]
    pub labels: Vec<(String, String)>,
    /// The taints that keep Pods away: key, value, effect.
    #[serde(default)]
    pub taints: Vec<(String, String, String)>,
    /// The resources that it has.
    #[serde(default)]
    pub resources: Vec<String>,
}

impl Node {
    /// Whether it has all these labels.
    pub fn matches(&self, selector: &[(String, String)]) -> bool {
        selector.iter().all(|wanted| self.labels.contains(wanted))
    }
}
