//! From a policy's source to a [`Policy`] that can review. The stages are types: a source is opened
//! ([`OpenedPolicy`]), its component linked ([`Linked`]) and described ([`Described`], which the
//! cache keeps), and its settings checked ([`Policy`]).

mod described;
mod inspect;
mod known;
mod linked;
mod misfit;
mod opened;
mod parallel;
mod policy;
mod schema;
mod settings;
mod world;

pub use inspect::{Inspection, Presentation};
pub use opened::OpenedPolicy;
pub use policy::Policy;
pub use schema::{HIDDEN, Schema, SchemaError, Steps};
pub use world::World;

use super::artifact::cache::{Cache, CacheError, Target};
use super::artifact::compile::Compilation;
use super::artifact::compiler::Compiler;
use super::artifact::engine::{self, Allocation, Ticker};
use super::artifact::file::{PolicyFile, Trust};
use super::artifact::native::Native;
use super::artifact::outline::Outline;
use super::guest::call::Guest;
use super::guest::linker::PolicyLinker;
use super::{Limit, Limits, PolicyError, PolicySource};
use crate::event::Event;
use crate::files::FileError;
use crate::job::Pointer;
use described::Described;
use known::Known;
use linked::Linked;
use parallel::OnCompile;
use serde_json::Value;
use std::sync::{Arc, Mutex, PoisonError};
use wasmtime::Engine;
use wasmtime::component::Component;

/// The host that policies run in: one engine and one linker for all of them. Work that depends on a
/// file alone is done once for each file.
pub struct PolicyHost {
    engine: Engine,
    /// For files that are not in the cache.
    compiler: Compiler,
    linker: Mutex<PolicyLinker>,
    ticker: Arc<Ticker>,
    target: Target,
    limits: Limits,
    cache: Option<Cache>,
    known: Known,
}

impl PolicyHost {
    /// Set up the engine for a program that makes few reviews. Compiled code is kept in `cache`.
    pub fn new(limits: Limits, cache: Option<Cache>) -> Result<Self, PolicyError> {
        Self::with(limits, cache, Allocation::OnDemand)
    }

    /// Set up the engine for a program that makes many reviews.
    pub fn pooling(limits: Limits, cache: Option<Cache>) -> Result<Self, PolicyError> {
        Self::with(limits, cache, Allocation::Pooling)
    }

    fn with(
        limits: Limits,
        cache: Option<Cache>,
        allocation: Allocation,
    ) -> Result<Self, PolicyError> {
        let engine = engine::engine(&limits, allocation).map_err(no_engine)?;
        Ok(Self {
            compiler: Compiler::Thread,
            linker: Mutex::new(PolicyLinker::new(&engine)),
            ticker: Ticker::new(&engine),
            target: Target::of(&limits),
            known: Known::default(),
            engine,
            limits,
            cache,
        })
    }

    /// The same host, which compiles elsewhere than in its own process.
    #[must_use]
    pub fn with_compiler(self, compiler: Compiler) -> Self {
        Self { compiler, ..self }
    }

    /// Load a policy: open its file, compile and link it or take it from the cache, call
    /// `describe`, and check its settings.
    pub fn load(&self, source: PolicySource) -> Result<Policy, PolicyError> {
        self.load_opened(self.open(source)?, &|_| {})
    }

    /// Load several policies; those that must be compiled are compiled in parallel. `emit` gets an
    /// event for a large one that is being compiled, at once and every few seconds.
    pub fn load_all(
        &self,
        policies: Vec<OpenedPolicy>,
        mut emit: impl FnMut(Event),
    ) -> Result<Vec<Policy>, PolicyError> {
        let load = |policy, on_compile: OnCompile<'_>| self.load_opened(policy, on_compile);
        let loaded = self.each(policies, load, &mut emit);
        self.cache_trouble().into_iter().for_each(|why| emit(why.event()));
        loaded
    }

    /// The first reason why something could not be kept in the cache, if there was one.
    pub fn cache_trouble(&self) -> Option<&CacheError> {
        self.cache.as_ref()?.trouble()
    }

    /// Open the file of a source.
    pub fn open(&self, source: PolicySource) -> Result<OpenedPolicy, PolicyError> {
        self.open_trusting(source, Trust::Remembered)
    }

    /// Open the file of a source and read it now: a remembered digest is not trusted.
    pub fn open_and_read(&self, source: PolicySource) -> Result<OpenedPolicy, PolicyError> {
        self.open_trusting(source, Trust::Read)
    }

    fn open_trusting(
        &self,
        source: PolicySource,
        trust: Trust,
    ) -> Result<OpenedPolicy, PolicyError> {
        let most = self.limits.get(Limit::Module);
        let file = PolicyFile::open(&source.locator, self.cache.as_ref(), trust, most);
        let file = file.map_err(|error| match error {
            PolicyError::Unreadable { source: FileError::TooLarge { size, .. }, .. } => {
                let exceeded = self.limits.exceeded(Limit::Module, Some(size));
                PolicyError::Limit { policy: source.name.clone(), call: "load", exceeded }
            }
            error => error,
        })?;
        Ok(OpenedPolicy { source, file, locked: None })
    }

    fn load_opened(
        &self,
        opened: OpenedPolicy,
        on_compile: OnCompile<'_>,
    ) -> Result<Policy, PolicyError> {
        let described = self.describe(&opened, on_compile)?;
        let settings = self.check_settings(&opened, &described)?;
        Ok(Policy::new(opened, described, settings))
    }

