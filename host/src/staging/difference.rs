//! The plan of what to copy to a claim: all that differs, and nothing else.

use super::prune::Pruned;
use super::questions::{Case, Inquiry, Left, first_of_each_path};
use super::{Answers, Digest, Entry, Remote, Stat, What, ancestors};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::fmt;

/// What makes a claim like the local files. It is carried out in the order of the fields from
/// `remove` on. Indices are those of the local entries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// Local entries that cannot go to their place, and what stands there. If there are any,
    /// nothing may be sent.
    pub in_the_way: Vec<(usize, Obstacle)>,
    /// Files that lie at their place with the right content, and their digest.
    pub keep: Vec<(usize, Digest)>,
    /// The bytes that `send` sends.
    pub bytes: u64,
    /// Files and links at their place that are removed with `--prune`.
    pub remove: Vec<String>,
    /// Folders that hold nothing after that, inner ones first. They are removed if they are empty.
    pub emptied: Vec<String>,
    /// What an earlier attempt left and is of no use. It is removed with all below it.
    pub stale: Vec<String>,
    /// Folders to be made, or to be given their permissions.
    pub folders: Vec<usize>,
    /// Files to be sent.
    pub send: Vec<Send>,
    /// Files that an earlier attempt left whole: they are only moved to their place.
    pub arrived: Vec<usize>,
    /// Files of `keep` that are to be given their time and their permissions.
    pub adjust: Vec<usize>,
    /// All links: where they lead on the claim is not known.
    pub links: Vec<usize>,
}

/// A file to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Send {
    /// The index of the local entry.
    pub index: usize,
    /// The bytes that an earlier attempt left and that are right. What it left may be longer.
    pub from: u64,
}

/// What stands where something else must go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// A file, where a folder must go.
    File,
    /// A folder, where a file or a link must go.
    Folder,
    /// A symbolic link, where a folder must go.
    Link,
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::File => "a file",
            Self::Folder => "a folder",
            Self::Link => "a symbolic link",
        })
    }
}

/// What to copy, from the same that [`ask`](super::ask) had and the answers to its questions. With
/// `prune` also what to remove: what staging put there, and is no longer among the local entries.
pub fn decide(
    local: &[impl AsRef<Entry>],
    known: &[Option<Digest>],
    remote: &Remote,
    answers: &Answers,
    prune: bool,
) -> Difference {
    let pruned = if prune { Pruned::new(local, remote) } else { Pruned::default() };
    let there: HashMap<&str, &What> =
        remote.there.iter().map(|entry| (entry.path.as_str(), &entry.what)).collect();
    let mut cases = Inquiry::new(local, known, remote).cases;
    let (mut difference, mut useful) = (Difference::default(), BTreeSet::new());
    for (index, entry) in first_of_each_path(local) {
        let path = entry.path.as_str();
        let is_gone = pruned.removed.contains(path) || pruned.emptied.contains(path);
        let there = there.get(path).copied().filter(|_| !is_gone);
        if let Some(obstacle) = there.and_then(|there| obstacle(&entry.what, there)) {
            difference.in_the_way.push((index, obstacle));
        }
        match (&entry.what, cases[index].take()) {
            (What::File(file), Some(case)) => {
                if difference.copy(index, *file, there, &case, answers) {
                    useful.insert(path);
                }
            }
            (What::Folder { mode, .. }, _) => {
                let is_there = matches!(
                    there,
                    Some(What::Folder { mode: there, .. }) if allows(*there, *mode)
                );
                difference.folders.extend((!is_there).then_some(index));
            }
            _ => difference.links.push(index),
        }
    }
    let owned = |path: &&str| (*path).to_owned();
    difference.remove = pruned.removed.iter().map(owned).collect();
    difference.emptied = pruned.emptied.iter().rev().map(owned).collect();
    difference.stale = stale(&remote.incoming, &useful);
    difference
}

impl Difference {
    /// Add what is to be done for a file. Gives whether it goes on with what an earlier attempt
    /// left.
    fn copy(
        &mut self,
        index: usize,
        file: Stat,
        there: Option<&What>,
        case: &Case,
        answers: &Answers,
    ) -> bool {
        if let Some(digest) = case.at_its_place(answers) {
            self.keep.push((index, digest));
            let is_like = |there: &Stat| there.mtime == file.mtime && allows(there.mode, file.mode);
            let is_like = matches!(there, Some(What::File(there)) if is_like(there));
            self.adjust.extend((!is_like).then_some(index));
            return false;
        }
        let from = case.left(answers);
        if from > 0 && from == file.size {
            self.arrived.push(index);
        } else {
            self.send.push(Send { index, from });
            self.bytes += file.size - from;
        }
        from > 0
    }
}

impl Case {
    /// The digest that the file has both here and at its place.
    fn at_its_place(&self, answers: &Answers) -> Option<Digest> {
        let there = self.there.digest(&answers.remote)?;
        self.here.digest(&answers.local).filter(|here| *here == there)
    }

    /// The bytes that need not be sent again.
    fn left(&self, answers: &Answers) -> u64 {
        let (bytes, here, there) = match self.left {
            Left::Nothing => return 0,
            Left::Whole { bytes, there } => (bytes, self.here.digest(&answers.local), there),
            Left::Beginning { bytes, here, there } => {
                (bytes, here.digest(&answers.local_prefixes), there)
            }
        };
        let there = there.digest(&answers.incoming);
        if here.is_some() && here == there { bytes } else { 0 }
    }
}

/// Whether permissions have all that are wanted. A cluster may add some of its own: those of an
/// `fsGroup`, for example.
fn allows(mode: u32, wanted: u32) -> bool {
    wanted & !mode & 0o777 == 0
}

fn obstacle(wanted: &What, there: &What) -> Option<Obstacle> {
    match (wanted, there) {
        (What::Folder { .. }, What::File(_)) => Some(Obstacle::File),
        (What::Folder { .. }, What::Link { .. }) => Some(Obstacle::Link),
        (What::File(_) | What::Link { .. }, What::Folder { .. }) => Some(Obstacle::Folder),
        _ => None,
    }
}

/// What was left by an earlier attempt but is gone on with at none of the useful paths: nothing of
/// it lies below another.
fn stale(incoming: &[Entry], useful: &BTreeSet<&str>) -> Vec<String> {
    let needed: HashSet<&str> = useful.iter().flat_map(|path| ancestors(path)).collect();
    let is_useful = |entry: &Entry| match entry.what {
        What::Folder { .. } => needed.contains(entry.path.as_str()),
        _ => useful.contains(entry.path.as_str()),
    };
    let stale: BTreeSet<&str> = incoming
        .iter()
        .filter(|entry| !is_useful(entry))
        .map(|entry| entry.path.as_str())
        .collect();
    let is_highest = |path: &&&str| !ancestors(path).any(|above| stale.contains(above));
    stale.iter().filter(is_highest).map(|path| (*path).to_owned()).collect()
}
