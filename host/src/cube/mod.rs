//! A cube as it is meant: `mlcube.yaml`, overrides and system settings read into validated types.
//!
//! The room is pure. Texts come in already read, the environment comes in as a function, and out
//! comes a [`Cube`] or one [`ConfigError`](crate::yaml::ConfigError). In reading order: a
//! [`Request`], the merge (`config`), the typed reading of the parts that the author `declared` and
//! of the `runner` settings, and the values of one run (`bind`). YAML is the room `yaml`, and
//! interpolation the room `omegaconf`. Whatever the texts say, reading ends, within the bounds of
//! `limits`, and does not panic.

mod bind;
mod config;
mod declared;
mod deferred;
mod docker;
mod limits;
mod model;
mod path;
mod request;
mod runner;
mod shell;
mod task;

pub use bind::{BoundParameter, BoundTask};
pub use config::Config;
pub use declared::{Author, Platform};
pub use deferred::Deferred;
pub use docker::{Amount, Docker, SharedMemory, Wanted, docker_amount};
pub use model::Cube;
pub use path::{PathRule, RelativePath};
pub use request::{Request, Source};
pub use runner::{Claims, PullPolicy, Runner};
pub use task::{Access, Direction, Kind, Parameter, Task};
