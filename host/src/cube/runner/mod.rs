//! The runner's settings: what the cube, the platform and the command line say about the Job.

mod amounts;
mod claims;
mod env;
mod fields;
mod pod;
mod read;
mod section;
mod types;

pub use read::{KEYS, read};
pub use types::{Claims, PullPolicy, Runner};
