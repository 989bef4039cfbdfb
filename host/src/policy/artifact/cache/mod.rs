//! Compiled policies on disk, so that a policy is compiled once on a machine. Native code is loaded
//! only from a folder and a file that belong to the user alone, and only if its checksum is right;
//! anything else at the path of an entry is removed and compiled again.

mod accepted;
mod entry;
mod facts;
mod known;
mod prune;
#[cfg(test)]
mod tests;

pub use known::Identity;

use super::engine::KNOBS;
use super::native::Native;
use crate::policy::{Description, Limits};
use rustix::fs::OFlags;
use rustix::process::geteuid;
use std::env::consts::{ARCH, OS};
use std::fs::{self, DirBuilder, File, Metadata, OpenOptions};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use wasmtime::Engine;
use wasmtime::component::Component;

/// The capacity of a cache in bytes. A Rust policy takes less than 1 MB and a Python one some 60
/// MB, so this keeps about fifteen of the largest, and no platform team ships more.
const ROOM: u64 = 1 << 30;
/// The time of an entry is refreshed at most this often when it is used: enough to find the least
/// recently used, and a warm start does not write to the disk.
const FRESH: Duration = Duration::from_secs(60 * 60);

/// A folder of compiled policies, private to the user.
#[derive(Clone, Debug)]
pub struct Cache {
    folder: PathBuf,
    owner: u32,
    room: u64,
}

/// An entry of the cache: all that depends on a policy's file alone.
pub struct Cached {
    /// Its native code.
    pub component: Component,
    /// Its description: `describe` sees neither Job nor settings.
    pub description: Description,
}

impl Cache {
    /// Use a folder, which is created if it does not exist. None if it cannot be created or others
    /// could write to it.
    pub fn open(folder: PathBuf) -> Option<Self> {
        Self::open_bounded(folder, ROOM)
    }

    /// Like `open`, with another bound on the bytes that all entries take together.
    fn open_bounded(folder: PathBuf, room: u64) -> Option<Self> {
        let made = || DirBuilder::new().recursive(true).mode(0o700).create(&folder);
        let metadata = || fs::symlink_metadata(&folder);
        let metadata = metadata().or_else(|_| made().and_then(|()| metadata())).ok()?;
        let cache = Self { folder, owner: geteuid().as_raw(), room };
        (metadata.is_dir() && cache.is_private(&metadata)).then_some(cache)
    }

    /// The entry of the file with this digest for this target, if there is a valid one.
    pub fn load(&self, engine: &Engine, target: &Target, digest: &str) -> Option<Cached> {
        let name = Name::new(target, digest);
        self.use_file(&self.path(&name), |file, length| entry::load(engine, file, length, &name))
    }

    /// Keep a compiled file. A failure is not an error: the next start compiles again.
    pub fn store(&self, target: &Target, digest: &str, native: &Native, description: &Description) {
        let name = Name::new(target, digest);
        let Some(bytes) = entry::bytes(native, &name, description) else { return };
        if bytes.len() as u64 <= self.room && entry::write(&self.path(&name), &bytes).is_ok() {
            prune::prune(&self.folder, self.room);
        }
    }

    /// Open a file of this folder and pass it to `make` with its length. A file that is not the
    /// user's own, or for which `make` gives none, is removed.
    fn use_file<T>(&self, path: &Path, make: impl FnOnce(&File, u64) -> Option<T>) -> Option<T> {
        let opened = match open(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return None,
            opened => opened.ok(),
        };
        let made = opened.and_then(|file| {
            let metadata =
                file.metadata().ok().filter(|found| found.is_file() && self.is_private(found))?;
            note_use(&file, &metadata);
            make(&file, metadata.len())
        });
        if made.is_none() {
            let _ = fs::remove_file(path);
        }
        made
    }

    fn is_private(&self, metadata: &Metadata) -> bool {
        metadata.uid() == self.owner && metadata.mode() & 0o077 == 0
    }

    fn path(&self, name: &Name) -> PathBuf {
        let digest = name.source.trim_start_matches("sha256:");
        self.folder.join(format!("{digest}-{}.{}", name.target, entry::ENDING))
    }
}

/// Open a file. A symbolic link is not followed, and a pipe does not block.
fn open(path: &Path) -> io::Result<File> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    OpenOptions::new().read(true).custom_flags(flags.bits().cast_signed()).open(path)
}

/// Note that an entry is used, for pruning. In a folder that cannot be written, times stay as they
/// are.
fn note_use(file: &File, metadata: &Metadata) {
    let age = metadata.modified().ok().and_then(|time| time.elapsed().ok());
    if age.is_some_and(|age| age > FRESH) {
        let _ = file.set_modified(SystemTime::now());
    }
}

/// The target of an entry: this program on a kind of machine, and the limits under which the policy
/// was compiled, described and validated: with lower limits, a file that exceeds them must not be
/// found. Code for a processor that can do more than this one is refused when it is loaded, and
/// compiled again for both.
pub struct Target(String);

impl Target {
    /// This program, on this kind of machine, under these limits.
    pub fn of(limits: &Limits) -> Self {
        let mut all = DefaultHasher::new();
        (env!("CARGO_PKG_VERSION"), KNOBS, ARCH, OS, limits).hash(&mut all);
        Self(format!("{:016x}", all.finish()))
    }
}

/// The name of an entry: the digest of a policy's file, and a target.
struct Name {
    source: String,
    target: String,
}

impl Name {
    fn new(target: &Target, digest: &str) -> Self {
        Self { source: digest.to_owned(), target: target.0.clone() }
    }
}
