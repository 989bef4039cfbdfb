//! Digests of files that were read before: a large policy is not read and digested again only to
//! learn that it is the same.

use super::Cache;
use super::facts::Key;
use crate::files::FileId;
use serde_json::Value;
use std::fs::Metadata;

/// The extension of such a file.
pub const ENDING: &str = "digest";

/// The identity of a file; none of a pipe or a device.
pub fn identity(metadata: &Metadata) -> Option<FileId> {
    metadata.is_file().then(|| FileId::of(metadata))
}

fn key(file: &FileId) -> Key {
    let FileId { device, inode, size, modified, changed } = file;
    let times = format!("{}.{} {}.{}", modified.0, modified.1, changed.0, changed.1);
    Key::new(&format!("{device} {inode} {size} {times}"), ENDING)
}

impl Cache {
    /// The digest of a file that is as it was when it was read.
    pub fn known_digest(&self, file: &FileId) -> Option<String> {
        match self.fact(&key(file)) {
            Some(Value::String(digest)) => Some(digest),
            _ => None,
        }
    }

    /// Remember the digest of a file that had this identity before and after it was read.
    pub fn remember_digest(&self, file: &FileId, digest: &str) {
        if file.is_settled() {
            self.keep_fact(&key(file), &digest.into());
        }
    }
}
