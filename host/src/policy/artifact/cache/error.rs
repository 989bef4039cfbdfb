//! Why compiled policies are not kept.

use crate::event::Event;
use std::path::PathBuf;
use std::{fmt, io};

/// The reason why compiled policies are not kept. Nothing else depends on it.
#[derive(Debug, thiserror::Error)]
#[error("compiled policies are not kept in `{folder}`: {why}")]
pub struct CacheError {
    folder: PathBuf,
    why: Why,
}

/// The reason, as a part of a sentence.
#[derive(Debug)]
pub enum Why {
    /// The operating system says so.
    System(io::Error),
    /// Something else has this name.
    NoFolder,
    /// Another user owns it.
    OthersOwn(u32),
    /// Everybody has rights in it: its mode.
    OpenToAll(u32),
}

impl CacheError {
    /// A folder and the reason.
    pub(super) fn new(folder: PathBuf, why: Why) -> Self {
        Self { folder, why }
    }

    /// The event that tells of it.
    pub fn event(&self) -> Event {
        Event::Warning(format!("{self}; {}", self.hint()))
    }

    /// The remedy.
    pub fn hint(&self) -> String {
        let folder = self.folder.display();
        match self.why {
            Why::OpenToAll(_) => {
                format!(
                    "`chmod 700 {folder}` after a look at what is in it, or set `XDG_CACHE_HOME`"
                )
            }
            _ => "set `XDG_CACHE_HOME` to a folder of your own that can be written".into(),
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::System(error) => error.fmt(f),
            Self::NoFolder => f.write_str("expected a folder, found something else"),
            Self::OthersOwn(owner) => write!(f, "it belongs to another user, with the id {owner}"),
            Self::OpenToAll(mode) => write!(f, "every user has rights in it (mode {mode:04o})"),
        }
    }
}

impl From<io::Error> for Why {
    fn from(error: io::Error) -> Self {
        Self::System(error)
    }
}
