//! Policies as WebAssembly components: loading, bounding, asking them. A policy sees one Job, in an instance of its own,
//! and can do only what its imports say. wasmtime is used in this room alone.

mod bindings;
mod cache;
mod chain;
mod engine;
mod error;
mod evaluation;
mod interfaces;
mod limits;
mod load;
mod settings;

pub use cache::Cache;
pub use chain::{PolicyChain, ReviewError};
pub use error::PolicyError;
pub use limits::{Exceeded, Limits};
pub use load::{Policy, PolicyHost, PolicySource};
