//! The one error of this helper: a lowercase sentence that names the thing, and a hint where there
//! is one.

use std::{error, fmt};

/// What went wrong, and what to do about it.
#[derive(Debug)]
pub struct Error {
    what: String,
    hint: Option<String>,
}

/// The result of everything here that can fail.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error without a hint.
    pub fn new(what: impl Into<String>) -> Self {
        Error { what: what.into(), hint: None }
    }

    /// The same error with the hint that stands below it.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        match &self.hint {
            Some(hint) => write!(f, "\n  hint: {hint}"),
            None => Ok(()),
        }
    }
}

impl error::Error for Error {}

/// Turn a foreign error into ours by saying which deed failed.
pub trait Doing<T> {
    /// `deed` completes the sentence "could not …".
    fn doing(self, deed: impl FnOnce() -> String) -> Result<T>;
}

impl<T, E: fmt::Display> Doing<T> for std::result::Result<T, E> {
    fn doing(self, deed: impl FnOnce() -> String) -> Result<T> {
        self.map_err(|source| Error::new(format!("could not {}: {source}", deed())))
    }
}
