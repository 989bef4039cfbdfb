//! YAML as a tree of nodes that know where they were written, and typed reading with errors that name the place, the value
//! and the remedy.
//!
//! The room is pure. `read` reads one document; `scalar` and `core_schema` are the two ways to take its plain scalars; `typed`
//! takes what is needed from its nodes.
//!
//! Invariant: whatever the text says, reading ends, within the bounds of `limits`, and never panics.

pub(crate) mod core_schema;
mod error;
mod limits;
mod mapping;
pub(crate) mod nearest;
mod node;
mod reader;
pub(crate) mod scalar;
mod tags;
pub(crate) mod typed;

pub use error::{ConfigError, Fault, Position};
pub(crate) use limits::{NODE_WEIGHT, quote};
pub(crate) use node::{Data, Entry, Map, Node};
pub(crate) use reader::{Origin, read, read_beside};
