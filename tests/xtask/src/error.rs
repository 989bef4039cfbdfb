//! Owns the one error of this helper: a sentence that names the thing, and the cure where there is one.
//! Invariant: `what` is lowercase and complete, so that a caller may print it as it stands.

use std::{error, fmt};

/// What went wrong, and what to do about it.
#[derive(Debug)]
pub struct Error {
    what: String,
    cure: Option<String>,
}

/// The result of everything here that can fail.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error without a known cure.
    pub fn new(what: impl Into<String>) -> Self {
        Error { what: what.into(), cure: None }
    }

    /// The same error with the cure that stands below it.
    pub fn cure(mut self, cure: impl Into<String>) -> Self {
        self.cure = Some(cure.into());
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        match &self.cure {
            Some(cure) => write!(f, "\n  cure: {cure}"),
            None => Ok(()),
        }
    }
}

impl error::Error for Error {}

/// Turns a foreign error into ours by saying which deed failed.
pub trait Doing<T> {
    /// `deed` completes the sentence "could not …".
    fn doing(self, deed: impl FnOnce() -> String) -> Result<T>;
}

impl<T, E: fmt::Display> Doing<T> for std::result::Result<T, E> {
    fn doing(self, deed: impl FnOnce() -> String) -> Result<T> {
        self.map_err(|source| Error::new(format!("could not {}: {source}", deed())))
    }
}
