//! The runner's settings as types. Every setting was checked; image and claims keep their fault
//! until a Job needs them.

use crate::cube::deferred::Deferred;
use crate::cube::path::RelativePath;
use crate::k8s::{ClaimName, Namespace};
use serde_json::{Map, Value};

/// The settings of the Job, besides the task.
#[derive(Clone, Debug, PartialEq)]
pub struct Runner {
    /// The container's image.
    pub image: Deferred<String>,
    /// The claims that hold inputs and outputs.
    pub claims: Claims,
    /// The folder inside the claims to which values are relative; by default the claim's own.
    pub workspace: RelativePath,
    /// The namespace, if the configuration names one.
    pub namespace: Option<Namespace>,
    /// The image of the Pod that carries data to the claims, if the configuration names one.
    pub stage_image: Option<String>,
    /// When the image is pulled, if not as Kubernetes decides.
    pub image_pull_policy: Option<PullPolicy>,
    /// The names of the secrets with which the image is pulled.
    pub image_pull_secrets: Vec<String>,
    /// The service account of the pod.
    pub service_account: Option<String>,
    /// The number of times that a failed Pod is tried again.
    pub backoff_limit: u32,
    /// After how long a finished Job is removed; without a number it stays.
    pub ttl_seconds_after_finished: Option<u32>,
    /// After how long a Job that still runs is stopped.
    pub active_deadline_seconds: Option<u32>,
    /// Limits and requests, as Kubernetes writes `ResourceRequirements`.
    pub resources: Option<Value>,
    /// Environment variables, each as Kubernetes writes `EnvVar`.
    pub env: Vec<Value>,
    /// Labels that a node must have.
    pub node_selector: Map<String, Value>,
    /// Taints that the pod bears, each as Kubernetes writes `Toleration`.
    pub tolerations: Vec<Value>,
    /// The resource that stands for one accelerator.
    pub gpu_resource: String,
    /// The size of the shared memory, as a quantity.
    pub shared_memory: Option<String>,
    /// The user that runs the container.
    pub run_as_user: Option<u32>,
    /// The group that runs the container.
    pub run_as_group: Option<u32>,
    /// The group that owns the files on the claims.
    pub fs_group: Option<u32>,
    /// Amounts that are hardly meant.
    pub warnings: Vec<String>,
}

/// The claims of a Job; often both are the same.
#[derive(Clone, Debug, PartialEq)]
pub struct Claims {
    /// The claim that inputs lie in.
    pub input: Deferred<ClaimName>,
    /// The claim that outputs go to.
    pub output: Deferred<ClaimName>,
}

/// Kubernetes' `imagePullPolicy`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PullPolicy {
    /// At every start.
    Always,
    /// When the node does not have the image.
    IfNotPresent,
    /// Never: the image must be on the node.
    Never,
}

impl PullPolicy {
    /// The word of Kubernetes.
    pub fn word(self) -> &'static str {
        match self {
            PullPolicy::Always => "Always",
            PullPolicy::IfNotPresent => "IfNotPresent",
            PullPolicy::Never => "Never",
        }
    }
}
