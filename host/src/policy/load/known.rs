//! The policies that a host has described, by the digests of their files. A place is locked while
//! its file is compiled, so that a file is compiled once, however many names it has.

use super::described::Described;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// A place for the policy of one file.
type Place = Arc<Mutex<Option<Described>>>;

/// The policies that a host has described.
#[derive(Default)]
pub struct Known(Mutex<HashMap<String, Place>>);

impl Known {
    /// The result of `make`, which gets the description of a file if it is known; a success is
    /// remembered.
    pub fn get_or_insert<E>(
        &self,
        digest: &str,
        make: impl FnOnce(Option<&Described>) -> Result<Described, E>,
    ) -> Result<Described, E> {
        let place = self.place(digest);
        let mut place = place.lock().unwrap_or_else(PoisonError::into_inner);
        let described = make(place.as_ref())?;
        if place.is_none() {
            *place = Some(described.clone());
        }
        Ok(described)
    }

    /// The policy of a file, if it is known.
    pub fn get(&self, digest: &str) -> Option<Described> {
        self.place(digest).lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether a file is known, after `find` was tried for one that is not.
    pub fn fill(&self, digest: &str, find: impl FnOnce() -> Option<Described>) -> bool {
        let place = self.place(digest);
        let mut place = place.lock().unwrap_or_else(PoisonError::into_inner);
        if place.is_none() {
            *place = find();
        }
        place.is_some()
    }

    fn place(&self, digest: &str) -> Place {
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        places.entry(digest.to_owned()).or_default().clone()
    }
}
