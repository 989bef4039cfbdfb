//! The cube as its author declared it: name, people, platform, tasks and their parameters.

mod format;
mod keys;
mod parameters;
mod reader;
mod schema;
mod types;

pub use format::check as check_format;
pub use keys::unread as unread_keys;
pub use reader::Reader;
pub use types::{Author, Platform};
