//! Changing a Job so that every change can be named and undone: [`Pointer`]s into it, [`Change`]s
//! of it, whole patches, conflicts between the changes of two policies, and the [`Meter`] of what it
//! all costs.

mod bounded;
mod change;
mod conflict;
mod meter;
mod owners;
mod patch;
mod pointer;

pub use bounded::{Unread, read_bounded};
pub use change::{Change, Edit};
pub use conflict::{Conflict, Conflicts, conflicts};
pub use meter::{Fault, Meter, Spent, text_length, weight};
pub use pointer::{DeadEnd, Pointer, escaped, find, follow, index, is_well_formed, member};
