//! `settings`: what the platform team configured for this policy.

use super::readers::readers;
use crate::policy::bindings::settings;
use crate::policy::evaluation::Evaluation;

impl settings::Host for Evaluation {
    readers!(|self| &self.settings);
}
