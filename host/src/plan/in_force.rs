//! The policies file that is in force. Policies that should be there are never silently absent: only
//! a file that does not exist means none.

use super::files::{exists, own_folder, unreadable};
use super::path;
use crate::error::Error;
use crate::event::Event;
use std::io;
use std::path::{Path, PathBuf};

/// The environment variable with the path of a policies file. An empty one counts as unset, because
/// it is what an undefined variable of a CI job leaves.
const VARIABLE: &str = "MLCUBE_K8S_POLICIES";
/// The policies file in the user's configuration folder, used if no other is given.
const USER_FILE: &str = "policies.yaml";
/// A name that is easily taken for it.
const OTHER_NAME: &str = "policies.yml";
/// The kind of file, for messages.
pub const WHAT: &str = "the policies file";

/// The policies file that is in force, and its origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoliciesFrom {
    /// The file itself, not a link to it: modules and the lock lie beside it.
    pub path: PathBuf,
    /// The flag, the variable, or the user's configuration.
    pub named_by: &'static str,
}

impl PoliciesFrom {
    /// The event which reports that this file is in force.
    pub fn event(&self) -> Event {
        Event::PoliciesFrom { path: self.path.display().to_string(), named_by: self.named_by }
    }

    fn new(path: &Path, named_by: &'static str) -> Result<Self, Error> {
        let path = path::path(path, WHAT)?;
        let file = resolved(&path).map_err(|source| unreadable(WHAT, &path, source))?;
        Ok(Self { path: file, named_by })
    }
}

/// The policies file: the flag's, the variable's, the user's. An empty flag means none.
pub fn find(flag: Option<&Path>) -> Result<Option<PoliciesFrom>, Error> {
    let variable = std::env::var_os(VARIABLE).filter(|path| !path.is_empty());
    match (flag, variable) {
        (Some(path), _) if path.as_os_str().is_empty() => Ok(None),
        (Some(path), _) => PoliciesFrom::new(path, "`--policies`").map(Some),
        (None, Some(path)) => {
            PoliciesFrom::new(Path::new(&path), "the variable `MLCUBE_K8S_POLICIES`").map(Some)
        }
        (None, None) => match own_folder("XDG_CONFIG_HOME", ".config") {
            Some(folder) => in_folder(&folder),
            None => Ok(None),
        },
    }
}

/// The policies file of the user's configuration folder.
fn in_folder(folder: &Path) -> Result<Option<PoliciesFrom>, Error> {
    let path = folder.join(USER_FILE);
    if exists(WHAT, &path)? {
        return PoliciesFrom::new(&path, "the user's configuration").map(Some);
    }
    let other = folder.join(OTHER_NAME);
    if exists(WHAT, &other)? {
        return Err(Error::Configuration {
            what: WHAT,
            path: other,
            why: format!("expected the name `{USER_FILE}`, found `{OTHER_NAME}`"),
            hint: format!("rename it to `{USER_FILE}`, or give it with `--policies FILE`"),
        });
    }
    Ok(None)
}

/// The file that a link leads to; any other path as it is.
fn resolved(path: &Path) -> io::Result<PathBuf> {
    match path.symlink_metadata() {
        Ok(metadata) if metadata.is_symlink() => path.canonicalize(),
        _ => Ok(path.to_owned()),
    }
}
