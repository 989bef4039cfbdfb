//! Digests of files that were read before: a large policy is not read and digested again only to
//! learn that it is the same. A file is the same if its inode, size and times are, as version
//! control and build tools have it.

use super::Cache;
use super::facts::Key;
use serde_json::Value;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::time::{Duration, SystemTime};

/// The extension of such a file.
pub const ENDING: &str = "digest";

/// The age of the last change from which the file's times are sure to show the next one: the
/// coarsest resolution of a file system.
const SETTLED: Duration = Duration::from_secs(2);

/// The identity of one state of a file. The time of change (`ctime`) is set by the kernel: no
/// program can set it back.
#[derive(Debug, PartialEq, Eq)]
pub struct Identity {
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

    fn key(&self) -> Key {
        let Self { device, inode, size, modified, changed } = self;
        let times = format!("{}.{} {}.{}", modified.0, modified.1, changed.0, changed.1);
        Key::new(&format!("{device} {inode} {size} {times}"), ENDING)
    }
}

impl Cache {
    /// The digest of a file that is as it was when it was read.
    pub fn known_digest(&self, file: &Identity) -> Option<String> {
        match self.fact(&file.key()) {
            Some(Value::String(digest)) => Some(digest),
            _ => None,
        }
    }

    /// Remember the digest of a file that had this identity before and after it was read.
    pub fn remember_digest(&self, file: &Identity, digest: &str) {
        if file.is_settled() {
            self.keep_fact(&file.key(), &digest.into());
        }
    }
}
