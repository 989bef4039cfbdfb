//! The journal: the runs that were submitted from this machine, one small file each, private to the
//! user. It is a memory and never the truth: the cluster says what became of a run.

#[cfg(test)]
mod tests;

use crate::files::{self, UNFINISHED};
use crate::job::{Job, Origin};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs::{self, DirBuilder, Metadata};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// The most runs that are kept; beyond it the oldest are forgotten.
const KEPT: usize = 200;
/// The most bytes of an entry.
const LONGEST: u64 = 64 << 10;
/// The age at which a file that is being written was left by a program that was killed.
const OLD: Duration = Duration::from_secs(60 * 60);
/// The extension of an entry.
const ENDING: &str = "json";

/// The journal in a folder.
#[derive(Clone, Debug)]
pub struct Journal {
    folder: PathBuf,
}

/// A run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// The name of its Job.
    pub job: String,
    /// The namespace of its Job.
    pub namespace: String,
    /// The address of the cluster's API server.
    pub cluster: String,
    /// The cube.
    pub cube: String,
    /// The task.
    pub task: String,
    /// A digest of cube, task and parameters: runs of the same command have the same.
    pub same: String,
    /// When it was written, before anything was sent.
    pub started: Timestamp,
    /// How far it came, as far as this machine knows.
    pub stage: Stage,
    /// The unique id of the Job, once it is created.
    #[serde(default)]
    pub uid: Option<String>,
    /// The outcome in a word, once it is over.
    #[serde(default)]
    pub outcome: Option<String>,
}

/// How far a run came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// It may have been sent.
    Sent,
    /// The Job was created.
    Created,
    /// The Job has ended, was removed, or was never created.
    Over,
}

impl Entry {
    /// The entry of a Job that is about to be sent.
    pub fn new(job: &Job, namespace: &str, cluster: &str) -> Self {
        let Origin { cube, task, inputs, outputs, .. } = Origin::of(job);
        let same = serde_json::json!([cube, task, inputs, outputs]).to_string();
        let same: String =
            Sha256::digest(same)[..8].iter().map(|byte| format!("{byte:02x}")).collect();
        Self {
            job: job.name().to_owned(),
            namespace: namespace.to_owned(),
            cluster: cluster.to_owned(),
            cube,
            task,
            same,
            started: Timestamp::now(),
            stage: Stage::Sent,
            uid: None,
            outcome: None,
        }
    }
}

impl Journal {
    /// The journal in a folder, only to be read: it need not be there.
    pub fn at(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// The journal in a folder, which is made if it is not there.
    pub fn open(folder: PathBuf) -> io::Result<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
        Ok(Self { folder })
    }

    /// Write an entry, in place of the one of the same Job.
    pub fn write(&self, entry: &Entry) -> io::Result<()> {
        let bytes = serde_json::to_vec_pretty(entry).map_err(io::Error::other)?;
        files::put(&self.folder, &self.folder.join(format!("{}.{ENDING}", entry.job)), &bytes)
    }

    /// The runs on a cluster, the newest first. What cannot be read is passed over.
    pub fn runs(&self, cluster: &str) -> Vec<Entry> {
        let entries = found(&self.folder, ENDING).into_iter().filter_map(|(path, _)| read(&path));
        let mut runs: Vec<Entry> = entries.filter(|entry| entry.cluster == cluster).collect();
        runs.sort_by_key(|entry| std::cmp::Reverse(entry.started));
        runs
    }

    /// Forget the oldest runs, and what programs that were killed have left.
    pub fn prune(&self) {
        let is_old = |time: &SystemTime| time.elapsed().is_ok_and(|age| age > OLD);
        let left = found(&self.folder, UNFINISHED).into_iter().filter(|(_, time)| is_old(time));
        let entries = found(&self.folder, ENDING).into_iter().skip(KEPT);
        for (path, _) in left.chain(entries) {
            // Another program may have been quicker.
            let _ = fs::remove_file(path);
        }
    }
}

/// The files of an extension, those that were written last first.
fn found(folder: &Path, ending: &str) -> Vec<(PathBuf, SystemTime)> {
    let Ok(files) = fs::read_dir(folder) else { return Vec::new() };
    let paths = files.flatten().map(|file| file.path());
    let paths = paths.filter(|path| path.extension().is_some_and(|found| found == ending));
    let time = |path: PathBuf| {
        let metadata = fs::symlink_metadata(&path).ok().filter(Metadata::is_file)?;
        Some((path, metadata.modified().ok()?))
    };
    let mut found: Vec<_> = paths.filter_map(time).collect();
    found.sort_by_key(|(_, time)| std::cmp::Reverse(*time));
    found
}

fn read(path: &Path) -> Option<Entry> {
    let bytes = files::read_opened(&files::open_own(path).ok()?, LONGEST).ok()?;
    serde_json::from_slice(&bytes).ok()
}
