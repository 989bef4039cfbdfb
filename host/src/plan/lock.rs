//! `policies.lock`, which lies beside the policies file. The policies are checked against it when
//! their files are opened.

use super::files::{exists, parse, read_text};
use crate::error::Error;
use crate::policy::{Difference, Lock};
use crate::yaml::FILE_BYTES;
use std::path::{Path, PathBuf};

const WHAT: &str = "the lock file";

/// A lock to check policies against.
pub struct LockFile {
    /// The file.
    pub path: PathBuf,
    /// Its content.
    pub lock: Lock,
    /// `--locked`: every difference is an error; else it is a warning, and a policy must have no
    /// capability that it did not have when it was locked.
    pub is_strict: bool,
}

impl LockFile {
    /// The error that policies are not the locked ones.
    pub fn differs(&self, differences: &[Difference]) -> Error {
        let differences: Vec<_> = differences.iter().map(ToString::to_string).collect();
        Error::Configuration {
            what: WHAT,
            path: self.path.clone(),
            why: differences.join("; "),
            hint: "review the change; `mlcube-k8s policy lock` accepts it".into(),
        }
    }
}

/// The path of the lock of a policies file.
pub fn path(policies: &Path) -> PathBuf {
    policies.with_extension("lock")
}

/// Read the lock of a policies file, if there is one; with `--locked` there must be.
pub fn read(policies: Option<&Path>, is_strict: bool) -> Result<Option<LockFile>, Error> {
    let Some(path) = policies.map(path) else {
        return if is_strict { Err(nothing_to_lock()) } else { Ok(None) };
    };
    if !is_strict && !exists(WHAT, &path)? {
        return Ok(None);
    }
    Ok(Some(LockFile { lock: content(&path)?, path, is_strict }))
}

fn content(path: &Path) -> Result<Lock, Error> {
    let text = read_text(WHAT, path, FILE_BYTES as u64)?;
    // What is not known for a lock is not written over.
    let hint = if text.is_empty() || Lock::is_begun_in(&text) {
        "`mlcube-k8s policy lock` writes it again"
    } else {
        "move it away, and `mlcube-k8s policy lock` writes another"
    };
    Lock::from_json(parse(WHAT, path, &text)?.to_json()).map_err(|why| Error::Configuration {
        what: WHAT,
        path: path.to_owned(),
        why,
        hint: hint.into(),
    })
}

fn nothing_to_lock() -> Error {
    Error::Usage {
        what: "`--locked` requires a policies file".into(),
        hint: "give it with `--policies FILE` or the variable `MLCUBE_K8S_POLICIES`".into(),
    }
}
