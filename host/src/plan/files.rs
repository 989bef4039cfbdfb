//! Reading the user's files, and the locations of this program's own folders.

use crate::error::Error;
use crate::files::{self, FileError};
use crate::yaml::{self, FILE_BYTES, Node, Origin, yaml12};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Read a YAML file that is not a cube.
pub fn document(what: &'static str, path: &Path) -> Result<Node, Error> {
    parse(what, path, &read_text(what, path, FILE_BYTES as u64)?)
}

/// Read the text of such a file.
pub fn parse(what: &'static str, path: &Path, text: &str) -> Result<Node, Error> {
    let read = yaml::read(text, &Origin::file(path), yaml12::plain);
    let hint = || format!("{what} is YAML; its format is in docs/policies.md");
    Ok(read.map_err(|error| error.or_hint(hint()))?)
}

/// Read a text file of the user, of which there are at most so many bytes.
pub fn read_text(what: &'static str, path: &Path, most: u64) -> Result<String, Error> {
    files::text(path, most).map_err(|source| unreadable(what, path, source))
}

/// Whether there is something of this name, be it a link that leads nowhere. What cannot be looked
/// at is not taken for absent.
pub fn exists(what: &'static str, path: &Path) -> Result<bool, Error> {
    match path.symlink_metadata() {
        Ok(_) => Ok(true),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Ok(false)
        }
        Err(source) => Err(unreadable(what, path, source)),
    }
}

/// The error of a file that cannot be read.
pub fn unreadable(what: &'static str, path: &Path, source: impl Into<FileError>) -> Error {
    Error::File { what, path: path.to_owned(), source: source.into() }
}

/// The folder of compiled policies: `$XDG_CACHE_HOME/mlcube-k8s/policies` or
/// `~/.cache/mlcube-k8s/policies`.
pub fn cache() -> Option<PathBuf> {
    Some(own_folder("XDG_CACHE_HOME", ".cache")?.join("policies"))
}

/// The folder of the digests of local files: beside that of compiled policies.
pub fn digests() -> Option<PathBuf> {
    Some(own_folder("XDG_CACHE_HOME", ".cache")?.join("digests"))
}

/// The folder of the journal: below `$MLCUBE_K8S_STATE`, `$XDG_STATE_HOME/mlcube-k8s` or
/// `~/.local/state/mlcube-k8s`.
pub fn journal() -> Option<PathBuf> {
    let own = std::env::var_os("MLCUBE_K8S_STATE").filter(|path| !path.is_empty());
    let folder = own.map(PathBuf::from).or_else(|| own_folder("XDG_STATE_HOME", ".local/state"));
    Some(folder?.join("runs"))
}

/// This program's folder below one of the user's base directories
/// (<https://specifications.freedesktop.org/basedir-spec/latest/>).
pub fn own_folder(variable: &str, below_home: &str) -> Option<PathBuf> {
    let base = std::env::var_os(variable).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = base.or_else(|| std::env::home_dir().map(|home| home.join(below_home)))?;
    Some(base.join("mlcube-k8s"))
}
