//! Why a file is not read or not written.

use std::fs::{FileType, Metadata};
use std::os::unix::fs::FileTypeExt;
use std::{fmt, io};

/// Why a file is not read or not written. The message is a part of a sentence.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The operating system says so.
    #[error(transparent)]
    System(#[from] io::Error),
    /// Something else has this name.
    #[error("expected a regular file, found {0}")]
    OtherKind(FileKind),
    /// It is longer than what is read.
    #[error("the file has {size} bytes; at most {most} are read")]
    TooLarge {
        /// Its size in bytes; one more than `most` if it grew while it was read.
        size: u64,
        /// The most bytes that are read.
        most: u64,
    },
    /// It is not text.
    #[error("expected text in UTF-8, found other bytes at offset {0}")]
    NotText(usize),
    /// The file to write exists, and is not one that may be replaced.
    #[error("the file exists and is not {0}")]
    Foreign(&'static str),
    /// The file to write exists, and belongs to another user.
    #[error("the file exists and belongs to another user, with the id {0}")]
    OthersOwn(u32),
}

/// What a name stands for, if not for a regular file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A folder.
    Folder,
    /// A symbolic link.
    Link,
    /// A named pipe.
    Pipe,
    /// A socket.
    Socket,
    /// A character or block device.
    Device,
}

impl FileKind {
    /// The kind of a file; none for a regular one.
    pub fn of(metadata: &Metadata) -> Option<Self> {
        let kind: FileType = metadata.file_type();
        let rows = [
            (kind.is_dir(), Self::Folder),
            (kind.is_symlink(), Self::Link),
            (kind.is_fifo(), Self::Pipe),
            (kind.is_socket(), Self::Socket),
        ];
        let known = rows.into_iter().find(|(is, _)| *is).map(|(_, kind)| kind);
        known.or((!kind.is_file()).then_some(Self::Device))
    }
}

impl fmt::Display for FileKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Folder => "a folder",
            Self::Link => "a symbolic link",
            Self::Pipe => "a pipe",
            Self::Socket => "a socket",
            Self::Device => "a device",
        })
    }
}

impl FileError {
    /// Whether there is no such file.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::System(error) if error.kind() == io::ErrorKind::NotFound)
    }

    /// The remedy for a file that is not read.
    pub fn hint_to_read(&self, what: &str) -> String {
        match self {
            Self::OtherKind(FileKind::Pipe | FileKind::Device) => {
                format!("write {what} to a file, and give the path of that")
            }
            Self::TooLarge { .. } => {
                format!("check that the path is that of {what}, or make the file smaller")
            }
            Self::NotText(_) => format!("save {what} as text in UTF-8"),
            _ => format!("check the path of {what} and its permissions"),
        }
    }

    /// The remedy for a file that is not written.
    pub fn hint_to_write(&self, what: &str) -> String {
        match self {
            Self::OtherKind(FileKind::Link) => {
                format!(
                    "give the path that the link leads to, or remove the link: {what} never goes through one"
                )
            }
            Self::OtherKind(_) => format!("give the path of a regular file for {what}"),
            Self::Foreign(_) | Self::OthersOwn(_) => {
                format!("give another path for {what}, or move this file away")
            }
            _ => format!("check the path of {what} and the permissions of its folder"),
        }
    }
}
