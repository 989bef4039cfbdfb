//! Settings that a policy has accepted, completed by its schema: a checksum and the settings, named by a digest of all that
//! decides about them. A policy is not asked twice what it makes of the same.

use super::{Cache, entry};
use crate::policy::Limits;
use crate::policy::digest::digest;
use serde_json::Value;
use std::io::Read;
use xxhash_rust::xxh3::xxh3_128;

/// The ending of such a file's name.
pub const ENDING: &str = "accepted";

/// What decides whether settings are accepted: the policy's file, the limits, the settings, and this program. By its digest.
pub(in crate::policy) struct Question(String);

impl Cache {
    /// The question what a policy makes of settings.
    pub(in crate::policy) fn question(&self, file: &str, limits: &Limits, settings: &Value) -> Question {
        let all = format!("{}\n{file}\n{limits:?}\n{settings}", env!("CARGO_PKG_VERSION"));
        Question(digest(all.as_bytes()).trim_start_matches("sha256:").to_owned())
    }

    /// The completed settings, if the policy is known to have accepted them.
    pub(in crate::policy) fn accepted(&self, question: &Question) -> Option<Value> {
        self.use_file(&self.folder.join(format!("{}.{ENDING}", question.0)), |mut file| {
            let mut checksum = [0; size_of::<u128>()];
            let mut text = Vec::new();
            file.read_exact(&mut checksum).and_then(|()| file.read_to_end(&mut text)).ok()?;
            serde_json::from_slice(&text).ok().filter(|_| xxh3_128(&text).to_le_bytes() == checksum)
        })
    }

    /// Remember that it accepts them. Failing to is no error: the next start asks again.
    pub(in crate::policy) fn accept(&self, question: &Question, complete: &Value) {
        let text = complete.to_string();
        let path = self.folder.join(format!("{}.{ENDING}", question.0));
        let _ = entry::write(&path, &[&xxh3_128(text.as_bytes()).to_le_bytes(), text.as_bytes()].concat());
    }
}
