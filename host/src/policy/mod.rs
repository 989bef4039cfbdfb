//! Policies as WebAssembly components: loading, bounding and calling them. A policy sees one Job,
//! in an instance of its own, and can do only what its imports allow. wasmtime is used in this room
//! alone.
//!
//! The life of a policy, in reading order. It is configured as a [`PolicySource`] with [`Grants`]
//! and [`Limits`]. Its file is scanned and compiled, or taken from the cache (`artifact`). A
//! [`PolicyHost`] makes a [`Policy`] of it (`load`), which is called in a sandbox (`guest`). A
//! [`PolicyChain`] runs several in order. A [`Recording`] keeps what they saw and answered; a
//! [`Lock`] keeps their digests, capabilities and settings (`record`). Each sub-room uses only
//! those before it.

mod cluster_query;
mod description;
mod error;
mod grants;
mod limits;
mod source;

mod artifact;

mod guest;

mod load;

mod chain;

mod record;

pub use artifact::cache::{Cache, CacheError};
pub use artifact::compiler::Compiler;
pub use artifact::worker::compile_if_asked;
pub use chain::{Broken, PolicyChain, ReviewError, Reviewed};
pub use cluster_query::{ClusterReader, Lookup, NoCluster, Query, Response, Which};
pub use description::Description;
pub use error::{Configured, PolicyError};
pub use grants::Grants;
pub use limits::{Exceeded, Limit, Limits, Row, TABLE, Unit};
pub use load::{
    Inspection, OpenedPolicy, Policy, PolicyHost, Presentation, Schema, SchemaError, Steps, World,
};
pub use record::{Deviation, Difference, Lock, Recording, Replay, Replayed};
pub use source::{Locator, PolicySource};
