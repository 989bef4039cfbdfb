//! A policy's file, opened: its digest, and its bytes, which are read when they are needed.

use super::cache::{Cache, identity};
use super::digest::digest;
use crate::files::{self, FileError};
use crate::policy::{Locator, PolicyError};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// Whether a remembered digest is trusted without reading the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// It is, as long as the file's times and inode say that nobody wrote to it since.
    Remembered,
    /// It is not; the file is read: it must be the one in the lock.
    Read,
}

/// A policy's file, shared by all copies.
#[derive(Clone)]
pub struct PolicyFile(Arc<Content>);

struct Content {
    path: PathBuf,
    bytes: Bytes,
}

enum Bytes {
    /// The bytes are in memory; the digest is computed once, on demand.
    Read { bytes: Arc<[u8]>, digest: OnceLock<String> },
    /// The digest is known; the bytes are read once, on demand.
    Known { size: usize, digest: String, bytes: OnceLock<Vec<u8>> },
}

impl PolicyFile {
    /// Open the file of a locator, of at most so many bytes. It is read, unless the cache knows its
    /// digest and that is trusted.
    pub fn open(
        locator: &Locator,
        cache: Option<&Cache>,
        trust: Trust,
        most: u64,
    ) -> Result<Self, PolicyError> {
        let bytes = match locator {
            Locator::Bytes { bytes, .. } => Ok(Bytes::read(Arc::clone(bytes))),
            Locator::File(path) => match cache.filter(|_| trust == Trust::Remembered) {
                Some(cache) => open_known(path, cache, most),
                None => read(path, most),
            },
        };
        let path = locator.path().to_owned();
        match bytes {
            Ok(bytes) => Ok(Self(Arc::new(Content { path, bytes }))),
            Err(source) => Err(PolicyError::Unreadable { path, source }),
        }
    }

    /// Its path, for messages.
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// Its size in bytes.
    pub fn size(&self) -> usize {
        match &self.0.bytes {
            Bytes::Read { bytes, .. } => bytes.len(),
            Bytes::Known { size, .. } => *size,
        }
    }

    /// Its bytes. An error if they must be read and cannot be, or have changed.
    pub fn bytes(&self) -> Result<&[u8], PolicyError> {
        let (known, kept) = match &self.0.bytes {
            Bytes::Read { bytes, .. } => return Ok(bytes),
            Bytes::Known { digest, bytes, .. } => (digest, bytes),
        };
        if let Some(bytes) = kept.get() {
            return Ok(bytes);
        }
        let path = || self.0.path.clone();
        let bytes = files::bytes(&self.0.path, self.size() as u64)
            .map_err(|source| PolicyError::Unreadable { path: path(), source })?;
        if digest(&bytes) != *known {
            return Err(PolicyError::Changed { path: path() });
        }
        Ok(kept.get_or_init(|| bytes))
    }

    /// Its digest: `sha256:` and 64 hexadecimal digits.
    pub fn digest(&self) -> &str {
        match &self.0.bytes {
            Bytes::Read { bytes, digest: taken } => taken.get_or_init(|| digest(bytes)),
            Bytes::Known { digest, .. } => digest,
        }
    }
}

impl Bytes {
    fn read(bytes: Arc<[u8]>) -> Self {
        Self::Read { bytes, digest: OnceLock::new() }
    }
}

fn read(path: &Path, most: u64) -> Result<Bytes, FileError> {
    files::bytes(path, most).map(|bytes| Bytes::read(bytes.into()))
}

fn open_known(path: &Path, cache: &Cache, most: u64) -> Result<Bytes, FileError> {
    let known = identity(&fs::metadata(path)?).filter(|found| found.size <= most);
    let Some(known) = known else { return read(path, most) };
    if let Some(digest) = cache.known_digest(&known) {
        let size = usize::try_from(known.size).map_err(std::io::Error::other)?;
        return Ok(Bytes::Known { size, digest, bytes: OnceLock::new() });
    }
    let bytes = files::bytes(path, most)?;
    let digest = digest(&bytes);
    if identity(&fs::metadata(path)?).is_some_and(|after| after == known) {
        cache.remember_digest(&known, &digest);
    }
    Ok(Bytes::Read { bytes: bytes.into(), digest: OnceLock::from(digest) })
}
