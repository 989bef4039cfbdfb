//! The identity of one state of a file, as version control and build tools have it: a file is the
//! same if its inode, size and times are.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::time::{Duration, SystemTime};

/// The age of the last change from which the file's times are sure to show the next one: the
/// coarsest resolution of a file system.
const SETTLED: Duration = Duration::from_secs(2);

/// The identity of one state of a file. The time of change (`ctime`) is set by the kernel: no
/// program can set it back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileId {
    /// The device on which it lies.
    pub device: u64,
    /// Its number there.
    pub inode: u64,
    /// In bytes.
    pub size: u64,
    /// When its content changed last: seconds and nanoseconds since 1970.
    pub modified: (i64, i64),
    /// When anything of it changed last, likewise.
    pub changed: (i64, i64),
}

impl FileId {
    /// The identity of whatever has this metadata.
    pub fn of(metadata: &Metadata) -> Self {
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            size: metadata.size(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }

    /// Whether a change from now on would show.
    pub fn is_settled(&self) -> bool {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let last = self.changed.0.max(self.modified.0);
        u64::try_from(last).is_ok_and(|last| now > Duration::from_secs(last) + SETTLED)
    }
}
