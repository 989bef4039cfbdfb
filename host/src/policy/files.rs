//! The files that policies come from: each is compiled, checked, linked and described once in a host, however many names it
//! has. What is done here follows from the file alone, so that the cache may keep it.

use super::cache::Kept;
use super::compile::check_size;
use super::{Policy, PolicyError, PolicyHost, PolicySource};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The policy of each file, still without settings, by the file's digest. A place is locked while its file is compiled.
#[derive(Default)]
pub(super) struct Files(Mutex<HashMap<String, Arc<Mutex<Option<Policy>>>>>);

/// Called when a file is not found in the cache and its compilation begins.
pub(super) type OnCompile<'a> = &'a dyn Fn(&PolicySource);

impl PolicyHost {
    /// The policy of a file, still without settings.
    pub(super) fn describe(&self, source: &PolicySource, on_compile: OnCompile) -> Result<Policy, PolicyError> {
        check_size(&self.limits, source)?;
        let place = self.files.place(source);
        let mut place = place.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(policy) = &*place {
            // What a file may do depends on the name under which it is used.
            policy.world().check(source)?;
            return Ok(policy.clone());
        }
        let policy = match self.kept(source)? {
            Some(policy) => policy,
            None => {
                on_compile(source);
                self.describe_anew(source)?
            }
        };
        *place = Some(policy.clone());
        Ok(policy)
    }

    /// Whether the file of a policy is known, so that it need not be compiled.
    pub(super) fn is_warm(&self, source: &PolicySource) -> bool {
        if check_size(&self.limits, source).is_err() {
            return false;
        }
        let place = self.files.place(source);
        let mut place = place.lock().unwrap_or_else(PoisonError::into_inner);
        if place.is_none() {
            // What cannot be used is told by who asks for the policy.
            *place = self.kept(source).ok().flatten();
        }
        place.is_some()
    }

    /// The policy of a file that is in the cache.
    fn kept(&self, source: &PolicySource) -> Result<Option<Policy>, PolicyError> {
        let kept = self.cache.as_ref().and_then(|cache| cache.load(self.engine(), &self.target, source.file.digest()));
        let Some(Kept { component, description }) = kept else { return Ok(None) };
        let mut policy = self.prepare(source, &component)?;
        policy.description = description;
        Ok(Some(policy))
    }

    fn describe_anew(&self, source: &PolicySource) -> Result<Policy, PolicyError> {
        let (native, component) = self.compile(source)?;
        let mut policy = self.prepare(source, &component)?;
        policy.description = policy.call_describe()?;
        policy.check_description()?;
        if let Some(cache) = &self.cache {
            cache.store(&self.target, policy.digest(), &native, &policy.description);
        }
        Ok(policy)
    }
}

impl Files {
    fn place(&self, source: &PolicySource) -> Arc<Mutex<Option<Policy>>> {
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        places.entry(source.file.digest().to_owned()).or_default().clone()
    }
}
