//! A policy that is ready to review: its settings are checked and completed.

use super::described::Described;
use super::opened::OpenedPolicy;
use super::world::World;
use crate::event::Event;
use crate::job::{Capability, Mode, PolicyId};
use crate::policy::Limits;
use crate::policy::guest::call::{Callee, ReviewCall};
use crate::policy::guest::evaluation::Subject;
use crate::policy::guest::queries::SharedQueries;
use serde_json::Value;
use std::sync::Arc;

/// A policy that is ready to review.
#[derive(Clone)]
pub struct Policy {
    name: PolicyId,
    digest: String,
    mode: Mode,
    settings: Arc<Value>,
    described: Described,
}

impl Policy {
    /// A described policy under the name and with the mode of its source.
    pub(super) fn new(opened: OpenedPolicy, described: Described, settings: Arc<Value>) -> Self {
        let digest = opened.digest().to_owned();
        let name = opened.source.name;
        let mode = opened.source.mode;
        Self { name, digest, mode, settings, described }
    }

    /// Its name in the chain.
    pub fn id(&self) -> &PolicyId {
        &self.name
    }

    /// The file's digest: `sha256:` and 64 hexadecimal digits.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Whether it is enforced or audited.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// The settings, with the defaults of the schema filled in.
    pub fn settings(&self) -> &Value {
        &self.settings
    }

    /// Its imports and exports.
    pub fn world(&self) -> &World {
        self.described.world()
    }

    /// Its capabilities: the ways in which it can act, as its imports prove.
    pub fn capabilities(&self) -> &[Capability] {
        &self.described.world().capabilities
    }

    /// The name and the version of its description, for a terminal.
    pub fn name_and_version(&self) -> (String, String) {
        let description = self.described.description();
        (self.limits().clean(&description.name), self.limits().clean(&description.version))
    }

    /// The event that it is loaded.
    pub fn loaded(&self) -> Event {
        Event::PolicyLoaded {
            policy: self.name.to_string(),
            name_and_version: self.name_and_version(),
            digest: self.digest.clone(),
            capabilities: self.capabilities().to_vec(),
            mode: self.mode,
        }
    }

    /// The limits of its calls.
    pub(in crate::policy) fn limits(&self) -> &Limits {
        self.described.guest().limits()
    }

    /// Call `review`.
    pub(in crate::policy) fn call_review(
        &self,
        subject: Subject,
        queries: &Arc<SharedQueries>,
    ) -> ReviewCall {
        let callee = Callee { policy: &self.name, settings: &self.settings };
        self.described.guest().review(callee, subject, queries)
    }
}
