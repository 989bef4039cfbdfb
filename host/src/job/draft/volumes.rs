//! The claims of a drafted Job: its volumes, its mounts, and the path of each parameter on them.

use crate::cube::{Access, BoundParameter, BoundTask, Direction, Runner};
use crate::job::to_dns_label;
use crate::yaml::ConfigError;
use k8s_openapi::api::core::v1::{PersistentVolumeClaimVolumeSource, Volume, VolumeMount};

/// The folder in which the claims are mounted.
const MOUNTS: &str = "/mnt/mlcube";

/// A claim of the Job with the parameters on it.
pub struct Mounted<'a> {
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

/// The claims of the task's parameters, each once. A claim is read-only if all its parameters are.
pub fn mounted<'a>(runner: &'a Runner, task: &BoundTask) -> Result<Vec<Mounted<'a>>, ConfigError> {
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
    /// The volume of the Pod.
    pub fn volume(&self) -> Volume {
        Volume {
            name: self.volume.clone(),
            persistent_volume_claim: Some(PersistentVolumeClaimVolumeSource {
                claim_name: self.claim.to_owned(),
                ..PersistentVolumeClaimVolumeSource::default()
            }),
            ..Volume::default()
        }
    }

    /// The mount of the container.
    pub fn mount(&self) -> VolumeMount {
        VolumeMount {
            name: self.volume.clone(),
            mount_path: format!("{MOUNTS}/{}", self.claim),
            read_only: self.is_read_only.then_some(true),
            ..VolumeMount::default()
        }
    }
}
