//! A policy as it is given: a file, and what was configured for it. Nothing of it was looked at yet.

use super::cache::Identity;
use super::digest::digest;
use super::{Cache, Grants, PolicyError};
use crate::job::{Mode, PolicyId};
use serde_json::Value;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// A policy as it is given.
#[derive(Clone, Debug)]
pub struct PolicySource {
    /// Its name in the chain.
    pub name: PolicyId,
    /// Where the file lies, for messages.
    pub path: PathBuf,
    /// A component, or a core module that carries the contract.
    pub file: PolicyFile,
    /// The settings as configured.
    pub settings: Value,
    /// What it may do.
    pub grants: Grants,
    /// Whether its word counts.
    pub mode: Mode,
    /// What it could do when it was locked, if it was: to do more it must be locked again.
    pub locked: Option<Vec<String>>,
}

impl PolicySource {
    /// A policy whose word counts, with the default grants.
    pub fn new(name: PolicyId, path: impl Into<PathBuf>, bytes: Vec<u8>, settings: Value) -> Self {
        Self::of(name, path, PolicyFile::new(bytes), settings)
    }

    /// The same of a file.
    pub fn of(name: PolicyId, path: impl Into<PathBuf>, file: PolicyFile, settings: Value) -> Self {
        let (path, grants, mode) = (path.into(), Grants::default(), Mode::Enforce);
        Self { name, path, file, settings, grants, mode, locked: None }
    }

    /// What stands in its file.
    pub(super) fn bytes(&self) -> Result<&[u8], PolicyError> {
        self.file.bytes().map_err(|why| PolicyError::Unreadable { path: self.path.clone(), why: why.to_owned() })
    }
}

/// A policy's file, shared by all copies: its digest, and what stands in it, which is read when it is needed.
#[derive(Clone)]
pub struct PolicyFile(Arc<Content>);

enum Content {
    /// The bytes are here; the digest is taken once, when somebody asks.
    Read { bytes: Vec<u8>, digest: OnceLock<String> },
    /// The digest is known; the bytes are read once, when somebody needs them.
    Known { path: PathBuf, size: usize, digest: String, bytes: OnceLock<Result<Vec<u8>, String>> },
}

impl PolicyFile {
    /// Take the bytes of a file.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Arc::new(Content::Read { bytes, digest: OnceLock::new() }))
    }

    /// Read a file, unless the cache knows the digest of this very file.
    pub fn read(path: &Path, cache: Option<&Cache>) -> io::Result<Self> {
        let Some((cache, identity)) = cache.zip(Identity::of(&fs::metadata(path)?)) else { return read(path) };
        if let Some(digest) = cache.known_digest(&identity) {
            let size = usize::try_from(identity.size).map_err(io::Error::other)?;
            let known = Content::Known { path: path.to_owned(), size, digest, bytes: OnceLock::new() };
            return Ok(Self(Arc::new(known)));
        }
        let read = read(path)?;
        if Identity::of(&fs::metadata(path)?).is_some_and(|after| after == identity) {
            cache.know_digest(&identity, read.digest());
        }
        Ok(read)
    }

    /// How many bytes it has.
    pub fn size(&self) -> usize {
        match &*self.0 {
            Content::Read { bytes, .. } => bytes.len(),
            Content::Known { size, .. } => *size,
        }
    }

    /// What stands in it. An error, as a sentence, where it was not read yet and cannot be, or is another by now.
    pub fn bytes(&self) -> Result<&[u8], &str> {
        match &*self.0 {
            Content::Read { bytes, .. } => Ok(bytes),
            Content::Known { path, digest, bytes, .. } => {
                bytes.get_or_init(|| read_known(path, digest)).as_deref().map_err(String::as_str)
            }
        }
    }

    /// `sha256:` and 64 hexadecimal digits.
    pub fn digest(&self) -> &str {
        match &*self.0 {
            Content::Read { bytes, digest: taken } => taken.get_or_init(|| digest(bytes)),
            Content::Known { digest, .. } => digest,
        }
    }
}

fn read(path: &Path) -> io::Result<PolicyFile> {
    fs::read(path).map(PolicyFile::new)
}

/// Read the file that has this digest.
fn read_known(path: &Path, known: &str) -> Result<Vec<u8>, String> {
    let bytes = fs::read(path).map_err(|error| error.to_string())?;
    match digest(&bytes) == known {
        true => Ok(bytes),
        false => Err("it has changed since this program began".to_owned()),
    }
}

impl fmt::Debug for PolicyFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.size())
    }
}
