//! The contract as Rust types and traits, generated from `wit/`: the one `bindgen!` of the host.
#![allow(missing_docs, clippy::all)]

wasmtime::component::bindgen!({
    path: "../wit",
    world: "mutating-policy",
    imports: { default: trappable },
});

pub use self::mlcube::policy::{
    cluster, containers, failure, job, lifecycle, log, metadata, patch, quantities, resources,
    scheduling, settings, storage, task, types,
};
