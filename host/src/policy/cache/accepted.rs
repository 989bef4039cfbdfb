//! Settings that a policy has accepted, completed by its schema: a policy is not asked twice what it makes of the same.

use super::note::Question;
use super::{Cache, Target};
use serde_json::Value;

/// The ending of such a file's name.
pub const ENDING: &str = "accepted";

impl Cache {
    /// The question what a policy makes of settings: its file, the target and the settings decide.
    pub(in crate::policy) fn question(&self, target: &Target, file: &str, settings: &Value) -> Question {
        Question::new(&format!("{}\n{file}\n{settings}", target.0), ENDING)
    }

    /// The completed settings, if the policy is known to have accepted them.
    pub(in crate::policy) fn accepted(&self, question: &Question) -> Option<Value> {
        self.noted(question)
    }

    /// Remember that it accepts them.
    pub(in crate::policy) fn accept(&self, question: &Question, complete: &Value) {
        self.note(question, complete);
    }
}
