//! How what has arrived goes to its place: a folder that is new goes there whole, with all that is
//! in it; other files one by one, those of a folder together.

use super::{Entry, What};
use crate::text::within;
use std::collections::HashSet;

/// The most names of one step, and the most bytes of them: they are arguments of a command.
const NAMES: usize = 200;
const BYTES: usize = 16 << 10;

/// A step: what goes into a folder. Both are paths on the claim; the folder is empty for its root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move<'a> {
    /// The folder.
    pub folder: &'a str,
    /// What goes there.
    pub paths: Vec<&'a str>,
}

/// The steps by which entries that have arrived go to their places below some roots, on a claim
/// where `there` lies already. The folders above the roots must be there.
pub fn moves<'a>(arrived: &[&'a Entry], roots: &[&'a str], there: &[Entry]) -> Vec<Move<'a>> {
    let is_folder = |entry: &&Entry| matches!(entry.what, What::Folder { .. });
    let there: HashSet<&str> =
        there.iter().filter(is_folder).map(|entry| entry.path.as_str()).collect();
    let mut moved = HashSet::new();
    let mut steps: Vec<Move<'a>> = Vec::new();
    for entry in arrived {
        let path = entry.path.as_str();
        let is_known_folder = there.contains(path);
        let highest = highest(path, roots, &there);
        if is_known_folder || !moved.insert(highest) {
            continue;
        }
        let folder = highest.rsplit_once('/').map_or("", |(folder, _)| folder);
        let bytes = |step: &Move<'_>| step.paths.iter().map(|path| path.len() + 32).sum::<usize>();
        match steps.last_mut() {
            Some(step)
                if step.folder == folder && step.paths.len() < NAMES && bytes(step) < BYTES =>
            {
                step.paths.push(highest);
            }
            _ => steps.push(Move { folder, paths: vec![highest] }),
        }
    }
    steps
}

/// The highest folder above a path that is not there yet, else the path itself.
fn highest<'a>(path: &'a str, roots: &[&str], there: &HashSet<&str>) -> &'a str {
    let held = roots.iter().filter(|root| within(path, root).is_some());
    let root = held.map(|root| root.len()).max().unwrap_or(0);
    let ends = path.match_indices('/').map(|(end, _)| end).filter(|end| *end >= root.max(1));
    let folders = ends.map(|end| &path[..end]);
    let mut new = folders.filter(|folder| !there.contains(folder));
    new.next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::staging::Stat;

    fn entry(path: &str) -> Entry {
        let stat = Stat { size: 1, mtime: 0, mode: 0o644 };
        match path.strip_suffix('/') {
            Some(path) => Entry { path: path.into(), what: What::Folder { mode: 0o755, mtime: 0 } },
            None => Entry { path: path.into(), what: What::File(stat) },
        }
    }

    #[test]
    fn what_is_new_goes_whole_and_what_is_changed_alone() {
        let rows = [
            ("all new", "w/data", "", "w/data/ w/data/a w/data/b", "w: w/data"),
            ("a file", "w/data", "w/data/", "w/data/a", "w/data: w/data/a"),
            (
                "two of a folder",
                "w/data",
                "w/data/",
                "w/data/a w/data/b",
                "w/data: w/data/a w/data/b",
            ),
            (
                "a new folder",
                "w/data",
                "w/data/",
                "w/data/s/ w/data/s/a w/data/s/t/b",
                "w/data: w/data/s",
            ),
            (
                "an old folder",
                "w/data",
                "w/data/ w/data/s/",
                "w/data/s/ w/data/s/a",
                "w/data/s: w/data/s/a",
            ),
            ("a file as a root", "w/file", "", "w/file", "w: w/file"),
            ("the whole claim", "", "", "a/ a/b c", ": a c"),
            ("the whole claim, some there", "", "a/", "a/b c/d", "a: a/b; : c"),
            ("two roots", "w/x w/xy", "w/x/", "w/x/a w/xy/ w/xy/b", "w/x: w/x/a; w: w/xy"),
        ];
        for (name, roots, there, arrived, expected) in rows {
            let roots: Vec<&str> = roots.split(' ').collect();
            let all = |text: &str| -> Vec<Entry> { text.split_whitespace().map(entry).collect() };
            let (there, arrived) = (all(there), all(arrived));
            let arrived: Vec<&Entry> = arrived.iter().collect();
            let steps = moves(&arrived, &roots, &there);
            let told: Vec<_> = steps
                .iter()
                .map(|step| format!("{}: {}", step.folder, step.paths.join(" ")))
                .collect();
            assert_eq!(told.join("; "), expected, "{name}");
        }
    }
}
