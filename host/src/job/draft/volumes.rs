//! The volumes of a drafted Job: the claims with the path of each parameter on them, and the shared
//! memory.

use crate::cube::{Access, BoundParameter, BoundTask, Direction, Runner, SharedMemory};
use crate::job::to_dns_label;
use crate::yaml::ConfigError;
use k8s_openapi::api::core::v1::{
    EmptyDirVolumeSource, PersistentVolumeClaimVolumeSource, Volume, VolumeMount,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

/// The folder in which the claims are mounted.
pub const MOUNTS: &str = "/mnt/mlcube";

/// The folder of the shared memory.
const SHARED_MEMORY: &str = "/dev/shm";

/// The volumes of a Job, with their mounts.
pub struct Volumes<'a> {
    claims: Vec<Mounted<'a>>,
    shared_memory: Option<SharedMemory>,
}

/// A claim of the Job with the parameters on it.
struct Mounted<'a> {
    claim: &'a str,
    volume: String,
    is_read_only: bool,
}

/// The path of a parameter in the container: `/mnt/mlcube/<claim>/<workspace>/<value>`.
pub fn path(runner: &Runner, parameter: &BoundParameter) -> Result<String, ConfigError> {
    let claim = claim(runner, parameter.direction)?;
    let parts = [runner.workspace.as_str(), parameter.value.as_str()];
    let below: Vec<&str> =
        parts.into_iter().filter(|part| !part.is_empty() && *part != ".").collect();
    Ok(format!("{MOUNTS}/{claim}/{}", below.join("/")).trim_end_matches('/').to_owned())
}

fn claim(runner: &Runner, direction: Direction) -> Result<&str, ConfigError> {
    let claims = &runner.claims;
    let claim = if direction == Direction::Input { &claims.input } else { &claims.output };
    claim.get().map(|claim| claim.as_str())
}

impl<'a> Volumes<'a> {
    /// The claims of the task's parameters, and the shared memory if it has one of its own.
    pub fn new(
        runner: &'a Runner,
        task: &BoundTask,
        shared_memory: Option<SharedMemory>,
    ) -> Result<Self, ConfigError> {
        Ok(Self { claims: mounted(runner, task)?, shared_memory })
    }

    /// The volumes of the Pod.
    pub fn volumes(&self) -> Vec<Volume> {
        let shared_memory = self.shared_memory.iter().map(|shared_memory| Volume {
            name: self.shared_memory_name(),
            empty_dir: Some(EmptyDirVolumeSource {
                medium: Some("Memory".into()),
                size_limit: shared_memory.size.clone().map(Quantity),
            }),
            ..Volume::default()
        });
        self.claims.iter().map(Mounted::volume).chain(shared_memory).collect()
    }

    /// The mounts of the container.
    pub fn mounts(&self) -> Vec<VolumeMount> {
        let shared_memory = self.shared_memory.iter().map(|_| VolumeMount {
            name: self.shared_memory_name(),
            mount_path: SHARED_MEMORY.into(),
            ..VolumeMount::default()
        });
        self.claims.iter().map(Mounted::mount).chain(shared_memory).collect()
    }

    /// A name that no claim has taken.
    fn shared_memory_name(&self) -> String {
        let mut name = "shared-memory".to_owned();
        while self.claims.iter().any(|claim| claim.volume == name) {
            name.insert_str(0, "mlcube-");
        }
        name
    }
}

/// The claims of the task's parameters, each once. A claim is read-only if all its parameters are.
fn mounted<'a>(runner: &'a Runner, task: &BoundTask) -> Result<Vec<Mounted<'a>>, ConfigError> {
    let mut all: Vec<Mounted<'a>> = Vec::new();
    for parameter in &task.parameters {
        let claim = claim(runner, parameter.direction)?;
        let is_read_only = parameter.access == Access::ReadOnly;
        if let Some(known) = all.iter_mut().find(|known| known.claim == claim) {
            known.is_read_only &= is_read_only;
            continue;
        }
        let mut volume = to_dns_label(claim, 63);
        if all.iter().any(|known| known.volume == volume) {
            volume = format!("{}-output", to_dns_label(claim, 56));
        }
        all.push(Mounted { claim, volume, is_read_only });
    }
    Ok(all)
}

impl Mounted<'_> {
    fn volume(&self) -> Volume {
        Volume {
            name: self.volume.clone(),
            persistent_volume_claim: Some(PersistentVolumeClaimVolumeSource {
                claim_name: self.claim.to_owned(),
                ..PersistentVolumeClaimVolumeSource::default()
            }),
            ..Volume::default()
        }
    }

    fn mount(&self) -> VolumeMount {
        VolumeMount {
            name: self.volume.clone(),
            mount_path: format!("{MOUNTS}/{}", self.claim),
            read_only: self.is_read_only.then_some(true),
            ..VolumeMount::default()
        }
    }
}
