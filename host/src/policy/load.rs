//! A policy that is ready to be asked: described, its settings checked and completed.

use super::bindings::{Description, MutatingPolicyPre};
use super::engine::Ticker;
use super::evaluation::{Evaluation, Phase, Subject};
use super::world::World;
use super::{Limit, Limits, PolicyError, PolicySource, settings};
use crate::event::Event;
use crate::job::{Job, Mode, PolicyId};
use crate::k8s as rules;
use crate::text::clean;
use serde_json::Value;
use std::sync::Arc;

/// A policy that is ready to be asked.
#[derive(Clone)]
pub struct Policy {
    pub(super) id: PolicyId,
    pub(super) settings: Arc<Value>,
    pub(super) component: MutatingPolicyPre<Evaluation>,
    pub(super) limits: Limits,
    pub(super) ticker: Arc<Ticker>,
    digest: String,
    mode: Mode,
    world: World,
    pub(super) description: Description,
}

impl Policy {
    /// The policy of a file: it can be called, and was not yet. It has no settings.
    pub(super) fn new(
        source: &PolicySource,
        world: World,
        component: MutatingPolicyPre<Evaluation>,
        limits: Limits,
        ticker: Arc<Ticker>,
    ) -> Self {
        let (name, version, summary, settings_schema) = Default::default();
        Self {
            id: source.name.clone(),
            settings: Arc::default(),
            component,
            limits,
            ticker,
            digest: source.file.digest().to_owned(),
            mode: source.mode,
            world,
            description: Description { name, version, summary, settings_schema },
        }
    }

    /// The same policy under a name, with the settings and the word that it has there.
    pub(super) fn named(self, source: PolicySource) -> Self {
        Self { id: source.name, mode: source.mode, settings: Arc::new(source.settings), ..self }
    }

    /// Complete its settings by the schema, and ask whether it likes them.
    pub(super) fn complete_settings(&mut self) -> Result<(), PolicyError> {
        let settings = settings::complete(&self.id, &self.limits, &self.description.settings_schema, &self.settings)?;
        self.settings = Arc::new(settings);
        self.call_validate_settings()
    }

    /// Its name in the chain.
    pub fn id(&self) -> &PolicyId {
        &self.id
    }

    /// The file's digest: `sha256:` and 64 hexadecimal digits.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Whether its word counts.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// The settings, with the defaults of the schema filled in.
    pub fn settings(&self) -> &Value {
        &self.settings
    }

    /// What it can see and do, as its imports prove.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// The interfaces by which it can change a Job or ask the cluster.
    pub fn capabilities(&self) -> &[&'static str] {
        &self.world.capabilities
    }

    /// The name and the version that it says of itself, for a terminal.
    pub fn calls_itself(&self) -> (String, String) {
        (self.for_people(&self.description.name), self.for_people(&self.description.version))
    }

    /// Who it is, as an event.
    pub fn introduce(&self) -> Event {
        Event::PolicyLoaded {
            policy: self.id.to_string(),
            describes_itself_as: self.calls_itself(),
            digest: self.digest.clone(),
            capabilities: self.capabilities().iter().map(|name| (*name).to_owned()).collect(),
            mode: self.mode,
        }
    }

    /// Text of this policy, fit for a terminal.
    pub(super) fn for_people(&self, text: &str) -> String {
        clean(text, self.limits.count(Limit::Text))
    }

    /// Ask it who it is.
    pub(super) fn call_describe(&self) -> Result<Description, PolicyError> {
        let call = "describe";
        let (description, _) = self.call(Phase::Load, call, Subject::of(Job::empty()), |policy, store| {
            policy.mlcube_policy_policy().call_describe(store)
        })?;
        let size = self.limits.check(Limit::Schema, description.settings_schema.len());
        size.map_err(|exceeded| PolicyError::Limit { policy: self.id.clone(), call, exceeded })?;
        Ok(description)
    }

    /// The contract wants a DNS label and a semantic version.
    pub(super) fn check_description(&self) -> Result<(), PolicyError> {
        let Description { name, version, .. } = &self.description;
        let wrong = |why: String| PolicyError::Description { policy: self.id.clone(), why: self.for_people(&why) };
        rules::dns_label(name).map_err(|why| wrong(format!("its name {why}")))?;
        match is_semantic(version) {
            true => Ok(()),
            false => Err(wrong(format!("its version `{version}` is no semantic version like `1.2.0`"))),
        }
    }

    fn call_validate_settings(&self) -> Result<(), PolicyError> {
        let (result, _) = self.call(Phase::Load, "validate-settings", Subject::of(Job::empty()), |policy, store| {
            policy.mlcube_policy_policy().call_validate_settings(store)
        })?;
        let refused =
            |why: String| PolicyError::Settings { policy: self.id.clone(), errors: vec![self.for_people(&why)] };
        result.map_err(refused)
    }
}

/// Three numbers, and what may follow them (<https://semver.org>).
fn is_semantic(version: &str) -> bool {
    let core = version.split(['-', '+']).next().unwrap_or_default();
    let more = &version[core.len()..];
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.');
    core.split('.').count() == 3 && core.split('.').all(is_number) && more.len() != 1 && more.bytes().all(fits)
}
