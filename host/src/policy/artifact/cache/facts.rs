//! Small facts on disk: a checksum, then a value as JSON, in a file named by the digest of its key.

use super::Cache;
use crate::policy::artifact::digest::digest;
use serde_json::Value;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use xxhash_rust::xxh3::xxh3_128;

/// The key of a fact: a digest of everything that it depends on, and the extension of its file.
pub struct Key {
    digest: String,
    ending: &'static str,
}

impl Key {
    /// The key of a fact that depends on `text`.
    pub(super) fn new(text: &str, ending: &'static str) -> Self {
        let digest = digest(text.as_bytes());
        Self { digest: digest.trim_start_matches("sha256:").to_owned(), ending }
    }
}

impl Cache {
    /// The fact under a key, if there is a valid one.
    pub(super) fn fact(&self, key: &Key) -> Option<Value> {
        self.use_file(&self.place(key), |file, length| {
            let mut bytes = vec![0; usize::try_from(length).ok()?];
            file.read_exact_at(&mut bytes, 0).ok()?;
            let (checksum, text) = bytes.split_first_chunk()?;
            let fact = serde_json::from_slice(text).ok();
            fact.filter(|_| xxh3_128(text).to_le_bytes() == *checksum)
        })
    }

    /// Keep a fact. A failure is not an error: the next start computes it again.
    pub(super) fn keep_fact(&self, key: &Key, fact: &Value) {
        let text = fact.to_string();
        let checksum = xxh3_128(text.as_bytes()).to_le_bytes();
        self.put(&self.place(key), &[&checksum, text.as_bytes()].concat());
    }

    fn place(&self, key: &Key) -> PathBuf {
        self.folder.join(format!("{}.{}", key.digest, key.ending))
    }
}
