//! How it is known that a piece of a file has arrived as it was sent.

use sha1::{Digest as _, Sha1};
use std::str::FromStr;

/// A checksum against accidents on the way, as the tool of that name prints it. What lies on a claim is
/// known by its SHA-256, at which the tools of many images are half as quick as at SHA-1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// `sha1sum`.
    Sha1,
    /// `sha256sum`, for images without the other.
    Sha256,
}

impl Check {
    /// The checksum of some bytes: hexadecimal digits.
    pub fn of(self, bytes: &[u8]) -> String {
        match self {
            Self::Sha1 => Sha1::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect(),
            Self::Sha256 => super::Digest::of(bytes).to_string(),
        }
    }
}

impl FromStr for Check {
    type Err = ();

    fn from_str(tool: &str) -> Result<Self, ()> {
        match tool {
            "sha1sum" => Ok(Self::Sha1),
            "sha256sum" => Ok(Self::Sha256),
            _ => Err(()),
        }
    }
}
