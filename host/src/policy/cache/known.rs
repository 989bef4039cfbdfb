//! Digests of files that were read before: a large policy is not read and digested again only to learn that it is the same.
//! A file is the same when the kernel says that nobody wrote to it since, as version control and build tools take it.

use super::Cache;
use super::note::Question;
use serde_json::Value;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::time::{Duration, SystemTime};

/// The ending of such a file's name.
pub const ENDING: &str = "digest";

/// How long ago a file must have changed for its times to tell the next change: the coarsest that a file system keeps.
const SETTLED: Duration = Duration::from_secs(2);

/// What tells one state of a file from every other. The time of change is the kernel's: nobody can set it back.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::policy) struct Identity {
    device: u64,
    inode: u64,
    /// In bytes.
    pub size: u64,
    /// Seconds and nanoseconds since 1970.
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Identity {
    /// The identity of a file; none of a pipe or a device.
    pub fn of(metadata: &Metadata) -> Option<Self> {
        metadata.is_file().then(|| Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            size: metadata.size(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        })
    }

    /// Whether a change from now on would show.
    fn is_settled(&self) -> bool {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let last = self.changed.0.max(self.modified.0);
        u64::try_from(last).is_ok_and(|last| now > Duration::from_secs(last) + SETTLED)
    }

    fn question(&self) -> Question {
        let Self { device, inode, size, modified, changed } = self;
        let times = format!("{}.{} {}.{}", modified.0, modified.1, changed.0, changed.1);
        Question::new(&format!("{device} {inode} {size} {times}"), ENDING)
    }
}

impl Cache {
    /// The digest of a file that is as it was when it was read.
    pub(in crate::policy) fn known_digest(&self, file: &Identity) -> Option<String> {
        match self.noted(&file.question()) {
            Some(Value::String(digest)) => Some(digest),
            _ => None,
        }
    }

    /// Remember the digest of a file that had this identity before and after it was read.
    pub(in crate::policy) fn know_digest(&self, file: &Identity, digest: &str) {
        if file.is_settled() {
            self.note(&file.question(), &digest.into());
        }
    }
}
