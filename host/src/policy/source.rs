//! A policy as it is given: a file, and what was configured for it. Nothing of it was looked at yet.

use super::Grants;
use super::digest::digest;
use crate::job::{Mode, PolicyId};
use serde_json::Value;
use std::fmt;
use std::path::PathBuf;
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
        let (path, file) = (path.into(), PolicyFile::new(bytes));
        Self { name, path, file, settings, grants: Grants::default(), mode: Mode::Enforce, locked: None }
    }
}

/// The content of a file, shared by all copies. Its digest is taken once, when somebody asks.
#[derive(Clone)]
pub struct PolicyFile(Arc<Content>);

struct Content {
    bytes: Vec<u8>,
    digest: OnceLock<String>,
}

impl PolicyFile {
    /// Take the bytes of a file.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Arc::new(Content { bytes, digest: OnceLock::new() }))
    }

    /// What stands in it.
    pub fn bytes(&self) -> &[u8] {
        &self.0.bytes
    }

    /// `sha256:` and 64 hexadecimal digits.
    pub fn digest(&self) -> &str {
        self.0.digest.get_or_init(|| digest(&self.0.bytes))
    }
}

impl fmt::Debug for PolicyFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0.bytes.len())
    }
}
