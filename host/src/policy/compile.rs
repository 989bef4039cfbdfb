//! From a file's bytes to compiled code: bounded in size and time, and taken from the cache where it lies there.

use super::guard::guarded;
use super::scan::{Unfit, scan};
use super::{Cache, Limit, Limits, PolicyError, PolicySource};
use crate::job::PolicyId;
use std::path::Path;
use std::sync::mpsc;
use std::thread;
use wasmtime::Engine;
use wasmtime::component::Component;

/// The stack of the thread that compiles: a deeply nested file is refused by wasmtime's own limits before it needs more.
const STACK: usize = 16 << 20;

/// Compile a policy's file, a component or a core module that carries the contract.
pub fn compile(
    engine: &Engine,
    limits: &Limits,
    cache: Option<&Cache>,
    source: &PolicySource,
) -> Result<Component, PolicyError> {
    let PolicySource { name, path, bytes, .. } = source;
    let exceeds = |exceeded| PolicyError::Limit { policy: name.clone(), call: "load", exceeded };
    limits.check(Limit::Module, bytes.len()).map_err(exceeds)?;
    if !bytes.starts_with(b"\0asm") {
        return Err(PolicyError::NotWasm { path: path.clone() });
    }
    if let Some(component) = cache.and_then(|cache| cache.load(engine, bytes)) {
        return Ok(component);
    }
    scan(bytes, limits).map_err(|unfit| match unfit {
        Unfit::Exceeds(exceeded) => exceeds(exceeded),
        Unfit::Damaged(why) => PolicyError::Compile { path: path.clone(), why },
    })?;
    let component = within_time(engine, limits, name, path, bytes)?;
    if let Some(cache) = cache {
        cache.store(engine, bytes, &component);
    }
    Ok(component)
}

/// Compile in a thread of its own, and wait no longer than the limit. A compiler that is still busy then is left behind:
/// the program ends with the error, and the thread with it.
fn within_time(
    engine: &Engine,
    limits: &Limits,
    policy: &PolicyId,
    path: &Path,
    bytes: &[u8],
) -> Result<Component, PolicyError> {
    let (send, receive) = mpsc::channel();
    let (its_engine, its_path, its_bytes) = (engine.clone(), path.to_owned(), bytes.to_vec());
    let work = move || {
        let compiled = guarded(|| compile_now(&its_engine, &its_path, &its_bytes));
        let _ = send.send(compiled.unwrap_or_else(|why| Err(PolicyError::Compile { path: its_path.clone(), why })));
    };
    let failed = |error: std::io::Error| PolicyError::Engine { why: error.to_string() };
    thread::Builder::new().stack_size(STACK).spawn(work).map_err(failed)?;
    receive.recv_timeout(limits.time(Limit::Compile)).unwrap_or_else(|_| {
        let exceeded = limits.exceeded(Limit::Compile, None);
        Err(PolicyError::Limit { policy: policy.clone(), call: "load", exceeded })
    })
}

fn compile_now(engine: &Engine, path: &Path, bytes: &[u8]) -> Result<Component, PolicyError> {
    let wrong = |error: wasmtime::Error| PolicyError::Compile { path: path.to_owned(), why: format!("{error:#}") };
    match is_core_module(bytes) {
        false => Component::from_binary(engine, bytes).map_err(wrong),
        true => {
            wasmtime::Module::validate(engine, bytes).map_err(wrong)?;
            Component::from_binary(engine, &encode(bytes, path)?).map_err(wrong)
        }
    }
}

/// Make a component of a core module that carries its contract in a custom section, as wit-bindgen leaves it.
fn encode(module: &[u8], path: &Path) -> Result<Vec<u8>, PolicyError> {
    let encoder = wit_component::ComponentEncoder::default();
    // The contract in the custom section is as foreign as the code: reading it must not take the program down.
    let encoded = guarded(|| encoder.module(module).and_then(|mut encoder| encoder.encode()));
    let encoded = encoded.map_err(|_| "its contract is damaged".to_owned());
    let encoded = encoded.and_then(|encoded| encoded.map_err(|error| format!("{error:#}")));
    encoded.map_err(|why| PolicyError::NotComponent { path: path.to_owned(), why })
}

/// A core module has version 1 in layer 0; a component has layer 1.
pub fn is_core_module(bytes: &[u8]) -> bool {
    bytes.get(4..8) == Some(&[1, 0, 0, 0])
}
