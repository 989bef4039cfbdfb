//! The cost of a schema: a small one can ask for endless work, so steps are counted before they are
//! taken.

use crate::policy::{Exceeded, Limit, Limits};

/// So many bytes that are looked at are a step.
const BYTES: usize = 64;

/// Why a schema is not used.
#[derive(Debug, PartialEq, Eq)]
pub enum SchemaError {
    /// It would take more steps than it may.
    Exceeds(Exceeded),
    /// It is not a schema that can be used; a sentence about it.
    Wrong(String),
}

impl From<Exceeded> for SchemaError {
    fn from(exceeded: Exceeded) -> Self {
        Self::Exceeds(exceeded)
    }
}

/// The steps taken so far.
pub struct Steps<'l> {
    limits: &'l Limits,
    taken: usize,
}

impl<'l> Steps<'l> {
    /// None so far.
    pub fn new(limits: &'l Limits) -> Self {
        Self { limits, taken: 0 }
    }

    /// Take some more.
    pub fn take(&mut self, steps: usize) -> Result<(), Exceeded> {
        self.taken = self.taken.saturating_add(steps);
        if self.taken <= self.limits.count(Limit::SchemaSteps) {
            return Ok(());
        }
        Err(self.limits.exceeded(Limit::SchemaSteps, None))
    }

    /// Take the steps of looking at so many bytes.
    pub fn take_bytes(&mut self, bytes: usize) -> Result<(), Exceeded> {
        self.take(bytes / BYTES)
    }
}
