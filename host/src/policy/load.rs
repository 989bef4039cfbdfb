//! From a file's bytes to a policy that can be asked: compiled, of the right world, described, its settings checked. What
//! is done here is done once for each policy, not for each review.

use super::bindings::{Description, MutatingPolicy, MutatingPolicyPre, Verdict};
use super::evaluation::{Evaluation, Phase};
use super::{Cache, Exceeded, Limits, PolicyError, engine, settings};
use crate::event::Event;
use crate::job::{Job, PolicyId};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use wasmtime::component::{Component, HasSelf, Linker};
use wasmtime::{Engine, Module, Store, Trap};

/// The one interface that a policy exports.
const CONTRACT: &str = "mlcube:policy/policy@0.1.0";
/// The interfaces that a policy may import.
const OFFERED: [&str; 12] = [
    "job",
    "task",
    "settings",
    "scheduling",
    "resources",
    "storage",
    "containers",
    "lifecycle",
    "metadata",
    "patch",
    "log",
    "types",
];
/// The interfaces that only read: importing them is no capability.
const READING: [&str; 5] = ["job", "task", "settings", "log", "types"];

/// A policy as it is given: the file's bytes and what was configured for it.
#[derive(Clone, Debug)]
pub struct PolicySource {
    /// Its name in the chain.
    pub name: PolicyId,
    /// Where the bytes come from, for messages.
    pub path: PathBuf,
    /// A component, or a core module that carries the contract.
    pub bytes: Vec<u8>,
    /// The settings as configured.
    pub settings: Value,
}

/// Where policies run: one engine for all of them.
pub struct PolicyHost {
    engine: Engine,
    linker: Linker<Evaluation>,
    limits: Limits,
    cache: Option<Cache>,
}

/// A policy that is ready to be asked.
pub struct Policy {
    id: PolicyId,
    digest: String,
    description: Description,
    capabilities: Vec<String>,
    settings: Arc<Value>,
    component: MutatingPolicyPre<Evaluation>,
    limits: Limits,
}

impl PolicyHost {
    /// Set up the engine. Compiled code is kept in `cache`, if there is one.
    pub fn new(limits: Limits, cache: Option<Cache>) -> Result<Self, PolicyError> {
        let failed = |error: wasmtime::Error| PolicyError::Engine { why: format!("{error:#}") };
        let engine = engine::engine(&limits).map_err(failed)?;
        let mut linker = Linker::new(&engine);
        MutatingPolicy::add_to_linker::<_, HasSelf<_>>(&mut linker, |state| state).map_err(failed)?;
        Ok(Self { engine, linker, limits, cache })
    }

    /// Make a policy of a file. Its `describe` and `validate-settings` are called.
    pub fn load(&self, source: PolicySource) -> Result<Policy, PolicyError> {
        let component = self.component(&source)?;
        let capabilities = self.check_world(&component, &source.path)?;
        let other_world =
            |error: wasmtime::Error| PolicyError::OtherWorld { path: source.path.clone(), why: format!("{error:#}") };
        let component = self.linker.instantiate_pre(&component).map_err(other_world)?;
        let component = MutatingPolicyPre::new(component).map_err(other_world)?;
        let mut policy = Policy {
            id: source.name,
            digest: settings::digest(&source.bytes),
            description: Description {
                name: String::new(),
                version: String::new(),
                summary: String::new(),
                settings_schema: String::new(),
            },
            capabilities,
            settings: Arc::new(source.settings),
            component,
            limits: self.limits.clone(),
        };
        policy.description = policy.call_describe()?;
        settings::check(&policy.id, &policy.description.settings_schema, &policy.settings)?;
        policy.call_validate_settings()?;
        Ok(policy)
    }

    fn component(&self, source: &PolicySource) -> Result<Component, PolicyError> {
        let (path, bytes) = (&source.path, &source.bytes);
        if bytes.len() > self.limits.module {
            let (size, limit) = (bytes.len(), self.limits.module);
            return Err(PolicyError::TooLarge { path: path.clone(), size, limit });
        }
        if !bytes.starts_with(b"\0asm") {
            return Err(PolicyError::NotWasm { path: path.clone() });
        }
        if let Some(component) = self.cache.as_ref().and_then(|cache| cache.load(&self.engine, bytes)) {
            return Ok(component);
        }
        let compile = |bytes: &[u8]| {
            Component::from_binary(&self.engine, bytes)
                .map_err(|error| PolicyError::Compile { path: path.clone(), why: format!("{error:#}") })
        };
        let component = match is_core_module(bytes) {
            true => compile(&self.encode(bytes, path)?)?,
            false => compile(bytes)?,
        };
        if let Some(cache) = &self.cache {
            cache.store(&self.engine, bytes, &component);
        }
        Ok(component)
    }

    /// Make a component of a core module that carries its contract in a custom section, as wit-bindgen leaves it.
    fn encode(&self, module: &[u8], path: &Path) -> Result<Vec<u8>, PolicyError> {
        Module::validate(&self.engine, module)
            .map_err(|error| PolicyError::Compile { path: path.to_owned(), why: format!("{error:#}") })?;
        // The contract in the custom section is as foreign as the code: reading it must not take the program down.
        let encode = || {
            let encoder = wit_component::ComponentEncoder::default();
            encoder.module(module).and_then(|mut encoder| encoder.encode())
        };
        let encoded = std::panic::catch_unwind(encode).map_err(|_| "its contract is damaged".to_owned());
        let encoded = encoded.and_then(|encoded| encoded.map_err(|error| format!("{error:#}")));
        encoded.map_err(|why| PolicyError::NotComponent { path: path.to_owned(), why })
    }

