//! A policy as it is configured. Nothing here opens a file: the host does, through its cache.

use super::Grants;
use crate::job::{Mode, PolicyId};
use serde_json::{Value, json};
use std::borrow::Cow;
use std::collections::BTreeMap;
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
    /// The numbers and booleans of the settings as they were typed, such as `1.10` and `007`: from
    /// JSON pointer to text. Where the schema takes text, they are text.
    pub typed: BTreeMap<String, String>,
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
        let typed = BTreeMap::new();
        Self { name, locator: locator.into(), settings: json!({}), typed, grants, mode }
    }

    /// The same policy with settings.
    #[must_use]
    pub fn with_settings(self, settings: Value) -> Self {
        Self { settings, typed: BTreeMap::new(), ..self }
    }

    /// The settings with all that distinguishes them: `7` and `007` are two texts.
    pub(in crate::policy) fn identity(&self) -> Cow<'_, Value> {
        let is_other = |(place, text): &(&String, &String)| {
            self.settings
                .pointer(place)
                .is_none_or(|value| value.to_string().as_str() != text.as_str())
        };
        let typed: BTreeMap<_, _> = self.typed.iter().filter(is_other).collect();
        if typed.is_empty() {
            Cow::Borrowed(&self.settings)
        } else {
            Cow::Owned(json!([self.settings, typed]))
        }
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
