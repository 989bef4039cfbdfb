//! `settings`: the settings that the platform team configured for this policy.

use super::readers::readers;
use crate::policy::guest::bindings::settings;
use crate::policy::guest::evaluation::Evaluation;

impl settings::Host for Evaluation {
    readers!(|self| "settings", &self.settings);
}
