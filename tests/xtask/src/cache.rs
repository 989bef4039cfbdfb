//! The cache folder, which lies outside the clone and keeps what is slow to make. Nothing of value
//! is in it: all of it may be deleted while no cluster runs.

use crate::error::{Doing, Error, Result};
use sha2::{Digest, Sha256};
use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// The cache folder.
#[derive(Debug, Clone)]
pub struct Cache {
    root: PathBuf,
}

impl Cache {
    /// `$MLCUBE_K8S_CACHE`, else `$XDG_CACHE_HOME/mlcube-k8s`, else `~/.cache/mlcube-k8s`.
    pub fn find() -> Result<Self> {
        let set = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let root = set("MLCUBE_K8S_CACHE")
            .or_else(|| set("XDG_CACHE_HOME").map(|folder| folder.join("mlcube-k8s")))
            .or_else(|| set("HOME").map(|home| home.join(".cache/mlcube-k8s")))
            .ok_or_else(|| {
                Error::new("no place for the cache: `HOME` is not set")
                    .hint("set `MLCUBE_K8S_CACHE` to a folder with about 10 GB of room")
            })?;
        let root = std::path::absolute(&root).doing(|| format!("resolve `{}`", root.display()))?;
        fs::create_dir_all(&root).doing(|| format!("create `{}`", root.display()))?;
        Ok(Cache { root })
    }

    /// A cache in a folder that need not exist.
    #[cfg(test)]
    pub fn at(root: impl Into<PathBuf>) -> Self {
        Cache { root: root.into() }
    }

    /// The built Kubernetes programs, one folder for each state of their Go module.
    pub fn kubernetes(&self) -> PathBuf {
        self.root.join("kubernetes")
    }

    /// Container images as tar files.
    pub fn images(&self) -> PathBuf {
        self.root.join("images")
    }

    /// Policies in other languages, and the tools that make them.
    pub fn guests(&self) -> PathBuf {
        self.root.join("guests")
    }

    /// One folder per cluster that runs, or that crashed.
    pub fn clusters(&self) -> PathBuf {
        self.root.join("clusters")
    }
}

/// Take the lock `<folder>/.lock`, waiting for another command that holds it.
pub fn lock(folder: &Path, busy: impl FnOnce()) -> Result<File> {
    fs::create_dir_all(folder).doing(|| format!("create `{}`", folder.display()))?;
    let path = folder.join(".lock");
    let file = lock_file(&path)?;
    if file.try_lock().is_err() {
        busy();
        file.lock().doing(|| format!("lock `{}`", path.display()))?;
    }
    Ok(file)
}

/// Open a lock file without taking the lock.
pub fn lock_file(path: &Path) -> Result<File> {
    File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
        .doing(|| format!("open `{}`", path.display()))
}

/// The first `length` hexadecimal digits of the SHA-256 of all parts.
pub fn key(parts: &[&[u8]], length: usize) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    }
    let mut hex = hex(&hash.finalize());
    hex.truncate(length);
    hex
}

/// Lowercase hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_depends_on_where_the_parts_end() {
        assert_eq!(key(&[b"ab", b"c"], 16).len(), 16);
        assert_ne!(key(&[b"ab", b"c"], 16), key(&[b"a", b"bc"], 16));
        assert_eq!(key(&[b"ab"], 8), key(&[b"ab"], 16)[..8]);
    }
}
