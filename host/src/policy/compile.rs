//! From a file's bytes to compiled code: bounded in size and time.

use super::guard::guarded;
use super::names::without_names;
use super::native::Native;
use super::scan::{Unfit, is_core_module, scan};
use super::{Exceeded, Limit, Limits, PolicyError, PolicySource};
use crate::text::clean;
use std::borrow::Cow;
use std::sync::mpsc;
use std::thread;
use wasmtime::Engine;

/// The stack of the thread that compiles: what the scan lets through nests less deeply than fills it.
const STACK: usize = 64 << 20;

/// Compile a policy's file, a component or a core module that carries the contract.
pub fn compile(compiler: &Engine, limits: &Limits, source: &PolicySource) -> Result<Native, PolicyError> {
    check_size(limits, source)?;
    match source.bytes()?.starts_with(b"\0asm") {
        true => within_time(compiler, limits, source),
        false => Err(PolicyError::NotWasm { path: source.path.clone() }),
    }
}

/// Refuse a file that is too large to be looked at.
pub fn check_size(limits: &Limits, source: &PolicySource) -> Result<(), PolicyError> {
    limits.check(Limit::Module, source.file.size()).map_err(|exceeded| stopped(source, exceeded))
}

/// Compile in a thread of its own, and wait no longer than the limit. A compiler that is still busy then is left behind:
/// the program ends with the error, and the thread with it.
fn within_time(compiler: &Engine, limits: &Limits, source: &PolicySource) -> Result<Native, PolicyError> {
    let (send, receive) = mpsc::channel();
    let work = {
        let (compiler, limits, source) = (compiler.clone(), limits.clone(), source.clone());
        move || {
            let compiled = guarded(|| compile_now(&compiler, &limits, &source));
            let _ = send.send(compiled.unwrap_or_else(|why| Err(damaged(&source, &limits, &why))));
        }
    };
    let failed = |error: std::io::Error| PolicyError::Engine { why: error.to_string() };
    thread::Builder::new().stack_size(STACK).spawn(work).map_err(failed)?;
    let too_slow = |_| Err(stopped(source, limits.exceeded(Limit::Compile, None)));
    receive.recv_timeout(limits.time(Limit::Compile)).unwrap_or_else(too_slow)
}

fn compile_now(compiler: &Engine, limits: &Limits, source: &PolicySource) -> Result<Native, PolicyError> {
    let bytes = source.bytes()?;
    scan(bytes, limits).map_err(|unfit| match unfit {
        Unfit::Exceeds(exceeded) => stopped(source, exceeded),
        Unfit::Damaged(why) => damaged(source, limits, &why),
    })?;
    let wrong = |error: wasmtime::Error| damaged(source, limits, &format!("{error:#}"));
    let component = match is_core_module(bytes) {
        false => Cow::Borrowed(bytes),
        true => {
            wasmtime::Module::validate(compiler, bytes).map_err(wrong)?;
            Cow::Owned(encode(limits, source, bytes)?)
        }
    };
    // Where something is wrong, what is told are the places in the component as it is.
    let lean = without_names(&component).ok().and_then(|lean| Native::compile(compiler, &lean).ok());
    lean.map_or_else(|| Native::compile(compiler, &component).map_err(wrong), Ok)
}

/// Make a component of a core module that carries its contract in a custom section, as wit-bindgen leaves it.
fn encode(limits: &Limits, source: &PolicySource, bytes: &[u8]) -> Result<Vec<u8>, PolicyError> {
    let encoder = wit_component::ComponentEncoder::default();
    // The contract in the custom section is as foreign as the code: reading it must not take the program down.
    let encoded = guarded(|| encoder.module(bytes).and_then(|mut encoder| encoder.encode()));
    let encoded = encoded.map_err(|_| "its contract is damaged".to_owned());
    let encoded = encoded.and_then(|encoded| encoded.map_err(|error| format!("{error:#}")));
    let path = source.path.clone();
    encoded.map_err(|why| PolicyError::NotComponent { path, why: clean(&why, limits.count(Limit::Text)) })
}

fn stopped(source: &PolicySource, exceeded: Exceeded) -> PolicyError {
    PolicyError::Limit { policy: source.name.clone(), call: "load", exceeded }
}

/// What is said of a damaged file names what stands in it: it is as foreign as the file.
pub fn damaged(source: &PolicySource, limits: &Limits, why: &str) -> PolicyError {
    PolicyError::Compile { path: source.path.clone(), why: clean(why, limits.count(Limit::Text)) }
}
