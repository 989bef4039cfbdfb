//! Digests of local files, and a memory of them: a file that nobody changed is not read again.

use super::read::{open_own, read_opened};
use super::{FileId, FileKind, LocalEntry, put};
use crate::staging::Digest;
use rustix::process::geteuid;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::fs::{self, DirBuilder};
use std::io::{self, ErrorKind, Read};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

/// The bytes that are read at once.
const PIECE: usize = 1 << 20;
/// The most bytes of the memory of a workspace.
const LARGEST: u64 = 32 << 20;
/// The first line of the file.
const HEADER: &str = "mlcube-k8s staged 1";
/// The extension of the file.
const ENDING: &str = "staged";

/// What is remembered of a file: its path, size, times, device and inode, and its digest.
type Line<'t> = (&'t str, u64, (i64, i64), (i64, i64), u64, u64, Digest);

/// The SHA-256 of the local files of a workspace, kept in a file of a cache folder.
#[derive(Debug, Default)]
pub struct Digests {
    /// The file; none if nothing is kept.
    file: Option<PathBuf>,
    known: BTreeMap<String, Known>,
}

/// A file in the state that had this digest.
#[derive(Clone, Copy, Debug)]
struct Known {
    id: FileId,
    digest: Digest,
    /// Whether it was noted since the memory was opened.
    is_new: bool,
}

impl Digests {
    /// What is remembered of a workspace in a cache folder; nothing without such a folder, and
    /// nothing if what lies there is damaged or another user's.
    pub fn open(folder: Option<&Path>, workspace: &Path) -> Self {
        let Some(folder) = folder else { return Self::default() };
        let workspace = fs::canonicalize(workspace).unwrap_or_else(|_| workspace.to_owned());
        let name = Digest::from(<[u8; 32]>::from(Sha256::digest(workspace.as_os_str().as_bytes())));
        let file = folder.join(format!("{name}.{ENDING}"));
        let known = read(&file).map(|text| parse(&text)).unwrap_or_default();
        Self { file: Some(file), known }
    }

    /// The digest of a file that is as it was when its digest was noted.
    pub fn known(&self, file: &LocalEntry) -> Option<Digest> {
        let known = self.known.get(file.local.to_str()?)?;
        (known.id == file.id).then_some(known.digest)
    }

    /// Remember the digest of a file, which was read after the file was found in its state. A file
    /// that was changed in the last two seconds is not remembered: its times might not show another
    /// change.
    pub fn note(&mut self, file: &LocalEntry, digest: Digest) {
        let Some(path) = file.local.to_str() else { return };
        if file.id.is_settled() {
            self.known.insert(path.to_owned(), Known { id: file.id, digest, is_new: true });
        }
    }

    /// Write what was noted, with as much of the rest as there is room for.
    pub fn save(&self) -> io::Result<()> {
        let Some(file) = &self.file else { return Ok(()) };
        if !self.known.values().any(|known| known.is_new) {
            return Ok(());
        }
        let folder = file.parent().unwrap_or(Path::new("."));
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        put(folder, file, self.text(LARGEST as usize).as_bytes())
    }

    fn text(&self, largest: usize) -> String {
        let (new, old): (Vec<_>, Vec<_>) = self.known.iter().partition(|(_, known)| known.is_new);
        let mut text = format!("{HEADER}\n");
        for (path, Known { id, digest, .. }) in new.into_iter().chain(old) {
            let line: Line<'_> =
                (path, id.size, id.modified, id.changed, id.device, id.inode, *digest);
            let line = serde_json::json!(line).to_string();
            if text.len() + line.len() < largest {
                text.extend([&line, "\n"]);
            }
        }
        text
    }
}

/// The text of the file, if it is the user's own.
fn read(path: &Path) -> Option<String> {
    let file = open_own(path).ok()?;
    let is_own = file.metadata().ok()?.uid() == geteuid().as_raw();
    String::from_utf8(read_opened(&file, LARGEST).ok().filter(|_| is_own)?).ok()
}

fn parse(text: &str) -> BTreeMap<String, Known> {
    let lines = text.strip_prefix(HEADER).and_then(|lines| lines.strip_prefix('\n'));
    let parse = |line: &str| {
        let (path, size, modified, changed, device, inode, digest): (String, _, _, _, _, _, _) =
            serde_json::from_str(line).ok()?;
        let id = FileId { device, inode, size, modified, changed };
        Some((path, Known { id, digest, is_new: false }))
    };
    lines.unwrap_or_default().lines().filter_map(parse).collect()
}

/// The SHA-256 of a regular file, or of so many bytes of its beginning. An error if it has fewer.
pub fn digest_of(path: &Path, length: Option<u64>) -> io::Result<Digest> {
    let file = open_own(path)?;
    if let Some(kind) = FileKind::of(&file.metadata()?) {
        return Err(io::Error::other(format!("expected a regular file, found {kind}")));
    }
    let mut rest = file.take(length.unwrap_or(u64::MAX));
    let (mut hash, mut piece) = (Sha256::new(), vec![0; PIECE]);
    loop {
        match rest.read(&mut piece) {
            Ok(0) => break,
            Ok(count) => hash.update(&piece[..count]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    if length.is_some() && rest.limit() > 0 {
        return Err(ErrorKind::UnexpectedEof.into());
    }
    Ok(hash.into())
}

#[cfg(test)]
mod tests;
