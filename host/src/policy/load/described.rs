//! A policy with its description: all that depends on its file alone, and so all that the cache
//! keeps.

use super::settings;
use super::world::World;
use crate::job::{Pointer, PolicyId};
use crate::policy::guest::call::{Callee, Guest};
use crate::policy::{Description, PolicyError, PolicySource};
use serde_json::Value;
use std::sync::Arc;

/// A policy with its description.
#[derive(Clone)]
pub struct Described {
    guest: Guest,
    world: World,
    description: Description,
}

impl Described {
    /// A linked component, its world and its description.
    pub fn new(guest: Guest, world: World, description: Description) -> Self {
        Self { guest, world, description }
    }

    /// Its component, to be called.
    pub fn guest(&self) -> &Guest {
        &self.guest
    }

    /// Its imports and exports.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// Its answer to `describe`.
    pub fn description(&self) -> &Description {
        &self.description
    }

    /// Check its description. `policy` is the name under which it is loaded, for errors.
    pub fn check(&self, policy: &PolicyId) -> Result<(), PolicyError> {
        self.description.check().map_err(|why| PolicyError::Description {
            policy: policy.clone(),
            why: self.guest.limits().clean(&why),
        })
    }

    /// The places of secrets among settings.
    pub fn secrets(&self, settings: &Value) -> Vec<Pointer> {
        settings::secrets(self.guest.limits(), &self.description.settings_schema, settings)
    }

    /// Complete the settings of a source by its schema, check them, and call `validate-settings`.
    pub fn check_settings(&self, source: &PolicySource) -> Result<Arc<Value>, PolicyError> {
        let policy = &source.name;
        let schema = &self.description.settings_schema;
        let settings = settings::complete(source, self.guest.limits(), schema)?;
        let settings = Arc::new(settings);
        match self.guest.validate_settings(Callee { policy, settings: &settings })? {
            Ok(()) => Ok(settings),
            Err(why) => Err(PolicyError::Settings { policy: policy.clone(), errors: vec![why] }),
        }
    }
}