    /// The places of secrets among the settings of an opened policy. Everything is one where its
    /// schema is not known, because it could not be loaded so far; then settings do not matter.
    pub fn secrets(&self, opened: &OpenedPolicy) -> Vec<Pointer> {
        let settings = &opened.source.settings;
        match self.known.get(opened.digest()) {
            Some(described) => described.secrets(settings),
            None => vec![Pointer::root()],
        }
    }

    /// Compile a policy's file into the cache, so that its first use is a warm one. Whether it is
    /// granted what it imports depends on where it is used. `emit` hears of it as in
    /// [`Self::load_all`].
    pub fn precompile(
        &self,
        source: PolicySource,
        emit: impl FnMut(Event),
    ) -> Result<(), PolicyError> {
        let compile =
            |opened, on_compile: OnCompile<'_>| self.describe(&opened, on_compile).map(drop);
        self.each(vec![self.open(source)?.with_all_grants()], compile, emit).map(drop)
    }

    /// Do something with policies that must be compiled for it, and tell what takes long.
    fn each<T: Send>(
        &self,
        policies: Vec<OpenedPolicy>,
        work: impl Fn(OpenedPolicy, OnCompile<'_>) -> Result<T, PolicyError> + Sync,
        emit: impl FnMut(Event),
    ) -> Result<Vec<T>, PolicyError> {
        parallel::load_all(policies, |policy| self.is_warm(policy), work, emit)
    }

    /// The description of an opened policy, from this host, the cache, or the policy itself.
    fn describe(
        &self,
        opened: &OpenedPolicy,
        on_compile: OnCompile<'_>,
    ) -> Result<Described, PolicyError> {
        self.compilation(opened).check_size()?;
        self.known.get_or_insert(opened.file.digest(), |known| {
            if let Some(described) = known {
                // The grants of a file depend on the name under which it is used.
                opened.check(described.world())?;
                return Ok(described.clone());
            }
            match self.cached(opened)? {
                Some(described) => Ok(described),
                None => {
                    on_compile(opened);
                    self.describe_anew(opened)
                }
            }
        })
    }

    fn cached(&self, opened: &OpenedPolicy) -> Result<Option<Described>, PolicyError> {
        let Some(cache) = &self.cache else { return Ok(None) };
        let cached = cache.load(&self.engine, &self.target, opened.file.digest());
        let Some(cached) = cached else { return Ok(None) };
        let linked = self.link(opened, &cached.component)?;
        Ok(Some(linked.described(cached.description)))
    }

    fn describe_anew(&self, opened: &OpenedPolicy) -> Result<Described, PolicyError> {
        let (native, component) = self.compile(opened)?;
        let described = self.link(opened, &component)?.describe(opened.name())?;
        described.check(opened.name())?;
        self.keep(opened, &native, &described);
        Ok(described)
    }

    fn keep(&self, opened: &OpenedPolicy, native: &Native, described: &Described) {
        if let Some(cache) = &self.cache {
            let digest = opened.file.digest();
            cache.store(&self.target, digest, native, described.description());
        }
    }

    fn compile(&self, opened: &OpenedPolicy) -> Result<(Native, Component), PolicyError> {
        let compilation = self.compilation(opened);
        let prepared = compilation.prepare(&self.compiler)?;
        opened.check(&World::of(&prepared.outline))?;
        let native = compilation.compile(&self.compiler, &prepared)?;
        let component = native.load(&self.engine).map_err(|error| compilation.refused(error))?;
        Ok((native, component))
    }

    /// Link a component that is a policy and imports no more than it is granted.
    fn link(&self, opened: &OpenedPolicy, component: &Component) -> Result<Linked, PolicyError> {
        let ty = component.component_type();
        let world = World::of(&Outline {
            imports: ty.imports(&self.engine).map(|(name, _)| name.to_owned()).collect(),
            exports: ty.exports(&self.engine).map(|(name, _)| name.to_owned()).collect(),
            is_async: false,
        });
        opened.check(&world)?;
        let mut linker = self.linker.lock().unwrap_or_else(PoisonError::into_inner);
        let linked = linker.link(component).map_err(|error| PolicyError::OtherWorld {
            path: opened.file.path().to_owned(),
            why: self.limits.clean(&format!("{error:#}")),
            remedy: misfit::SIGNATURES.into(),
        })?;
        let guest = Guest::new(linked, self.limits.clone(), self.ticker.clone());
        Ok(Linked::new(guest, world))
    }

    /// The settings, completed by the schema, checked against it, and accepted by the policy.
    /// Settings that the policy accepted before are not validated again.
    fn check_settings(
        &self,
        opened: &OpenedPolicy,
        described: &Described,
    ) -> Result<Arc<Value>, PolicyError> {
        let source = &opened.source;
        let Some(cache) = &self.cache else { return described.check_settings(source) };
        let key = cache.settings_key(&self.target, opened.file.digest(), &source.identity());
        if let Some(accepted) = cache.accepted_settings(&key) {
            return Ok(Arc::new(accepted));
        }
        let accepted = described.check_settings(source)?;
        cache.accept_settings(&key, &accepted);
        Ok(accepted)
    }

    /// Whether the file of a policy is known, so that it need not be compiled.
    fn is_warm(&self, opened: &OpenedPolicy) -> bool {
        if self.compilation(opened).check_size().is_err() {
            return false;
        }
        // The error of an unusable policy is reported when it is loaded.
        self.known.fill(opened.file.digest(), || self.cached(opened).ok().flatten())
    }

    fn compilation(&self, opened: &OpenedPolicy) -> Compilation {
        Compilation {
            policy: opened.name().clone(),
            file: opened.file.clone(),
            limits: self.limits.clone(),
        }
    }
}

fn no_engine(error: wasmtime::Error) -> PolicyError {
    PolicyError::Engine { source: error.into() }
}
