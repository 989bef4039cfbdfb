//! Small files, folders and links as archives that `tar` takes apart.

use crate::cluster::staging::fault::Fault;
use crate::cluster::staging::local::read_whole;
use crate::files::LocalEntry;
use crate::staging::{Digest, PIECE, What};
use std::path::Path;

/// The most entries of one archive.
const ENTRIES: usize = 1000;

/// An archive, and what is in it.
#[derive(Default)]
pub struct Archive {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// The number of entries in it.
    pub entries: usize,
    /// Its files, and their digests.
    pub files: Vec<(usize, Digest)>,
    /// The bytes of its files.
    pub content: u64,
}

impl Archive {
    /// An archive of the first of some entries.
    pub fn of(all: &[LocalEntry], entries: &[usize]) -> Result<Self, Fault> {
        let mut archive = tar::Builder::new(Vec::new());
        let mut tree = Self::default();
        for index in entries {
            let local = &all[*index];
            let size = size(local);
            if tree.entries > 0 && (tree.entries == ENTRIES || tree.content + size > PIECE) {
                break;
            }
            let unwritten = |error| Fault::Local(local.local.clone(), error);
            let path = Path::new(&local.entry.path);
            let mut header = tar::Header::new_gnu();
            match &local.entry.what {
                What::File(stat) => {
                    let content = read_whole(local, stat.size)?;
                    header.set_mode(stat.mode);
                    header.set_mtime(stat.mtime.max(0).unsigned_abs());
                    header.set_size(stat.size);
                    archive.append_data(&mut header, path, &*content).map_err(unwritten)?;
                    tree.files.push((*index, Digest::of(&content)));
                    tree.content += stat.size;
                }
                What::Folder { mode, mtime } => {
                    header.set_entry_type(tar::EntryType::Directory);
                    header.set_mode(mode | 0o700);
                    header.set_mtime((*mtime).max(0).unsigned_abs());
                    header.set_size(0);
                    archive.append_data(&mut header, path, &[][..]).map_err(unwritten)?;
                }
                What::Link { target } => {
                    header.set_entry_type(tar::EntryType::Symlink);
                    header.set_mode(0o777);
                    header.set_size(0);
                    archive.append_link(&mut header, path, target).map_err(unwritten)?;
                }
            }
            tree.entries += 1;
        }
        tree.bytes = archive.into_inner().expect("a vector can be written to");
        Ok(tree)
    }
}

/// The size of a file; 0 for anything else.
pub fn size(local: &LocalEntry) -> u64 {
    match local.entry.what {
        What::File(stat) => stat.size,
        _ => 0,
    }
}