    /// Check what the component imports and exports before anything of it runs; gives its capabilities.
    fn check_world(&self, component: &Component, path: &Path) -> Result<Vec<String>, PolicyError> {
        let other_world = |why| Err(PolicyError::OtherWorld { path: path.to_owned(), why });
        let component = component.component_type();
        if !component.exports(&self.engine).any(|(name, _)| name == CONTRACT) {
            return other_world(format!("it does not export `{CONTRACT}`"));
        }
        let mut capabilities = Vec::new();
        let mut foreign = Vec::new();
        for (import, _) in component.imports(&self.engine) {
            match OFFERED.iter().find(|name| import == format!("mlcube:policy/{name}@0.1.0")) {
                Some(name) if !READING.contains(name) => capabilities.push((*name).to_owned()),
                Some(_) => {}
                None => foreign.push(format!("`{import}`")),
            }
        }
        if !foreign.is_empty() {
            return other_world(format!("it imports {}, which policies are not given", foreign.join(", ")));
        }
        Ok(capabilities)
    }
}

impl Policy {
    /// Its name in the chain.
    pub fn id(&self) -> &PolicyId {
        &self.id
    }

    /// The file's digest: `sha256:` and 64 hexadecimal digits.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Who it is, as an event.
    pub fn introduce(&self) -> Event {
        let clean = |text: &str| super::evaluation::clean(text, self.limits.text);
        Event::PolicyLoaded {
            policy: self.id.to_string(),
            describes_itself_as: (clean(&self.description.name), clean(&self.description.version)),
            digest: self.digest.clone(),
            capabilities: self.capabilities.clone(),
        }
    }

    /// The interfaces by which it can change a Job, as its imports prove.
    pub fn capabilities(&self) -> &[String] {
        &self.capabilities
    }

    fn call_describe(&self) -> Result<Description, PolicyError> {
        let (result, _) = self.call(Phase::Load, "describe", Job::empty(), |policy, store| {
            policy.mlcube_policy_policy().call_describe(store)
        })?;
        Ok(result)
    }

    fn call_validate_settings(&self) -> Result<(), PolicyError> {
        let (result, _) = self.call(Phase::Load, "validate-settings", Job::empty(), |policy, store| {
            policy.mlcube_policy_policy().call_validate_settings(store)
        })?;
        let clean = |why: String| super::evaluation::clean(&why, self.limits.text);
        result.map_err(|why| PolicyError::Settings { policy: self.id.clone(), errors: vec![clean(why)] })
    }

    /// Call `review`: the verdict, what the call did, and the fuel it used.
    pub(super) fn call_review(&self, job: &Job) -> Result<(Verdict, Evaluation, u64), PolicyError> {
        let (verdict, store) = self.call(Phase::Review, "review", job.clone(), |policy, store| {
            policy.mlcube_policy_policy().call_review(store)
        })?;
        let fuel = self.limits.fuel - store.get_fuel().unwrap_or(0);
        Ok((verdict, store.into_data(), fuel))
    }

    /// Call an export in a fresh instance under all limits.
    fn call<R>(
        &self,
        phase: Phase,
        name: &'static str,
        job: Job,
        call: impl FnOnce(&MutatingPolicy, &mut Store<Evaluation>) -> wasmtime::Result<R>,
    ) -> Result<(R, Store<Evaluation>), PolicyError> {
        let state = Evaluation::new(self.id.clone(), phase, job, self.settings.clone(), self.limits.clone());
        let mut store = Store::new(self.component.engine(), state);
        store.limiter(|state| state);
        store.set_epoch_deadline(engine::deadline(&self.limits));
        let result = store
            .set_fuel(self.limits.fuel)
            .and_then(|()| self.component.instantiate(&mut store))
            .and_then(|policy| call(&policy, &mut store));
        match result {
            Ok(result) => Ok((result, store)),
            Err(error) => Err(self.broken(name, &error)),
        }
    }

    fn broken(&self, call: &'static str, error: &wasmtime::Error) -> PolicyError {
        let policy = self.id.clone();
        let limits = &self.limits;
        let trap = error.downcast_ref::<Trap>();
        let exceeded = match (error.downcast_ref::<Exceeded>(), trap) {
            (Some(exceeded), _) => Some(*exceeded),
            (_, Some(Trap::OutOfFuel)) => Some(Exceeded::Fuel(limits.fuel)),
            (_, Some(Trap::Interrupt)) => Some(Exceeded::Wall(limits.wall)),
            (_, Some(Trap::StackOverflow)) => Some(Exceeded::Stack(limits.stack)),
            _ => None,
        };
        match (exceeded, trap) {
            (Some(exceeded), _) => PolicyError::Limit { policy, call, exceeded },
            (None, Some(Trap::UnreachableCodeReached)) => {
                PolicyError::Trapped { policy, call, why: "it panicked (wasm `unreachable`)".into() }
            }
            (None, Some(trap)) => PolicyError::Trapped { policy, call, why: trap.to_string() },
            (None, None) => PolicyError::Trapped { policy, call, why: error.root_cause().to_string() },
        }
    }
}

/// A core module has version 1 in layer 0; a component has layer 1.
fn is_core_module(bytes: &[u8]) -> bool {
    bytes.get(4..8) == Some(&[1, 0, 0, 0])
}
