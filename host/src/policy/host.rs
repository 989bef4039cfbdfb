//! Where policies run: one engine and one linker for all of them. What is done here is done once for each policy, not for
//! each review.

use super::bindings::{MutatingPolicy, MutatingPolicyPre};
use super::evaluation::{Evaluation, clean};
use super::world::World;
use super::{Cache, Grants, Limit, Limits, Policy, PolicyError, compile, empty_world, engine};
use crate::job::{Mode, PolicyId};
use serde_json::Value;
use std::path::PathBuf;
use wasmtime::Engine;
use wasmtime::component::{Component, HasSelf, InstancePre, Linker};

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
    /// What it may do.
    pub grants: Grants,
    /// Whether its word counts.
    pub mode: Mode,
    /// What it could do when it was locked, if it was: to do more it must be locked again.
    pub locked: Option<Vec<String>>,
}

impl PolicySource {
    /// A policy whose word counts, with the default grants.
    pub fn new(name: PolicyId, path: impl Into<PathBuf>, bytes: Vec<u8>, settings: Value) -> Self {
        Self { name, path: path.into(), bytes, settings, grants: Grants::default(), mode: Mode::Enforce, locked: None }
    }
}

/// Where policies run.
pub struct PolicyHost {
    engine: Engine,
    linker: Linker<Evaluation>,
    limits: Limits,
    cache: Option<Cache>,
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

    /// Make a policy of a file: compile it, check its world against its grants, ask it to describe itself, and check its
    /// settings.
    pub fn load(&self, source: PolicySource) -> Result<Policy, PolicyError> {
        let component = self.compile(&source)?;
        self.prepare(source, component)?.described()
    }

    /// Make policies of files, in their order.
    pub fn load_all(&self, sources: Vec<PolicySource>) -> Result<Vec<Policy>, PolicyError> {
        sources.into_iter().map(|source| self.load(source)).collect()
    }

    /// Compile a policy's file into the cache.
    pub fn precompile(&self, source: &PolicySource) -> Result<(), PolicyError> {
        self.compile(source).map(|_| ())
    }

    /// Compile a policy's file, or take it from the cache.
    pub(super) fn compile(&self, source: &PolicySource) -> Result<Component, PolicyError> {
        compile::compile(&self.engine, &self.limits, self.cache.as_ref(), source)
    }

    /// Link a component that is a policy and asks for no more than it may: it can be called now.
    pub(super) fn prepare(&self, source: PolicySource, component: Component) -> Result<Policy, PolicyError> {
        let world = World::of(&component, &self.engine);
        world.check(&source)?;
        let for_people = |error: wasmtime::Error| clean(&format!("{error:#}"), self.limits.count(Limit::Text));
        let other_world = |error| PolicyError::OtherWorld { path: source.path.clone(), why: for_people(error) };
        let component = self.link(&component, &world).map_err(other_world)?;
        let component = MutatingPolicyPre::new(component).map_err(other_world)?;
        Ok(Policy::new(source, world, component, self.limits.clone()))
    }

    /// Give a component what it imports; one that imports WASI gets its empty world besides.
    fn link(&self, component: &Component, world: &World) -> wasmtime::Result<InstancePre<Evaluation>> {
        if world.wasi.is_empty() {
            return self.linker.instantiate_pre(component);
        }
        let mut linker = self.linker.clone();
        empty_world::link(&mut linker, &self.engine, &component.component_type())?;
        linker.instantiate_pre(component)
    }

    pub(super) fn engine(&self) -> &Engine {
        &self.engine
    }
}
