//! Writing: a file is made new under a random name, and moved into place when it is whole. Nothing
//! is written through a link, and no file of another kind is replaced.

use super::read::open_own;
use super::{FileError, FileKind};
use rustix::process::geteuid;
use std::fs::{self, File, Metadata, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// The ending of the name of a file that is being written.
pub const UNFINISHED: &str = "tmp";
/// The bit of a folder in which only the owner of a file may replace it.
const STICKY: u32 = 0o1000;
/// The bytes at the start of a file by which it is recognised.
const START: u64 = 4096;

/// Who may read a file that is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// The user alone.
    Private,
    /// Whoever could read the file that it replaces, else as the user's mask has it.
    Usual,
}

/// Write a file of the user, over nothing but a file of the same kind: what stands there must be
/// empty, or begin as `is_own` knows it. `kind` names such a file in the error, with its article.
pub fn replace(
    path: &Path,
    bytes: &[u8],
    access: Access,
    kind: &'static str,
    is_own: impl FnOnce(&str) -> bool,
) -> Result<(), FileError> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let existing = existing(path, folder, kind, is_own)?;
    let new = NewFile::create(folder, if access == Access::Private { 0o600 } else { 0o666 })?;
    if let Some(existing) = existing.filter(|_| access == Access::Usual) {
        let mode = Permissions::from_mode(existing.mode() & 0o777);
        new.file.set_permissions(mode)?;
    }
    new.finish(bytes, true, path)?;
    // The name is as safe as the content, where the file system can say so.
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
    Ok(())
}

/// Write a file of this program's own folders, private to the user. It may be lost when the machine
/// fails.
pub fn put(folder: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    NewFile::create(folder, 0o600)?.finish(bytes, false, path)
}

/// What stands at a path, if it may be replaced.
fn existing(
    path: &Path,
    folder: &Path,
    kind: &'static str,
    is_own: impl FnOnce(&str) -> bool,
) -> Result<Option<Metadata>, FileError> {
    let metadata = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        metadata => metadata?,
    };
    if let Some(kind) = FileKind::of(&metadata) {
        return Err(FileError::OtherKind(kind));
    }
    let is_shared = fs::metadata(folder).is_ok_and(|folder| folder.mode() & STICKY != 0);
    if is_shared && metadata.uid() != geteuid().as_raw() {
        return Err(FileError::OthersOwn(metadata.uid()));
    }
    let start = start(path)?;
    let is_own = start.is_empty() || is_own(&String::from_utf8_lossy(&start));
    if is_own { Ok(Some(metadata)) } else { Err(FileError::Foreign(kind)) }
}

/// The first bytes of a file.
fn start(path: &Path) -> Result<Vec<u8>, FileError> {
    let file = open_own(path)?;
    let mut start = Vec::new();
    io::Read::read_to_end(&mut io::Read::take(&file, START), &mut start)?;
    Ok(start)
}

/// A file under a random name, removed unless it is finished.
struct NewFile {
    file: File,
    path: PathBuf,
    is_finished: bool,
}

impl NewFile {
    fn create(folder: &Path, mode: u32) -> io::Result<Self> {
        let random = getrandom::u64().map_err(|error| io::Error::other(error.to_string()))?;
        let path = folder.join(format!(".mlcube-k8s-{random:016x}.{UNFINISHED}"));
        // `create_new` follows no link and opens nothing that exists.
        let file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&path)?;
        Ok(Self { file, path, is_finished: false })
    }

    /// Write all of it, and give it its name.
    fn finish(mut self, bytes: &[u8], sync: bool, path: &Path) -> io::Result<()> {
        self.file.write_all(bytes)?;
        if sync {
            self.file.sync_all()?;
        }
        fs::rename(&self.path, path)?;
        self.is_finished = true;
        Ok(())
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if !self.is_finished {
            let _ = fs::remove_file(&self.path);
        }
    }
}
