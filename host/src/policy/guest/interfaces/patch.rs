//! `patch`: any change that no other interface has a verb for.

use crate::policy::guest::bindings::patch;
use crate::policy::guest::evaluation::{Answer, Evaluation};

impl patch::Host for Evaluation {
    fn apply(&mut self, operations: String, reason: String) -> Answer {
        self.charge(0)?;
        let answer = self.change("patch", &reason, |job, budget| job.patch(&operations, budget));
        self.measure();
        answer
    }
}
