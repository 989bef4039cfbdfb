//! Where policies run: one engine and one linker for all of them. What is done here is done once for each policy, not for
//! each review.

use super::bindings::MutatingPolicyPre;
use super::cache::Target;
use super::engine::{self, Allocation, Ticker};
use super::evaluation::Evaluation;
use super::files::{Files, OnCompile};
use super::native::Native;
use super::offer::Offer;
use super::world::World;
use super::{Cache, Limit, Limits, Policy, PolicyError, PolicySource, compile, empty_world};
use crate::text::clean;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use wasmtime::Engine;
use wasmtime::component::{Component, InstancePre};

/// Where policies run.
pub struct PolicyHost {
    engine: Engine,
    /// It is set up for the first file that is not found in the cache.
    compiler: OnceLock<Engine>,
    ticker: Arc<Ticker>,
    offer: Mutex<Offer>,
    pub(super) target: Target,
    pub(super) limits: Limits,
    pub(super) cache: Option<Cache>,
    pub(super) files: Files,
}

impl PolicyHost {
    /// Set up the engine for a program that makes few reviews. Compiled code is kept in `cache`, if there is one.
    pub fn new(limits: Limits, cache: Option<Cache>) -> Result<Self, PolicyError> {
        Self::with(limits, cache, Allocation::OnDemand)
    }

    /// Set up the engine for a program that makes many reviews.
    pub fn pooling(limits: Limits, cache: Option<Cache>) -> Result<Self, PolicyError> {
        Self::with(limits, cache, Allocation::Pooling)
    }

    fn with(limits: Limits, cache: Option<Cache>, allocation: Allocation) -> Result<Self, PolicyError> {
        let engine = engine::engine(&limits, allocation).map_err(failed)?;
        let ticker = Ticker::new(&engine);
        let offer = Mutex::new(Offer::new(&engine));
        let target = Target::of(&limits);
        let compiler = OnceLock::new();
        Ok(Self { engine, compiler, ticker, offer, target, limits, cache, files: Files::default() })
    }

    /// Make a policy of a file: compile it, check its world against its grants, ask it to describe itself, and check its
    /// settings.
    pub fn load(&self, source: PolicySource) -> Result<Policy, PolicyError> {
        self.load_watched(source, &|_| {})
    }

    /// The same, with a word when the file has to be compiled. What it said of the same settings before is not asked again.
    pub(super) fn load_watched(&self, source: PolicySource, on_compile: OnCompile) -> Result<Policy, PolicyError> {
        let mut policy = self.describe(&source, on_compile)?.named(source);
        let Some(cache) = &self.cache else { return policy.complete_settings().map(|()| policy) };
        let question = cache.question(&self.target, policy.digest(), policy.settings());
        match cache.accepted(&question) {
            Some(complete) => policy.settings = Arc::new(complete),
            None => {
                policy.complete_settings()?;
                cache.accept(&question, policy.settings());
            }
        }
        Ok(policy)
    }

    /// Compile a policy's file into the cache, so that its first use is a warm one.
    pub fn precompile(&self, source: &PolicySource) -> Result<(), PolicyError> {
        self.describe(source, &|_| {}).map(drop)
    }

    /// Compile a policy's file.
    pub(super) fn compile(&self, source: &PolicySource) -> Result<(Native, Component), PolicyError> {
        let compiler = match self.compiler.get() {
            Some(compiler) => compiler,
            None => {
                let compiler = engine::compiler(&self.limits).map_err(failed)?;
                self.compiler.get_or_init(|| compiler)
            }
        };
        let native = compile::compile(compiler, &self.limits, source)?;
        let wrong = |error: wasmtime::Error| compile::damaged(source, &self.limits, &format!("{error:#}"));
        let component = native.load(&self.engine).map_err(wrong)?;
        Ok((native, component))
    }

    /// Link a component that is a policy and asks for no more than it may: it can be called now.
    pub(super) fn prepare(&self, source: &PolicySource, component: &Component) -> Result<Policy, PolicyError> {
        let world = World::of(component, &self.engine);
        world.check(source)?;
        let for_people = |error: wasmtime::Error| clean(&format!("{error:#}"), self.limits.count(Limit::Text));
        let other_world = |error| PolicyError::OtherWorld { path: source.path.clone(), why: for_people(error) };
        let component = self.link(component, &world).map_err(other_world)?;
        let component = MutatingPolicyPre::new(component).map_err(other_world)?;
        Ok(Policy::new(source, world, component, self.limits.clone(), self.ticker.clone()))
    }

    /// Give a component what it imports; one that imports WASI gets its empty world besides.
    fn link(&self, component: &Component, world: &World) -> wasmtime::Result<InstancePre<Evaluation>> {
        let mut offer = self.offer.lock().unwrap_or_else(PoisonError::into_inner);
        let linker = offer.linker(world)?;
        if world.wasi.is_empty() {
            return linker.instantiate_pre(component);
        }
        let mut linker = linker.clone();
        empty_world::link(&mut linker, &self.engine, &component.component_type())?;
        linker.instantiate_pre(component)
    }

    pub(super) fn engine(&self) -> &Engine {
        &self.engine
    }
}

fn failed(error: wasmtime::Error) -> PolicyError {
    PolicyError::Engine { why: format!("{error:#}") }
}
