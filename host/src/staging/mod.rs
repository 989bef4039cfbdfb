//! Staging as a plan: what lies in a local folder, what lies on a claim, and what is to be copied so
//! that the claim has it too.

mod check;
mod difference;
mod digest;
mod entry;
mod listing;
mod manifest;
mod moves;
mod prune;
mod questions;

pub use check::Check;
pub use difference::{Difference, Obstacle, Send, decide};
pub use digest::{Digest, NoDigest};
pub use entry::{Entry, OWN_FOLDER, Stat, What, ancestors, is_claim_path, is_own};
pub use listing::{Listing, ListingError, Unusual, parse_listing, parse_sums, sums_of};
pub use manifest::{Manifest, ManifestError, Noted};
pub use moves::{Move, moves};
pub use questions::{Answers, PIECE, Questions, Remote, ask};
