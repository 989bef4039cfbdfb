//! Why a local file or folder cannot be copied to a claim.

use super::Kind;
use crate::files::FileKind;
use crate::staging::OWN_FOLDER;
use crate::text::visible_bytes;
use std::ffi::OsStr;
use std::fmt;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Why the value of a parameter cannot be copied to a claim: the place, and what is wrong with it.
#[derive(Debug, thiserror::Error)]
#[error("`{}` {why}", shown(path))]
pub struct WalkError {
    /// The place.
    pub path: PathBuf,
    /// What is wrong.
    #[source]
    pub why: WalkFault,
}

/// What is wrong with a place. The message is the rest of a sentence that begins with the place.
#[derive(Debug)]
pub enum WalkFault {
    /// Nothing has this name.
    Missing,
    /// It is a link to this place, where there is nothing.
    LeadsNowhere(PathBuf),
    /// The parameter itself leads to this place, out of the workspace.
    OutOfWorkspace(PathBuf),
    /// A link leads to this place, out of the parameter's folder.
    OutOfFolder(PathBuf),
    /// It is of the other kind than is declared; `None` is a regular file.
    Undeclared {
        /// What is declared.
        wanted: Kind,
        /// What it is.
        found: Option<FileKind>,
    },
    /// It is neither a file nor a folder nor a link.
    OtherKind(FileKind),
    /// Its name is not UTF-8.
    NotText,
    /// It is a link to a place whose name is not UTF-8.
    LeadsToNoText(PathBuf),
    /// It would lie in the program's own folder on the claim.
    Own,
    /// It holds more than so many files, folders and links.
    TooMany(usize),
    /// The operating system says so.
    System(io::Error),
}

impl WalkFault {
    /// The fault of a place.
    pub(super) fn of(self, path: impl Into<PathBuf>) -> WalkError {
        WalkError { path: path.into(), why: self }
    }
}

impl fmt::Display for WalkFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("does not exist"),
            Self::LeadsNowhere(target) => {
                write!(f, "is a symbolic link to `{}`, which does not exist", shown(target))
            }
            Self::OutOfWorkspace(target) => {
                write!(f, "leads out of the workspace, to `{}`", shown(target))
            }
            Self::OutOfFolder(target) => {
                let target = shown(target);
                write!(f, "is a symbolic link that leads out of its folder, to `{target}`")
            }
            Self::Undeclared { wanted, found } => {
                let found = found.map_or_else(|| "a file".to_owned(), |kind| kind.to_string());
                write!(f, "is {found}; the task declares {wanted}")
            }
            Self::OtherKind(kind) => write!(f, "is {kind}, which cannot be copied"),
            Self::NotText => f.write_str("has a name that is not UTF-8"),
            Self::LeadsToNoText(target) => {
                let target = shown(target);
                write!(f, "is a symbolic link to `{target}`, which is not UTF-8")
            }
            Self::Own => {
                write!(
                    f,
                    "would lie in `{OWN_FOLDER}` on the claim, which mlcube-k8s keeps for itself"
                )
            }
            Self::TooMany(most) => write!(f, "holds more than {most} files, folders and links"),
            Self::System(error) => write!(f, "cannot be read: {error}"),
        }
    }
}

impl std::error::Error for WalkFault {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::System(error) => Some(error),
            _ => None,
        }
    }
}

impl WalkError {
    /// The remedy.
    pub fn hint(&self) -> &'static str {
        match self.why {
            WalkFault::Missing | WalkFault::LeadsNowhere(_) => {
                "put the data there, or give the folder that has it with `--workspace`"
            }
            WalkFault::OutOfWorkspace(_) => {
                "put the data into the workspace, or give the folder that has it with `--workspace`"
            }
            WalkFault::OutOfFolder(_) => "put the data there in place of the link",
            WalkFault::Undeclared { wanted: Kind::File, .. } => {
                "give the path of a file, or declare the parameter with `type: directory`"
            }
            WalkFault::Undeclared { wanted: Kind::Folder, .. } => {
                "give the path of a folder, or declare the parameter with `type: file`"
            }
            WalkFault::OtherKind(_) => "move it to another folder",
            WalkFault::NotText | WalkFault::Own => "give it another name",
            WalkFault::LeadsToNoText(_) => "give that place another name",
            WalkFault::TooMany(_) => "pack the files into fewer, or give a smaller folder",
            WalkFault::System(_) => "check its permissions",
        }
    }

    /// Whether the data is not there.
    pub fn is_missing(&self) -> bool {
        matches!(self.why, WalkFault::Missing | WalkFault::LeadsNowhere(_))
    }
}

fn shown(path: &Path) -> String {
    visible_bytes(AsRef::<OsStr>::as_ref(path).as_bytes())
}
