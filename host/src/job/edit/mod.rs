//! Changing a Job so that every change can be named and undone: [`Pointer`]s into it, [`Change`]s
//! of it, whole patches, and conflicts between the changes of two policies.

mod change;
mod conflict;
mod patch;
mod pointer;

pub use change::{Change, Edit};
pub use conflict::{Conflict, conflicts};
pub use pointer::{DeadEnd, Pointer, escaped, find, follow, index, is_well_formed, member};
