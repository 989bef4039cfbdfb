//! What is removed from a claim with `--prune`: what staging put there, and what is no longer here.

use super::questions::first_of_each_path;
use super::{Entry, Remote, What, ancestors};
use std::collections::{BTreeSet, HashMap, HashSet};

/// Paths on the claim that go.
#[derive(Default)]
pub(super) struct Pruned<'r> {
    /// Files and links that staging noted.
    pub removed: BTreeSet<&'r str>,
    /// Folders that hold nothing after that.
    pub emptied: BTreeSet<&'r str>,
}

impl<'r> Pruned<'r> {
    pub fn new(local: &'r [impl AsRef<Entry>], remote: &'r Remote) -> Self {
        let entries = || local.iter().map(AsRef::as_ref);
        let here: HashMap<&str, &What> = first_of_each_path(local)
            .map(|(_, entry)| (entry.path.as_str(), &entry.what))
            .collect();
        let is_gone = |entry: &Entry| {
            let is_noted = match entry.what {
                What::File(_) => remote.manifest.files.contains_key(&entry.path),
                What::Link { .. } => remote.manifest.links.contains(&entry.path),
                What::Folder { .. } => false,
            };
            is_noted && matches!(here.get(entry.path.as_str()), None | Some(What::Folder { .. }))
        };
        let (gone, staying): (Vec<&Entry>, Vec<&Entry>) =
            remote.there.iter().partition(|entry| is_gone(entry));
        let mut emptied: BTreeSet<&str> =
            gone.iter().flat_map(|entry| ancestors(&entry.path)).collect();
        let mut kept: HashSet<&str> =
            entries().flat_map(|entry: &Entry| ancestors(&entry.path)).collect();
        for Entry { path, what } in staying {
            let is_folder = matches!(what, What::Folder { .. });
            if !is_folder || !emptied.contains(path.as_str()) {
                kept.extend(ancestors(path));
            }
        }
        let folders = entries().filter(|entry| matches!(entry.what, What::Folder { .. }));
        kept.extend(folders.map(|entry| entry.path.as_str()));
        // Folders above the staged places are nobody's to remove.
        let listed: HashSet<&str> = remote.there.iter().map(|entry| entry.path.as_str()).collect();
        emptied.retain(|folder| listed.contains(folder) && !kept.contains(folder));
        Self { removed: gone.iter().map(|entry| entry.path.as_str()).collect(), emptied }
    }
}
