//! Reading: regular files only, opened without waiting, and no further than a bound.

use super::{FileError, FileKind};
use rustix::fs::OFlags;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// The bytes of a file that somebody named, of which there are at most `most`. A link is followed.
pub fn bytes(path: &Path, most: u64) -> Result<Vec<u8>, FileError> {
    // To open a device can act on it, and a socket cannot be opened: its kind is looked at before.
    regular(&fs::metadata(path)?)?;
    let file = open(path, OFlags::NONBLOCK | OFlags::NOCTTY)?;
    read_opened(&file, most)
}

/// The text of a file.
pub fn text(path: &Path, most: u64) -> Result<String, FileError> {
    let text = String::from_utf8(bytes(path, most)?);
    text.map_err(|error| FileError::NotText(error.utf8_error().valid_up_to()))
}

/// The bytes of an open file.
pub fn read_opened(file: &File, most: u64) -> Result<Vec<u8>, FileError> {
    let metadata = file.metadata()?;
    regular(&metadata)?;
    let size = metadata.len();
    if size > most {
        return Err(FileError::TooLarge { size, most });
    }
    let mut bytes = Vec::new();
    bytes
        .try_reserve_exact(usize::try_from(size).unwrap_or(usize::MAX))
        .map_err(io::Error::from)?;
    // The size may be that of a moment ago, and is 0 for a file that the kernel makes up.
    file.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    let read = bytes.len() as u64;
    if read > most { Err(FileError::TooLarge { size: read, most }) } else { Ok(bytes) }
}

/// Open a file of this program's own folders: a link is not followed.
pub fn open_own(path: &Path) -> io::Result<File> {
    open(path, OFlags::NOFOLLOW | OFlags::NONBLOCK)
}

fn open(path: &Path, flags: OFlags) -> io::Result<File> {
    OpenOptions::new().read(true).custom_flags(flags.bits().cast_signed()).open(path)
}

fn regular(metadata: &fs::Metadata) -> Result<(), FileError> {
    FileKind::of(metadata).map_or(Ok(()), |kind| Err(FileError::OtherKind(kind)))
}
