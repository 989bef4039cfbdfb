//! YAML as a tree of nodes that know where they were written, and typed reading with errors that
//! name the place, the value and the remedy.
//!
//! The room is pure. `read` reads one document; `pyyaml` and `yaml12` are the two ways to take
//! its plain scalars; `typed` takes the types that are expected from its nodes. Whatever a text
//! says, reading it ends within the bounds of `limits` and does not panic.

mod error;
mod limits;
mod mapping;
pub(crate) mod nearest;
mod node;
pub(crate) mod pyyaml;
mod reader;
mod tags;
pub(crate) mod typed;
pub(crate) mod yaml12;

pub use error::{ConfigError, Fault, Position};
pub(crate) use limits::{FILE_BYTES, NODE_WEIGHT, quote};
pub(crate) use node::{Data, Entry, Map, Node, pointer_to};
pub(crate) use reader::{Origin, read, read_beside};
