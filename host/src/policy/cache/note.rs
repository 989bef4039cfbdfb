//! Small facts that are kept: a checksum, then a value as JSON, in a file named by a digest of the question that it answers.

use super::{Cache, entry};
use crate::policy::digest::digest;
use serde_json::Value;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use xxhash_rust::xxh3::xxh3_128;

/// A question whose answer may be kept: by its digest, and the ending of the answer's name.
pub(in crate::policy) struct Question {
    digest: String,
    ending: &'static str,
}

impl Question {
    /// All that decides about the answer.
    pub(super) fn new(text: &str, ending: &'static str) -> Self {
        Self { digest: digest(text.as_bytes()).trim_start_matches("sha256:").to_owned(), ending }
    }
}

impl Cache {
    /// The answer to a question, if a sound one is kept.
    pub(super) fn noted(&self, question: &Question) -> Option<Value> {
        self.use_file(&self.place(question), |file, length| {
            let mut bytes = vec![0; usize::try_from(length).ok()?];
            file.read_exact_at(&mut bytes, 0).ok()?;
            let (checksum, text) = bytes.split_first_chunk()?;
            serde_json::from_slice(text).ok().filter(|_| xxh3_128(text).to_le_bytes() == *checksum)
        })
    }

    /// Keep an answer. Failing to is no error: the next start finds it out again.
    pub(super) fn note(&self, question: &Question, answer: &Value) {
        let text = answer.to_string();
        let _ =
            entry::write(&self.place(question), &[&xxh3_128(text.as_bytes()).to_le_bytes(), text.as_bytes()].concat());
    }

    fn place(&self, question: &Question) -> PathBuf {
        self.folder.join(format!("{}.{}", question.digest, question.ending))
    }
}
