//! The walk over a folder that becomes a layer. It takes files, folders and links alone, sorted by
//! name, with times and owners of zero.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use tar::{Builder, EntryType, Header};

/// Append everything below `root`.
pub fn append(tar: &mut Builder<impl Write>, root: &Path) -> io::Result<()> {
    append_folder(tar, root, Path::new(""))
}

/// A header that says nothing of this machine.
pub fn header(kind: EntryType, mode: u32, size: u64) -> Header {
    let mut header = Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_size(size);
    header.set_mtime(0);
    header.set_uid(0);
    header.set_gid(0);
    header
}

fn append_folder(tar: &mut Builder<impl Write>, root: &Path, folder: &Path) -> io::Result<()> {
    let mut names = Vec::new();
    for entry in fs::read_dir(root.join(folder))? {
        names.push(entry?.file_name());
    }
    names.sort();
    for name in names {
        let inside = folder.join(name);
        let path = root.join(&inside);
        let data = fs::symlink_metadata(&path)?;
        let mode = data.permissions().mode() & 0o7777;
        if data.is_symlink() {
            let mut header = header(EntryType::Symlink, 0o777, 0);
            tar.append_link(&mut header, &inside, fs::read_link(&path)?)?;
        } else if data.is_dir() {
            tar.append_data(&mut header(EntryType::Directory, mode, 0), &inside, io::empty())?;
            append_folder(tar, root, &inside)?;
        } else if data.is_file() {
            let mut header = header(EntryType::Regular, mode, data.len());
            tar.append_data(&mut header, &inside, File::open(&path)?)?;
        }
    }
    Ok(())
}
