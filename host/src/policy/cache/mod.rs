//! Compiled policies on disk, so that a policy is compiled once on a machine. Native code is loaded only from a folder and a
//! file that are the user's own and nobody else's, and only when its checksum is right; anything else that lies in the
//! place of an entry is removed and compiled again.

mod accepted;
mod entry;
mod known;
mod note;
mod prune;
#[cfg(test)]
mod tests;

pub(super) use known::Identity;

use super::Limits;
use super::bindings::Description;
use super::engine::KNOBS;
use super::native::Native;
use rustix::fs::OFlags;
use rustix::process::geteuid;
use std::cell::OnceCell;
use std::env::consts::{ARCH, OS};
use std::fs::{self, DirBuilder, File, Metadata, OpenOptions};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use wasmtime::Engine;
use wasmtime::component::Component;

/// The bytes that a cache may take. A Rust policy takes less than 1 MB and a Python one some 60 MB, so this keeps about
/// fifteen of the largest, and no platform team ships more.
const ROOM: u64 = 1 << 30;
/// An entry that was used gets a new time at most this often: enough to tell the least recently used, and a warm start does
/// not write to the disk.
const FRESH: Duration = Duration::from_secs(60 * 60);

/// A folder of compiled policies, private to the user.
#[derive(Clone, Debug)]
pub struct Cache {
    folder: PathBuf,
    owner: u32,
    room: u64,
}

/// A cache that is opened once, when it is first wanted: a program without policies makes no folder.
#[derive(Debug, Default)]
pub struct LazyCache {
    folder: Option<PathBuf>,
    opened: OnceCell<Option<Cache>>,
}

impl LazyCache {
    /// A cache in a folder, or none.
    pub fn new(folder: Option<PathBuf>) -> Self {
        Self { folder, opened: OnceCell::new() }
    }

    /// The cache, where there is one that can be used.
    pub fn get(&self) -> Option<&Cache> {
        self.opened.get_or_init(|| self.folder.clone().and_then(Cache::open)).as_ref()
    }
}

/// What is kept of a policy's file.
pub(super) struct Kept {
    /// Its native code.
    pub component: Component,
    /// What it says of itself, which follows from the file alone: `describe` sees neither Job nor settings.
    pub description: Description,
}

impl Cache {
    /// Use a folder, which is made if it is not there. None where it cannot be made or others could write to it.
    pub fn open(folder: PathBuf) -> Option<Self> {
        Self::open_bounded(folder, ROOM)
    }

    /// The same with another bound on the bytes that all entries take together.
    fn open_bounded(folder: PathBuf, room: u64) -> Option<Self> {
        let made = || DirBuilder::new().recursive(true).mode(0o700).create(&folder);
        let metadata = || fs::symlink_metadata(&folder);
        let metadata = metadata().or_else(|_| made().and_then(|()| metadata())).ok()?;
        let cache = Self { folder, owner: geteuid().as_raw(), room };
        (metadata.is_dir() && cache.is_private(&metadata)).then_some(cache)
    }

    /// What is kept of the file with this digest for this target, if a sound entry is there.
    pub(super) fn load(&self, engine: &Engine, target: &Target, digest: &str) -> Option<Kept> {
        let name = Name::new(target, digest);
        self.use_file(&self.path(&name), |file, length| entry::load(engine, file, length, &name))
    }

    /// Keep a compiled file. Failing to is no error: the next start compiles again.
    pub(super) fn store(&self, target: &Target, digest: &str, native: &Native, description: &Description) {
        let name = Name::new(target, digest);
        let Some(bytes) = entry::bytes(native, &name, description) else { return };
        if bytes.len() as u64 <= self.room && entry::write(&self.path(&name), &bytes).is_ok() {
            prune::prune(&self.folder, self.room);
        }
    }

    /// Make something of a file of this folder and its length. One that is not the user's own, or of which nothing can be
    /// made, is removed.
    fn use_file<T>(&self, path: &Path, make: impl FnOnce(&File, u64) -> Option<T>) -> Option<T> {
        let opened = match open(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return None,
            opened => opened.ok(),
        };
        let made = opened.and_then(|file| {
            let metadata = file.metadata().ok().filter(|found| found.is_file() && self.is_private(found))?;
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

/// Open what lies there. A link is not followed, and nobody waits for the other end of a pipe.
fn open(path: &Path) -> io::Result<File> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    OpenOptions::new().read(true).custom_flags(flags.bits().cast_signed()).open(path)
}

/// Note that an entry is used, for pruning. A folder that cannot be written keeps its times.
fn note_use(file: &File, metadata: &Metadata) {
    let age = metadata.modified().ok().and_then(|time| time.elapsed().ok());
    if age.is_some_and(|age| age > FRESH) {
        let _ = file.set_modified(SystemTime::now());
    }
}

/// What a policy is kept for: this program on a kind of machine, and the limits under which the policy was compiled,
/// described and asked: where they are lower, a file that exceeds them must not be found. Code for a processor that can do
/// more than this one is refused when it is loaded, and compiled again for both.
pub(super) struct Target(String);

impl Target {
    /// This program, on this kind of machine, under these limits.
    pub fn of(limits: &Limits) -> Self {
        let mut all = DefaultHasher::new();
        (env!("CARGO_PKG_VERSION"), KNOBS, ARCH, OS, limits).hash(&mut all);
        Self(format!("{:016x}", all.finish()))
    }
}

/// What an entry is for: a policy's file, and a target.
struct Name {
    source: String,
    target: String,
}

impl Name {
    fn new(target: &Target, digest: &str) -> Self {
        Self { source: digest.to_owned(), target: target.0.clone() }
    }
}
