//! A policy as it is configured. Nothing here opens a file: the host does, through its cache.

use super::Grants;
use crate::job::{Mode, PolicyId};
use serde_json::{Value, json};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A policy as it is configured.
#[derive(Clone, Debug)]
pub struct PolicySource {
    /// Its name in the chain.
    pub name: PolicyId,
    /// The location of its file.
    pub locator: Locator,
    /// The settings as configured, without the defaults of its schema.
    pub settings: Value,
    /// The capabilities that it may have.
    pub grants: Grants,
    /// Whether it is enforced or audited.
    pub mode: Mode,
}

/// The location of a policy's file: a component, or a core module that carries the contract.
#[derive(Clone)]
pub enum Locator {
    /// A file on this machine.
    File(PathBuf),
    /// Bytes in memory, with the path that they came from, for messages.
    Bytes {
        /// The path.
        path: PathBuf,
        /// The bytes.
        bytes: Arc<[u8]>,
    },
}

impl PolicySource {
    /// A policy without settings, enforced, with the default grants.
    pub fn new(name: PolicyId, locator: impl Into<Locator>) -> Self {
        let grants = Grants::default();
        let mode = Mode::Enforce;
        Self { name, locator: locator.into(), settings: json!({}), grants, mode }
    }

    /// The same policy with settings.
    #[must_use]
    pub fn with_settings(self, settings: Value) -> Self {
        Self { settings, ..self }
    }

    /// The path of its file, for messages.
    pub fn path(&self) -> &Path {
        self.locator.path()
    }
}

impl Locator {
    /// Bytes in memory, from this path.
    pub fn bytes(path: impl Into<PathBuf>, bytes: impl Into<Arc<[u8]>>) -> Self {
        Self::Bytes { path: path.into(), bytes: bytes.into() }
    }

    /// The path, for messages.
    pub fn path(&self) -> &Path {
        match self {
            Self::File(path) | Self::Bytes { path, .. } => path,
        }
    }
}

impl From<PathBuf> for Locator {
    fn from(path: PathBuf) -> Self {
        Self::File(path)
    }
}

impl fmt::Debug for Locator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Bytes { path, bytes } => write!(f, "{} ({} bytes)", path.display(), bytes.len()),
        }
    }
}
