//! What happens to the data of a claim.

use std::time::Duration;

/// What happens to the data of a claim.
#[derive(Clone, Debug)]
pub enum Transfer {
    /// Another run stages into the claim: its end is waited for.
    Waits {
        /// The claim.
        claim: String,
    },
    /// It is known what is to be carried.
    Begun {
        /// Where to.
        way: Way,
        /// The claim.
        claim: String,
        /// What is to be carried.
        left: Amount,
        /// The number of files that are there already.
        kept: usize,
    },
    /// A part of it has arrived.
    Progress {
        /// Where to.
        way: Way,
        /// The claim.
        claim: String,
        /// What has arrived.
        done: Amount,
        /// All that is to be carried.
        all: Amount,
        /// The time since it began.
        took: Duration,
    },
    /// The connection is lost, and made again.
    Broken {
        /// The claim.
        claim: String,
        /// The cause.
        why: String,
        /// The time after which the program stops trying.
        gives_up_after: Duration,
    },
    /// It goes on where it was.
    Resumed {
        /// The claim.
        claim: String,
        /// How long it did not.
        lasted: Duration,
    },
    /// All of it has arrived, and its checksums are right.
    Done {
        /// Where to.
        way: Way,
        /// The claim.
        claim: String,
        /// What was carried.
        done: Amount,
        /// The number of files that were there already.
        kept: usize,
        /// The number of files and links that were removed.
        removed: usize,
        /// The time since it began.
        took: Duration,
    },
}

/// The way of data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// From the workspace to the claim.
    ToClaim,
    /// From the claim to the workspace.
    FromClaim,
}

/// An amount of data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amount {
    /// The number of files.
    pub files: usize,
    /// The number of bytes.
    pub bytes: u64,
}
