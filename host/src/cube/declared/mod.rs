//! The cube as its author declared it: name, people, platform, tasks and their parameters.

mod parameters;
mod reader;
mod schema;
mod types;

pub use reader::Reader;
pub use types::{Author, Platform};
