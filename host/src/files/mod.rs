//! The door to the file system: what is foreign is read within a bound, what is written is made new
//! and moved into place, and what is to be copied to a claim is found and digested.

mod collected;
mod digests;
mod error;
mod identity;
mod read;
#[cfg(test)]
mod scratch;
mod walk;
mod write;

pub use collected::{Collected, finish_folder};
pub use digests::{Digests, digest_of};
pub use error::{FileError, FileKind};
pub use identity::FileId;
pub use read::{bytes, open_own, read_opened, text};
pub use walk::{Kind, LocalEntry, WalkError, WalkFault, walk};
pub use write::{Access, UNFINISHED, put, replace};
