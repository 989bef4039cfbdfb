//! A value whose fault matters only to its users: the fault is kept until the value is used, and
//! then reported in full.

use crate::yaml::ConfigError;

/// A value whose fault matters only to its users.
///
/// A cube without parameters needs no claim, and a cube can be described without an image; so those
/// values are read with the rest, and a fault in them waits here until the value is used.
#[derive(Clone, Debug, PartialEq)]
pub struct Deferred<T>(Result<T, Box<ConfigError>>);

impl<T> Deferred<T> {
    /// The value, or why there is none.
    pub fn get(&self) -> Result<&T, ConfigError> {
        self.0.as_ref().map_err(|fault| ConfigError::clone(fault))
    }

    /// The value, if there is one.
    pub fn ok(&self) -> Option<&T> {
        self.0.as_ref().ok()
    }
}

impl<T> From<Result<T, ConfigError>> for Deferred<T> {
    fn from(result: Result<T, ConfigError>) -> Self {
        Self(result.map_err(Box::new))
    }
}
