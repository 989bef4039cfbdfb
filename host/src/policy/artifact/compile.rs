//! The compilation of a file's bytes to native code, bounded in size and time.

use super::file::PolicyFile;
use super::guard::guarded;
use super::native::Native;
use super::scan::{ScanError, is_core_module, scan};
use super::strip::strip_names;
use crate::job::PolicyId;
use crate::policy::error::Source;
use crate::policy::{Exceeded, Limit, Limits, PolicyError};
use std::borrow::Cow;
use std::sync::mpsc;
use std::thread;
use wasmtime::Engine;

/// The stack of the thread that compiles. What passes the scan is not nested deeply enough to fill
/// it.
const STACK: usize = 64 << 20;

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

/// Compile a policy's file.
pub fn compile(compiler: &Engine, compilation: Compilation) -> Result<Native, PolicyError> {
    compilation.check_size()?;
    if !compilation.file.bytes()?.starts_with(b"\0asm") {
        return Err(PolicyError::NotWasm { path: compilation.file.path().to_owned() });
    }
    within_time(compiler, compilation)
}

/// Compile in a thread of its own, and wait no longer than the limit. A compiler that is still busy
/// then is left behind: the program ends with the error, and the thread with it.
fn within_time(compiler: &Engine, compilation: Compilation) -> Result<Native, PolicyError> {
    let (send, receive) = mpsc::channel();
    let work = {
        let compiler = compiler.clone();
        let compilation = compilation.clone();
        move || {
            let compiled = guarded(|| compilation.compile(&compiler));
            let _ = send.send(compiled.unwrap_or_else(|why| Err(compilation.damaged(&why, None))));
        }
    };
    let failed = |error: std::io::Error| PolicyError::Engine { source: error.into() };
    thread::Builder::new().stack_size(STACK).spawn(work).map_err(failed)?;
    let too_slow = |_| Err(compilation.stopped(compilation.limits.exceeded(Limit::Compile, None)));
    receive.recv_timeout(compilation.limits.time(Limit::Compile)).unwrap_or_else(too_slow)
}

impl Compilation {
    /// Refuse a file that is too large to be read.
    pub fn check_size(&self) -> Result<(), PolicyError> {
        let checked = self.limits.check(Limit::Module, self.file.size());
        checked.map_err(|exceeded| self.stopped(exceeded))
    }

    /// The error for a file that wasmtime refuses.
    pub fn refused(&self, error: wasmtime::Error) -> PolicyError {
        self.damaged(&format!("{error:#}"), Some(error.into()))
    }

    fn compile(&self, compiler: &Engine) -> Result<Native, PolicyError> {
        let bytes = self.file.bytes()?;
        scan(bytes, &self.limits).map_err(|error| match error {
            ScanError::Exceeds(exceeded) => self.stopped(exceeded),
            ScanError::Damaged(why) => self.damaged(&why, None),
        })?;
        let component = if is_core_module(bytes) {
            wasmtime::Module::validate(compiler, bytes).map_err(|error| self.refused(error))?;
            Cow::Owned(self.encode(bytes)?)
        } else {
            Cow::Borrowed(bytes)
        };
        let stripped = strip_names(&component).ok();
        if let Some(native) = stripped.and_then(|it| Native::compile(compiler, &it).ok()) {
            return Ok(native);
        }
        // An error gives offsets, which must be those in the component as it is.
        Native::compile(compiler, &component).map_err(|error| self.refused(error))
    }

    /// Turn a core module into a component. It carries its contract in a custom section, as
    /// wit-bindgen leaves it.
    fn encode(&self, bytes: &[u8]) -> Result<Vec<u8>, PolicyError> {
        let encoder = wit_component::ComponentEncoder::default();
        // The contract in the custom section is as foreign as the code: a panic while reading it
        // must not end the program.
        let encoded = guarded(|| encoder.module(bytes).and_then(|mut encoder| encoder.encode()));
        let why = match encoded {
            Ok(Ok(component)) => return Ok(component),
            Ok(Err(error)) => format!("{error:#}"),
            Err(_) => "its contract is damaged".to_owned(),
        };
        let path = self.file.path().to_owned();
        Err(PolicyError::NotComponent { path, why: self.limits.clean(&why) })
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
