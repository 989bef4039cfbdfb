//! A file that comes in pieces: beside its place, under a name of its own, until it is whole.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// A file that is not whole yet.
pub struct Collected {
    file: File,
    path: PathBuf,
}

impl Collected {
    /// Begin it, or go on with what an earlier attempt left there. A link is not followed.
    pub fn open(path: PathBuf) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.create(true).append(true).read(true);
        let flags = rustix::fs::OFlags::NOFOLLOW.bits();
        let file = options.custom_flags(flags.cast_signed()).open(&path)?;
        Ok(Self { file, path })
    }

    /// The bytes that are there.
    pub fn length(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    /// Keep the first bytes, and read them piece by piece.
    pub fn keep(&mut self, length: u64, mut read: impl FnMut(&[u8])) -> io::Result<()> {
        self.file.set_len(length)?;
        self.file.seek(SeekFrom::Start(0))?;
        let mut bytes = vec![0; 1 << 20];
        loop {
            match self.file.read(&mut bytes)? {
                0 => return Ok(()),
                count => read(&bytes[..count]),
            }
        }
    }

    /// Add bytes at its end.
    pub fn add(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)
    }

    /// Drop it.
    pub fn discard(self) -> io::Result<()> {
        fs::remove_file(&self.path)
    }

    /// Put it in its place, with these permissions and this time, in seconds since 1970.
    pub fn finish(self, place: &Path, mode: u32, mtime: i64) -> io::Result<()> {
        self.file.set_modified(time_of(mtime))?;
        self.file.set_permissions(Permissions::from_mode(mode & 0o777))?;
        fs::rename(&self.path, place)
    }
}

/// Give a folder its permissions and its time, in seconds since 1970, once all is in it. Its owner may
/// always work in it.
pub fn finish_folder(folder: &Path, mode: u32, mtime: i64) -> io::Result<()> {
    fs::set_permissions(folder, Permissions::from_mode((mode & 0o777) | 0o700))?;
    File::open(folder)?.set_modified(time_of(mtime))
}

/// A time in seconds since 1970.
fn time_of(seconds: i64) -> SystemTime {
    let since = Duration::from_secs(seconds.unsigned_abs());
    let time = match seconds {
        0.. => SystemTime::UNIX_EPOCH.checked_add(since),
        _ => SystemTime::UNIX_EPOCH.checked_sub(since),
    };
    time.unwrap_or(SystemTime::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::scratch::Scratch;
    use std::os::unix::fs::MetadataExt;

    #[test]
    fn it_is_gone_on_with_and_put_in_its_place() {
        let folder = Scratch::new();
        let (part, place) = (folder.path().join(".a.part"), folder.path().join("a"));
        let mut one = Collected::open(part.clone()).expect("it can be begun");
        one.add(b"abcdef").expect("it can be written");
        drop(one);
        let mut other = Collected::open(part.clone()).expect("it is there");
        assert_eq!(other.length().expect("a length"), 6);
        let mut kept = Vec::new();
        other.keep(4, |bytes| kept.extend_from_slice(bytes)).expect("it can be read");
        other.add(b"XY").expect("it can be written");
        other.finish(&place, 0o640, -300).expect("it can be put there");
        assert_eq!(
            (kept, fs::read(&place).expect("a file")),
            (b"abcd".to_vec(), b"abcdXY".to_vec())
        );
        let found = place.metadata().expect("a file");
        assert_eq!((found.permissions().mode() & 0o777, found.mtime()), (0o640, -300));
        assert!(!part.exists());
        std::os::unix::fs::symlink(&place, &part).expect("a link");
        assert!(Collected::open(part).is_err(), "a link is not followed");
    }
}
