//! Stubs of WASI 0.2, for the toolchains of Go, Python and others whose components import it: no
//! files, environment, arguments or network; clocks and random numbers are the same on every run,
//! and waits end at once. They are made from the types that the component itself declares, so that
//! every version 0.2 is served: a function answers with the empty value of its result's type,
//! unless `answers.rs` says otherwise. Nothing here blocks, and nothing leads out of the sandbox.

mod answers;
mod clock;

pub use clock::Clock;

use super::evaluation::Evaluation;
use answers::{Answer, COST, Handle};
use wasmtime::component::types::{Component, ComponentFunc, ComponentItem};
use wasmtime::component::{Linker, LinkerInstance, ResourceAny, ResourceType, Val};
use wasmtime::{Engine, StoreContextMut, bail};

/// The packages of WASI 0.2 that are stubbed. Tools for JavaScript add `wasi:http` to components
/// that never use it; as with sockets, every request fails.
const PACKAGES: [&str; 7] = ["cli", "clocks", "filesystem", "http", "io", "random", "sockets"];

/// Whether an import is an interface of WASI that is stubbed.
pub fn is_wasi(import: &str) -> bool {
    interface(import).is_some()
}

/// Define every import of a component that [`is_wasi`].
pub fn link(
    linker: &mut Linker<Evaluation>,
    engine: &Engine,
    component: &Component,
) -> wasmtime::Result<()> {
    for (import, item) in component.imports(engine) {
        let (Some(interface), ComponentItem::ComponentInstance(items)) =
            (interface(import), item.ty)
        else {
            continue;
        };
        let mut instance = linker.instance(import)?;
        for (name, item) in items.exports(engine) {
            match item.ty {
                ComponentItem::Resource(_) => {
                    instance.resource(name, ResourceType::host::<Handle>(), |_, _| Ok(()))?;
                }
                ComponentItem::ComponentFunc(_) => define(&mut instance, interface, name)?,
                _ => {}
            }
        }
    }
    Ok(())
}

/// `io/streams` for `wasi:io/streams@0.2.6`.
fn interface(import: &str) -> Option<&str> {
    let (interface, version) = import.strip_prefix("wasi:")?.split_once('@')?;
    let (package, _) = interface.split_once('/')?;
    (version.starts_with("0.2.") && PACKAGES.contains(&package)).then_some(interface)
}

fn define(
    instance: &mut LinkerInstance<'_, Evaluation>,
    interface: &str,
    name: &str,
) -> wasmtime::Result<()> {
    let answer = answers::to(interface, name);
    instance.func_new(name, move |store, ty, parameters, results| {
        call(store, &ty, answer, parameters, results)
    })
}

fn call(
    mut store: StoreContextMut<'_, Evaluation>,
    ty: &ComponentFunc,
    answer: Answer,
    parameters: &[Val],
    results: &mut [Val],
) -> wasmtime::Result<()> {
    store.data_mut().charge(COST)?;
    let mut handles = Vec::new();
    parameters.iter().for_each(|value| collect(value, &mut handles));
    // A handle that was passed in must be taken out of the table, whether owned or borrowed.
    let handles = handles
        .into_iter()
        .map(|handle| Ok(handle.try_into_resource::<Handle>(&mut store)?.rep()))
        .collect::<wasmtime::Result<Vec<u32>>>()?;
    match answer {
        Answer::Exit => bail!("it called `exit`"),
        Answer::Yes | Answer::All | Answer::Waited => {
            let clock = &mut store.data_mut().wasi.clock;
            handles.iter().for_each(|handle| clock.wait(*handle));
        }
        _ => {}
    }
    for (ty, result) in ty.results().zip(results) {
        *result = answer.value(&mut store, &ty, parameters, &handles)?;
    }
    Ok(())
}

/// Every handle in a value.
fn collect(value: &Val, handles: &mut Vec<ResourceAny>) {
    match value {
        Val::Resource(handle) => handles.push(*handle),
        Val::List(values) | Val::Tuple(values) => {
            values.iter().for_each(|value| collect(value, handles))
        }
        Val::Record(fields) => fields.iter().for_each(|(_, value)| collect(value, handles)),
        Val::Variant(_, Some(value)) | Val::Option(Some(value)) => collect(value, handles),
        Val::Result(Ok(Some(value)) | Err(Some(value))) => collect(value, handles),
        _ => {}
    }
}
