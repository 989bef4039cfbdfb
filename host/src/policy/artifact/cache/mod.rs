//! Compiled policies on disk, so that a policy is compiled once on a machine. Native code is loaded
//! only from a folder and a file that belong to the user alone, and only if its checksum is right;
//! anything else at the path of an entry is removed and compiled again.

mod accepted;
mod entry;
mod error;
mod facts;
mod known;
mod prune;
#[cfg(test)]
mod tests;

pub use error::CacheError;
pub use known::identity;

use super::engine::KNOBS;
use super::native::Native;
use crate::files;
use crate::policy::{Description, Limits};
use rustix::process::geteuid;
use std::env::consts::{ARCH, OS};
use std::fs::{self, DirBuilder, File, Metadata, Permissions};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
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
    /// The first reason why something was not kept.
    trouble: Arc<OnceLock<CacheError>>,
}

/// An entry of the cache: all that depends on a policy's file alone.
pub struct Cached {
    /// Its native code.
    pub component: Component,
    /// Its description: `describe` sees neither Job nor settings.
    pub description: Description,
}

impl Cache {
    /// Use a folder, which is created if it does not exist. An error if it cannot be created or
    /// others could write to it. Rights of its group are taken back: where a volume has an
    /// `fsGroup`, they are given to every file in it.
    pub fn open(folder: PathBuf) -> Result<Self, CacheError> {
        Self::open_bounded(folder, ROOM)
    }

    /// The first reason why something could not be kept, if there was one.
    pub fn trouble(&self) -> Option<&CacheError> {
        self.trouble.get()
    }

    /// Like `open`, with another bound on the bytes that all entries take together.
    fn open_bounded(folder: PathBuf, room: u64) -> Result<Self, CacheError> {
        let owner = geteuid().as_raw();
        let used = made(&folder).map_err(Into::into).and_then(|metadata| {
            if !metadata.is_dir() {
                return Err(error::Why::NoFolder);
            }
            let restrict = |mode| fs::set_permissions(&folder, Permissions::from_mode(mode));
            make_private(&metadata, owner, 0o700, restrict)
        });
        match used {
            Ok(()) => Ok(Self { folder, owner, room, trouble: Arc::default() }),
            Err(why) => Err(CacheError::new(folder, why)),
        }
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
        if bytes.len() as u64 <= self.room && self.put(&self.path(&name), &bytes) {
            prune::prune(&self.folder, self.room);
        }
    }

    /// Whether a file was written. A reader sees the whole file or none, however many processes
    /// write at once.
    fn put(&self, path: &Path, bytes: &[u8]) -> bool {
        let put = files::put(&self.folder, path, bytes);
        put.map_err(|error| {
            let error = CacheError::new(self.folder.clone(), error.into());
            let _ = self.trouble.set(error);
        })
        .is_ok()
    }

    /// Open a file of this folder and pass it to `make` with its length. A file that is not the
    /// user's own, or for which `make` gives none, is removed.
    fn use_file<T>(&self, path: &Path, make: impl FnOnce(&File, u64) -> Option<T>) -> Option<T> {
        let opened = match files::open_own(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return None,
            opened => opened.ok(),
        };
        let made = opened.and_then(|file| {
            let metadata = file.metadata().ok().filter(Metadata::is_file)?;
            let restrict = |mode| file.set_permissions(Permissions::from_mode(mode));
            make_private(&metadata, self.owner, 0o600, restrict).ok()?;
            note_use(&file, &metadata);
            make(&file, metadata.len())
        });
        if made.is_none() {
            let _ = fs::remove_file(path);
        }
        made
    }

    fn path(&self, name: &Name) -> PathBuf {
        let digest = name.source.trim_start_matches("sha256:");
        self.folder.join(format!("{digest}-{}.{}", name.target, entry::ENDING))
    }
}

/// The folder at a path, which is created if nothing is there.
fn made(folder: &Path) -> io::Result<Metadata> {
    let metadata = || fs::symlink_metadata(folder);
    match metadata() {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
            metadata()
        }
        found => found,
    }
}

/// Check that something belongs to the user alone. Rights of the group are taken back: only the
/// owner or the system can have given them.
fn make_private(
    metadata: &Metadata,
    owner: u32,
    mode: u32,
    restrict: impl FnOnce(u32) -> io::Result<()>,
) -> Result<(), error::Why> {
    if metadata.uid() != owner {
        return Err(error::Why::OthersOwn(metadata.uid()));
    }
    match metadata.mode() & 0o7777 {
        found if found & 0o007 != 0 => Err(error::Why::OpenToAll(found)),
        found if found & 0o070 != 0 => Ok(restrict(mode)?),
        _ => Ok(()),
    }
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
