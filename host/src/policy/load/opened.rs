//! A policy whose file is open: its digest is known, and its content was not inspected yet.

use super::misfit::Misfit;
use super::world::World;
use crate::job::{Capability, PolicyId};
use crate::policy::artifact::file::PolicyFile;
use crate::policy::{Grants, PolicyError, PolicySource};

/// A policy whose file is open.
#[derive(Clone)]
pub struct OpenedPolicy {
    pub(in crate::policy) source: PolicySource,
    pub(in crate::policy) file: PolicyFile,
    /// The names of the capabilities that it had when it was locked, if it was.
    pub(in crate::policy) locked: Option<Vec<String>>,
}

impl OpenedPolicy {
    /// Its name in the chain.
    pub fn name(&self) -> &PolicyId {
        &self.source.name
    }

    /// Its file's size in bytes.
    pub fn size(&self) -> usize {
        self.file.size()
    }

    /// Its file's digest: `sha256:` and 64 hexadecimal digits.
    pub fn digest(&self) -> &str {
        self.file.digest()
    }

    pub(super) fn with_all_grants(self) -> Self {
        Self { source: PolicySource { grants: Grants::all(), ..self.source }, ..self }
    }

    /// An error unless a component of this world is a policy that imports no more than it is
    /// granted and had when it was locked.
    pub(super) fn check(&self, world: &World) -> Result<(), PolicyError> {
        let policy = &self.source.name;
        let grants = &self.source.grants;
        if let Some(Misfit { why, remedy }) = world.misfit() {
            let path = self.file.path().to_owned();
            return Err(PolicyError::OtherWorld { path, why, remedy });
        }
        let all_but = |may: &dyn Fn(Capability) -> bool| -> Vec<Capability> {
            world.capabilities.iter().copied().filter(|capability| !may(*capability)).collect()
        };
        let missing = all_but(&|capability| grants.allow(capability));
        if !missing.is_empty() {
            let granted = grants.capabilities().to_vec();
            return Err(PolicyError::NotGranted { policy: policy.clone(), missing, granted });
        }
        let was_locked = |capability: Capability| match &self.locked {
            Some(locked) => locked.iter().any(|known| known == capability.as_str()),
            None => true,
        };
        let gained = all_but(&was_locked);
        if !gained.is_empty() {
            return Err(PolicyError::Gained { policy: policy.clone(), gained });
        }
        Ok(())
    }
}
