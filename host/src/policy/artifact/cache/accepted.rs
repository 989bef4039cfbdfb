//! Settings that a policy has accepted, completed by its schema: a policy does not validate the
//! same settings twice.

use super::facts::Key;
use super::{Cache, Target};
use serde_json::Value;

/// The extension of such a file.
pub const ENDING: &str = "accepted";

impl Cache {
    /// The key of settings that a policy may have accepted: its file, the target and the settings.
    pub fn settings_key(&self, target: &Target, file: &str, settings: &Value) -> Key {
        Key::new(&format!("{}\n{file}\n{settings}", target.0), ENDING)
    }

    /// The completed settings, if the policy is known to have accepted them.
    pub fn accepted_settings(&self, key: &Key) -> Option<Value> {
        self.fact(key)
    }

    /// Remember that it accepts them.
    pub fn accept_settings(&self, key: &Key, complete: &Value) {
        self.keep_fact(key, complete);
    }
}
