//! What keeps data from being carried, in the words of its user.

use super::wire::Trouble;
use crate::cluster::ClusterError;
use crate::cluster::words::why;
use crate::event::Way;
use crate::text::{bytes, sentence, visible};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The most of a foreign text that is shown.
const LONGEST: usize = 300;

/// Why an attempt has ended.
#[derive(Debug)]
pub enum Fault {
    /// The session, or what the Pod says.
    Trouble(Trouble),
    /// The cluster.
    Cluster(ClusterError),
    /// Something stands on the claim where something else must go.
    InTheWay { path: String, obstacle: String },
    /// There is too little room on the claim.
    Full { needed: u64, free: u64 },
    /// A local file changed while it was read.
    Changed(PathBuf),
    /// A local file cannot be read.
    Local(PathBuf, io::Error),
    /// A local file cannot be written.
    Unwritten(PathBuf, io::Error),
    /// Local files are newer than those that would replace them.
    Newer(Vec<PathBuf>),
    /// A local path leads elsewhere, or something else stands there.
    Elsewhere(PathBuf, &'static str),
}

impl From<Trouble> for Fault {
    fn from(trouble: Trouble) -> Self {
        Self::Trouble(trouble)
    }
}

impl From<ClusterError> for Fault {
    fn from(error: ClusterError) -> Self {
        Self::Cluster(error)
    }
}

impl Fault {
    /// An attempt that another can make good.
    pub fn lost(why: impl Into<String>) -> Self {
        Self::Trouble(Trouble::Lost(why.into()))
    }

    /// The error that ends the command.
    pub fn into_error(self, claim: &str, way: Way) -> ClusterError {
        match self {
            Self::Cluster(error) | Self::Trouble(Trouble::Refused(error)) => error,
            Self::Trouble(Trouble::Lost(why)) => lost(claim, way, Duration::ZERO, &why),
            Self::Trouble(Trouble::Failed(words)) => said(claim, &words),
            Self::InTheWay { path, obstacle } => staging(
                format!(
                    "`{}` on claim `{claim}`: {obstacle} stands where it must go",
                    visible(&path)
                ),
                "`--prune` removes it if an earlier staging put it there; else rename the local one, or \
                 remove it from the claim",
            ),
            Self::Full { needed, free } => staging(
                format!(
                    "claim `{claim}` has too little room: {} to send, {} free",
                    bytes(needed),
                    bytes(free)
                ),
                "make room on it, or use a larger claim; `--prune` removes what is no longer in the workspace",
            ),
            Self::Changed(path) => staging(
                format!("{} changed while it was read", shown(&path)),
                "run the command again once nothing writes to it: what was sent is not sent again",
            ),
            Self::Local(path, error) => {
                staging(of_file(&path, &error), "check its permissions, and run the command again")
            }
            Self::Unwritten(path, error) => staging(
                of_file(&path, &error),
                "check its permissions and the room on its disk, and fetch again, or into another folder \
                 with `fetch --to DIR`",
            ),
            Self::Newer(paths) => newer(&paths),
            Self::Elsewhere(path, what) => staging(
                format!("{} {what}", shown(&path)),
                "move it out of the way, or fetch into another folder with `fetch --to DIR`",
            ),
        }
    }
}

fn of_file(path: &Path, error: &io::Error) -> String {
    format!("{}: {}", shown(path), why(error))
}

fn shown(path: &Path) -> String {
    format!("`{}`", visible(&path.display().to_string()))
}

fn newer(paths: &[PathBuf]) -> ClusterError {
    let mut shown: Vec<_> = paths.iter().take(5).map(|path| shown(path)).collect();
    if paths.len() > 5 {
        shown.push(format!("{} more", paths.len() - 5));
    }
    staging(
        format!(
            "local files are newer than the outputs that would replace them: {}",
            shown.join(", ")
        ),
        "nothing was written: `fetch --force` replaces them, `fetch --to DIR` fetches into another folder",
    )
}

/// What the tools in the Pod say, by what is known of it.
fn said(claim: &str, words: &str) -> ClusterError {
    let known = [
        (
            "Read-only file system",
            "is read-only",
            "give the task a claim that can be written to: `readOnly` of its volume, or its access mode, forbids it",
        ),
        (
            "No space left on device",
            "is full",
            "make room on it, or use a larger claim; what was sent is kept, and not sent again",
        ),
        (
            "Disk quota exceeded",
            "is full: its quota is used up",
            "make room on it, or use a larger claim; what was sent is kept, and not sent again",
        ),
        (
            "Permission denied",
            "cannot be written to by the user of the Pod",
            "set `k8s.fsGroup` or `k8s.runAsUser` so that the task's user may write to it",
        ),
        (
            "Operation not permitted",
            "does not let the user of the Pod do that",
            "set `k8s.fsGroup` or `k8s.runAsUser` so that the task's user owns its files",
        ),
        (
            "Input/output error",
            "cannot be read or written: its storage reports an error",
            "ask the cluster's administrator about the volume behind it",
        ),
        (
            "Stale file handle",
            "has lost its server",
            "ask the cluster's administrator about the volume behind it",
        ),
    ];
    if words.starts_with("lacks ") {
        return staging(
            lacks(words),
            "choose an image with a shell and `tar`: `--stage-image busybox`",
        );
    }
    match known.iter().find(|(own, ..)| words.contains(own)) {
        Some((_, what, remedy)) => staging(
            format!("claim `{claim}` {what}: {}", sentence(&visible(words), LONGEST)),
            *remedy,
        ),
        None => staging(
            format!("claim `{claim}`: {}", sentence(&visible(words), LONGEST)),
            "the words are those of the tools in the Pod that carries data",
        ),
    }
}

/// What an image lacks.
pub fn lacks(words: &str) -> String {
    match words.strip_prefix("lacks ").unwrap_or(words) {
        "sh" => "the image of the Pod that carries data has no shell".into(),
        tool => format!("the image of the Pod that carries data lacks `{}`", visible(tool)),
    }
}

/// What is done about that, where there is another image.
pub fn turned(words: &str) -> String {
    format!("{}; the usual image is used instead: `--stage-image` chooses another", lacks(words))
}

/// The error of a Pod that could not be spoken with for too long.
pub fn lost(claim: &str, way: Way, lasted: Duration, why: &str) -> ClusterError {
    let remedy = match way {
        Way::ToClaim => "run the command again: what was sent is kept, and not sent again",
        Way::FromClaim => "fetch again: what has come is kept",
    };
    staging(
        format!(
            "the Pod that carries data to and from claim `{claim}` could not be spoken with for {} s: {}",
            lasted.as_secs(),
            visible(why)
        ),
        remedy,
    )
}

/// The error of a claim, or a path on it, that the Pod does not have.
pub fn not_there(claim: &str, path: &str) -> ClusterError {
    let path = if path.is_empty() { String::new() } else { format!("`{}` on ", visible(path)) };
    staging(
        format!(
            "the Pod that carries data does not see {path}claim `{claim}`, which the task does"
        ),
        "let the policies that remap claims treat both alike: it has the labels of the task",
    )
}

/// An error with a remedy.
pub fn staging(what: String, remedy: impl Into<String>) -> ClusterError {
    ClusterError::Staging { what, remedy: remedy.into() }
}
