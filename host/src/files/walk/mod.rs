//! The local files of a parameter, as they are to lie on a claim.

mod error;
mod links;

pub use error::{WalkError, WalkFault};

use super::read::open_own;
use super::{FileId, FileKind};
use crate::staging::{Entry, Stat, What, is_own};
use std::fmt;
use std::fs::{self, Metadata};
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::{self, Path, PathBuf};

/// The most files, folders and links of a parameter.
const MOST: usize = 2_000_000;

/// What the value of a parameter names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One file.
    File,
    /// A folder with all that is in it.
    Folder,
}

/// A local file, folder or link that is to be copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalEntry {
    /// What it is to be on the claim.
    pub entry: Entry,
    /// Where it is here: an absolute path without a link but, perhaps, at its end.
    pub local: PathBuf,
    /// The state in which it was found.
    pub id: FileId,
}

impl AsRef<Entry> for LocalEntry {
    fn as_ref(&self) -> &Entry {
        &self.entry
    }
}

/// All that lies at a path relative to the workspace, sorted by the path on the claim; a folder
/// comes before what is in it. What lies at `value` here is to lie at `on_claim` there; an empty
/// `on_claim` is the whole claim. A file is opened, but not read.
pub fn walk(
    workspace: &Path,
    value: &str,
    on_claim: &str,
    wanted: Kind,
) -> Result<Vec<LocalEntry>, WalkError> {
    walk_within(workspace, value, on_claim, wanted, MOST)
}

fn walk_within(
    workspace: &Path,
    value: &str,
    on_claim: &str,
    wanted: Kind,
    most: usize,
) -> Result<Vec<LocalEntry>, WalkError> {
    let root = root(workspace, value, wanted)?;
    let mut found = Vec::new();
    if !on_claim.is_empty() {
        found.push(entry(&root, &root, on_claim.to_owned())?);
    }
    let mut folders = match wanted {
        Kind::File => Vec::new(),
        Kind::Folder => vec![(root.clone(), on_claim.to_owned())],
    };
    while let Some((folder, place)) = folders.pop() {
        let failed = |error| WalkFault::System(error).of(&folder);
        for item in fs::read_dir(&folder).map_err(failed)? {
            let name = item.map_err(failed)?.file_name();
            let local = folder.join(&name);
            let Some(name) = name.to_str() else { return Err(WalkFault::NotText.of(local)) };
            let place = if place.is_empty() { name.to_owned() } else { format!("{place}/{name}") };
            let new = entry(&root, &local, place)?;
            if let What::Folder { .. } = new.entry.what {
                folders.push((local, new.entry.path.clone()));
            }
            found.push(new);
            if found.len() > most {
                return Err(WalkFault::TooMany(most).of(root));
            }
        }
    }
    found.sort_by(|a, b| a.entry.path.cmp(&b.entry.path));
    Ok(found)
}

/// The place of a parameter without links, if it is what is declared and lies in the workspace.
fn root(workspace: &Path, value: &str, wanted: Kind) -> Result<PathBuf, WalkError> {
    let named =
        path::absolute(workspace.join(value)).map_err(|e| WalkFault::System(e).of(value))?;
    let missing = |path: &Path| match fs::read_link(path) {
        Ok(target) => WalkFault::LeadsNowhere(target).of(path),
        Err(_) => WalkFault::Missing.of(path),
    };
    let real = |path: &Path| {
        fs::canonicalize(path).map_err(|error| match error.kind() {
            ErrorKind::NotFound => missing(path),
            _ => WalkFault::System(error).of(path),
        })
    };
    let root = real(&named)?;
    if !root.starts_with(real(workspace)?) {
        return Err(WalkFault::OutOfWorkspace(root).of(named));
    }
    let found = FileKind::of(&fs::metadata(&root).map_err(|e| WalkFault::System(e).of(&named))?);
    match (wanted, found) {
        (Kind::File, None) | (Kind::Folder, Some(FileKind::Folder)) => Ok(root),
        (_, None | Some(FileKind::Folder)) => {
            Err(WalkFault::Undeclared { wanted, found }.of(named))
        }
        (_, Some(kind)) => Err(WalkFault::OtherKind(kind).of(named)),
    }
}

/// What lies at a local path, and is to lie at a path on the claim.
fn entry(root: &Path, local: &Path, place: String) -> Result<LocalEntry, WalkError> {
    if is_own(&place) {
        return Err(WalkFault::Own.of(local));
    }
    let failed = |error| WalkFault::System(error).of(local);
    let mut metadata = fs::symlink_metadata(local).map_err(failed)?;
    let mode = metadata.mode() & 0o7777;
    let what = match FileKind::of(&metadata) {
        None => {
            metadata = opened(local).map_err(failed)?;
            What::File(Stat { size: metadata.len(), mtime: metadata.mtime(), mode })
        }
        Some(FileKind::Folder) => What::Folder { mode, mtime: metadata.mtime() },
        Some(FileKind::Link) => What::Link { target: links::target(root, local)? },
        Some(kind) => return Err(WalkFault::OtherKind(kind).of(local)),
    };
    let id = FileId::of(&metadata);
    Ok(LocalEntry { entry: Entry { path: place, what }, local: local.to_owned(), id })
}

/// The metadata of a file that can be read.
fn opened(path: &Path) -> io::Result<Metadata> {
    let metadata = open_own(path)?.metadata()?;
    if metadata.is_file() { Ok(metadata) } else { Err(io::Error::other("it changed meanwhile")) }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::File => "a file",
            Self::Folder => "a folder",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::scratch::Scratch;

    #[test]
    fn no_more_is_found_than_the_most() {
        let folder = Scratch::new();
        for name in ["a", "b", "c"] {
            fs::create_dir_all(folder.join("data").join(name)).expect("a folder");
        }
        let walk = |most| walk_within(folder.path(), "data", "data", Kind::Folder, most);
        assert_eq!(walk(4).expect("it is not too much").len(), 4);
        let told = walk(3).expect_err("it is too much").to_string();
        assert!(told.ends_with("data` holds more than 3 files, folders and links"), "{told}");
    }

    /// However deep folders lie, no stack grows.
    #[test]
    fn folders_may_lie_deep() {
        let folder = Scratch::new();
        let deep = format!("data{}", "/d".repeat(1500));
        fs::create_dir_all(folder.join(&deep)).expect("folders");
        let found = walk(folder.path(), "data", "data", Kind::Folder).expect("it is found");
        assert_eq!((found.len(), &found[1500].entry.path), (1501, &deep));
    }
}
