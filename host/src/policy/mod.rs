//! Policies as WebAssembly components: loading, bounding, asking them. A policy sees one Job, in an instance of its own,
//! and can do only what its imports say. wasmtime is used in this room alone.

mod bindings;
mod cache;
mod call;
mod chain;
mod compile;
mod contract;
mod digest;
mod empty_world;
mod engine;
mod error;
mod evaluation;
mod files;
mod guard;
mod host;
mod inspect;
mod interfaces;
mod limits;
mod load;
mod lock;
mod lookup;
mod names;
mod native;
mod offer;
mod parallel;
mod recording;
mod replay;
mod scan;
mod schema;
mod settings;
mod source;
mod world;

pub use cache::{Cache, LazyCache};
pub use chain::{PolicyChain, ReviewError, Reviewed};
pub use error::PolicyError;
pub use host::PolicyHost;
pub use inspect::{Described, Inspection};
pub use limits::{Exceeded, Limit, Limits, Row, TABLE, Unit};
pub use load::Policy;
pub use lock::{Difference, Lock};
pub use lookup::{Answer, Lookup, Lookups, NoCluster, Question, Which};
pub use recording::Recording;
pub use replay::{Deviation, Replay, Replayed};
pub use source::{PolicyFile, PolicySource};
pub use world::{Grants, World};
