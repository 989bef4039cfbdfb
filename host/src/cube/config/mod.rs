//! The effective configuration: cube, overrides, runtime and runner merged into one tree.

mod effective;
mod layers;
mod merge;
mod names;
mod overrides;
mod platform;

pub use effective::Config;
pub use layers::{Merged, merged};
pub use names::{DEFAULTS, RUNNERS};
pub use overrides::is_typed;
