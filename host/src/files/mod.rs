//! The door to the file system: what is foreign is read within a bound, and what is written is made
//! new and moved into place.

mod error;
mod identity;
mod read;
mod write;

pub use error::{FileError, FileKind};
pub use identity::FileId;
pub use read::{bytes, open_own, read_opened, text};
pub use write::{Access, UNFINISHED, put, replace};
