//! From a policy's file to native code, in two steps: a component is made of it, which is cheap and
//! shows what the component imports and exports; then the component is compiled. Both happen in
//! bounded memory and time (`compiler`).

use super::compiler::{Compiler, Failure, Task, with_stack};
use super::file::PolicyFile;
use super::kind::Kind;
use super::native::Native;
use super::outline::Outline;
use super::scan::{ScanError, is_core_module, scan};
use crate::job::PolicyId;
use crate::policy::error::Source;
use crate::policy::{Exceeded, Limit, Limits, PolicyError};
use std::borrow::Cow;

/// A file to compile, and the policy that it belongs to.
#[derive(Clone)]
pub struct Compilation {
    /// The policy.
    pub policy: PolicyId,
    /// The file: a component, or a core module that carries the contract.
    pub file: PolicyFile,
    /// The limits.
    pub limits: Limits,
}

/// A component that is ready to be compiled.
pub struct Prepared<'f> {
    component: Cow<'f, [u8]>,
    /// Its imports and exports.
    pub outline: Outline,
}

impl Compilation {
    /// Refuse a file that is too large to be read.
    pub fn check_size(&self) -> Result<(), PolicyError> {
        let checked = self.limits.check(Limit::Module, self.file.size());
        checked.map_err(|exceeded| self.stopped(exceeded))
    }

    /// Measure a file and make a component of it, if it is a core module. Nothing is compiled yet.
    pub fn prepare(&self, compiler: &Compiler) -> Result<Prepared<'_>, PolicyError> {
        self.check_size()?;
        let bytes = self.file.bytes()?;
        if let Some(kind) = Kind::other_than_wasm(bytes, self.file.path()) {
            let path = self.file.path().to_owned();
            return Err(PolicyError::NotWasm { path, found: kind.name, remedy: kind.remedy });
        }
        self.measure(bytes)?;
        let component = if is_core_module(bytes) {
            Cow::Owned(self.work(compiler, Task::Component, bytes)?)
        } else {
            Cow::Borrowed(bytes)
        };
        let outline = with_stack(|| Outline::of(&component)).map_err(|error| self.failed(error))?;
        let outline = outline.map_err(|why| self.damaged(&why, None))?;
        Ok(Prepared { component, outline })
    }

    /// Refuse a file that would be too much work, and a core module without a contract.
    fn measure(&self, bytes: &[u8]) -> Result<(), PolicyError> {
        let measured = with_stack(|| {
            let why = if is_core_module(bytes) { Outline::why_no_contract(bytes) } else { None };
            scan(bytes, &self.limits).map(|()| why)
        });
        match measured.map_err(|error| self.failed(error))? {
            Ok(None) => Ok(()),
            Ok(Some(why)) => {
                Err(PolicyError::NotComponent { path: self.file.path().to_owned(), why })
            }
            Err(ScanError::Exceeds(exceeded)) => Err(self.stopped(exceeded)),
            Err(ScanError::Damaged(why)) => Err(self.damaged(&why, None)),
        }
    }

    /// Compile what was prepared.
    pub fn compile(
        &self,
        compiler: &Compiler,
        prepared: &Prepared<'_>,
    ) -> Result<Native, PolicyError> {
        self.work(compiler, Task::Native, &prepared.component).map(Native::compiled)
    }

    /// The error for a file that wasmtime refuses.
    pub fn refused(&self, error: wasmtime::Error) -> PolicyError {
        self.damaged(&format!("{error:#}"), Some(error.into()))
    }

    fn work(&self, compiler: &Compiler, task: Task, bytes: &[u8]) -> Result<Vec<u8>, PolicyError> {
        compiler.work(task, bytes, &self.limits).map_err(|failure| self.failed(failure))
    }

    fn failed(&self, failure: Failure) -> PolicyError {
        match failure {
            Failure::Compile(why) => self.damaged(&why, None),
            Failure::Component(why) => {
                let path = self.file.path().to_owned();
                PolicyError::NotComponent { path, why: self.limits.clean(&why) }
            }
            Failure::Exceeds(exceeded) => self.stopped(exceeded),
            Failure::Unable(source) => PolicyError::Engine { source: source.into() },
        }
    }

    fn stopped(&self, exceeded: Exceeded) -> PolicyError {
        PolicyError::Limit { policy: self.policy.clone(), call: "load", exceeded }
    }

    /// A message about a damaged file quotes its content, so it is as foreign as the file.
    fn damaged(&self, why: &str, source: Option<Source>) -> PolicyError {
        let path = self.file.path().to_owned();
        PolicyError::Compile { path, why: self.limits.clean(why), source }
    }
}
