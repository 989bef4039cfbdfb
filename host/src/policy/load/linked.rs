//! A policy that is linked: it can be called, and was not called yet.

use super::described::Described;
use super::world::World;
use crate::job::PolicyId;
use crate::policy::guest::call::Guest;
use crate::policy::{Description, PolicyError};

/// A policy that is linked.
pub struct Linked {
    guest: Guest,
    world: World,
}

impl Linked {
    /// A component that is linked, and its world.
    pub fn new(guest: Guest, world: World) -> Self {
        Self { guest, world }
    }

    /// Call `describe`. `policy` is the name under which it is loaded, for errors.
    pub fn describe(self, policy: &PolicyId) -> Result<Described, PolicyError> {
        let description = self.guest.describe(policy)?;
        Ok(self.described(description))
    }

    /// The next stage, with a description that it gave before.
    pub fn described(self, description: Description) -> Described {
        Described::new(self.guest, self.world, description)
    }
}
