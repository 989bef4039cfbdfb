//! Pruning of the cache: the least recently used entries beyond its capacity are removed, and old
//! leftovers. Other processes may store and prune at the same time, so a file that is already gone
//! is not an error.

use super::{accepted, entry, known};
use crate::files::UNFINISHED;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// The age beyond which files are removed, by extension. An entry is written within seconds, so an
/// unfinished one was left by a process that crashed. Accepted settings and known digests take
/// little room, but a folder should not grow for ever.
const OLD: [(&str, Duration); 3] = [
    (UNFINISHED, Duration::from_secs(60 * 60)),
    (accepted::ENDING, Duration::from_secs(30 * 24 * 60 * 60)),
    (known::ENDING, Duration::from_secs(30 * 24 * 60 * 60)),
];

/// A file of the cache.
struct Found {
    path: PathBuf,
    used: SystemTime,
    size: u64,
}

/// Remove old files, and the least recently used entries until the others fit.
pub fn prune(folder: &Path, room: u64) {
    for (ending, longest) in OLD {
        let is_old = |found: &Found| found.used.elapsed().is_ok_and(|age| age > longest);
        files(folder, ending).into_iter().filter(is_old).for_each(|found| remove(&found));
    }
    let mut entries = files(folder, entry::ENDING);
    entries.sort_by_key(|entry| entry.used);
    let mut size: u64 = entries.iter().map(|entry| entry.size).sum();
    for entry in entries {
        if size <= room {
            return;
        }
        remove(&entry);
        size -= entry.size;
    }
}

fn files(folder: &Path, ending: &str) -> Vec<Found> {
    let Ok(files) = fs::read_dir(folder) else { return Vec::new() };
    let files = files
        .flatten()
        .filter(|file| Path::new(&file.file_name()).extension().is_some_and(|e| e == ending));
    let found = files.filter_map(|file| {
        let metadata = file.metadata().ok().filter(fs::Metadata::is_file)?;
        Some(Found { path: file.path(), used: metadata.modified().ok()?, size: metadata.len() })
    });
    found.collect()
}

fn remove(found: &Found) {
    let _ = fs::remove_file(&found.path);
}
