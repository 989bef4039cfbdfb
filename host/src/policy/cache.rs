//! Compiled policies on disk, so that a policy is compiled once on a machine. Native code is loaded only from a folder that
//! nobody but its owner can write, and only when its checksum is right; anything else is compiled again.

use sha2::{Digest, Sha256};
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use wasmtime::Engine;
use wasmtime::component::Component;

/// The bytes of a SHA-256.
const CHECKSUM: usize = 32;

/// A folder of compiled policies, private to the user.
#[derive(Clone, Debug)]
pub struct Cache {
    folder: PathBuf,
}

impl Cache {
    /// Use a folder, which is made if it is not there. None where it cannot be made or others could write to it.
    pub fn open(folder: PathBuf) -> Option<Self> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder).ok()?;
        let metadata = fs::symlink_metadata(&folder).ok()?;
        let is_private = metadata.is_dir() && metadata.mode() & 0o077 == 0 && metadata.uid() == user()?;
        is_private.then_some(Self { folder })
    }

    /// The compiled form of a policy file, if a sound one is there.
    pub(super) fn load(&self, engine: &Engine, source: &[u8]) -> Option<Component> {
        let entry = fs::read(self.path(engine, source)).ok()?;
        let (checksum, code) = entry.split_at_checked(CHECKSUM)?;
        if Sha256::digest(code)[..] != *checksum {
            return None;
        }
        deserialize(engine, code)
    }

    /// Keep the compiled form of a policy file. Failing to is no error: the next start compiles again.
    pub(super) fn store(&self, engine: &Engine, source: &[u8], component: &Component) {
        if let Ok(code) = component.serialize() {
            let _ = write_atomically(&self.path(engine, source), &code);
        }
    }

    fn path(&self, engine: &Engine, source: &[u8]) -> PathBuf {
        let mut compatibility = DefaultHasher::new();
        engine.precompile_compatibility_hash().hash(&mut compatibility);
        let digest = super::digest::digest(source);
        let digest = digest.trim_start_matches("sha256:");
        self.folder.join(format!("{digest}-{:016x}.cwasm", compatibility.finish()))
    }
}

/// Load native code that this program compiled: the one use of `unsafe` in the program.
#[expect(unsafe_code, reason = "native code cannot be checked, only trusted")]
fn deserialize(engine: &Engine, code: &[u8]) -> Option<Component> {
    // SAFETY: `code` was written by `Cache::store` from `Component::serialize`. It comes from a folder that only this user
    // can write, and its checksum is right, so it is neither foreign nor damaged. wasmtime itself refuses code of another
    // version or configuration.
    unsafe { Component::deserialize(engine, code) }.ok()
}

/// Write beside the place and rename, so that a reader sees a whole entry or none.
fn write_atomically(path: &Path, code: &[u8]) -> io::Result<()> {
    let beside = path.with_extension(format!("{}.tmp", std::process::id()));
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
    file.write_all(&Sha256::digest(code))?;
    file.write_all(code)?;
    drop(file);
    fs::rename(&beside, path)
}

/// The user this program runs as: the owner of its own entry in `/proc`, or of a file that it makes.
fn user() -> Option<u32> {
    fs::metadata("/proc/self").ok().map(|metadata| metadata.uid())
}
