//! What must be read before it is known what to copy: which files on either side, and how much of
//! them.

use super::{Digest, Entry, Manifest, Stat, What};
use std::collections::{HashMap, HashSet};

/// Of a file that was sent in part, whole pieces of this many bytes are gone on with.
pub const PIECE: u64 = 4 << 20;

/// What is known of a claim without reading its files.
#[derive(Clone, Debug, Default)]
pub struct Remote {
    /// What staging noted there.
    pub manifest: Manifest,
    /// What lies at the staged places, and nothing of other places.
    pub there: Vec<Entry>,
    /// What an earlier attempt left before it was moved into place, by the path of that place.
    pub incoming: Vec<Entry>,
}

/// Files whose digests decide what is copied.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Questions {
    /// Files at their place on the claim.
    pub remote: Vec<String>,
    /// Files that an earlier attempt left, and how many bytes of their beginning count.
    pub incoming: Vec<(String, u64)>,
    /// Local files, by index.
    pub local: Vec<usize>,
    /// The beginnings of local files, in bytes.
    pub local_prefixes: Vec<(usize, u64)>,
}

/// The digests asked for, in the order of the [`Questions`]; none of what could not be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answers {
    /// Files at their place on the claim.
    pub remote: Vec<Option<Digest>>,
    /// What an earlier attempt left.
    pub incoming: Vec<Option<Digest>>,
    /// Local files.
    pub local: Vec<Option<Digest>>,
    /// The beginnings of local files.
    pub local_prefixes: Vec<Option<Digest>>,
}

/// What must be read before [`decide`](super::decide). `known` has the digests of local files that
/// need not be read, by index.
pub fn ask(local: &[impl AsRef<Entry>], known: &[Option<Digest>], remote: &Remote) -> Questions {
    Inquiry::new(local, known, remote).questions
}

/// The questions, and what their answers are for.
pub(super) struct Inquiry {
    pub questions: Questions,
    /// The local files, by index; none for other entries.
    pub cases: Vec<Option<Case>>,
}

/// What can be known of a local file and its likes on the claim.
pub(super) struct Case {
    /// The local file's digest.
    pub here: Source,
    /// The digest of a file of the same size at its place.
    pub there: Source,
    /// What an earlier attempt left of it.
    pub left: Left,
}

/// Where a digest comes from.
#[derive(Clone, Copy)]
pub(super) enum Source {
    Nowhere,
    Known(Digest),
    /// A position among the answers.
    Asked(usize),
}

/// A file that an earlier attempt left: how much of it, and where the digest of that comes from.
pub(super) enum Left {
    Nothing,
    /// It has the size of the local file.
    Whole {
        bytes: u64,
        there: Source,
    },
    /// It is shorter: of so many bytes there is a digest here, too.
    Beginning {
        bytes: u64,
        here: Source,
        there: Source,
    },
}

impl Source {
    /// The digest, if it is known by now.
    pub fn digest(self, answers: &[Option<Digest>]) -> Option<Digest> {
        match self {
            Self::Nowhere => None,
            Self::Known(digest) => Some(digest),
            Self::Asked(position) => answers.get(position).copied().flatten(),
        }
    }

    /// Add a question.
    fn ask<T>(questions: &mut Vec<T>, question: T) -> Self {
        questions.push(question);
        Self::Asked(questions.len() - 1)
    }
}

impl Inquiry {
    pub fn new(local: &[impl AsRef<Entry>], known: &[Option<Digest>], remote: &Remote) -> Self {
        let (there, left) = (stats(&remote.there), stats(&remote.incoming));
        let (mut questions, mut cases) = (Questions::default(), Vec::new());
        cases.resize_with(local.len(), || None);
        for (index, entry) in first_of_each_path(local) {
            let path = entry.path.as_str();
            let What::File(file) = entry.what else { continue };
            let known = known.get(index).copied().flatten();
            let like = there.get(path).filter(|there| there.size == file.size);
            let there = questions.there(path, like, &remote.manifest);
            let is_there = known.is_some() && known == there.digest(&[]);
            let left = left.get(path).filter(|_| !is_there);
            let left = left.map_or(Left::Nothing, |left| questions.left(index, path, file, *left));
            let is_compared =
                !matches!(there, Source::Nowhere) || matches!(left, Left::Whole { .. });
            let here = questions.here(index, known, is_compared);
            cases[index] = Some(Case { here, there, left });
        }
        Self { questions, cases }
    }
}

impl Questions {
    /// The digest of a file on the claim: as it is noted, if the file is as staging left it.
    fn there(&mut self, path: &str, like: Option<&Stat>, manifest: &Manifest) -> Source {
        let Some(like) = like else { return Source::Nowhere };
        match manifest.files.get(path) {
            Some(noted) if (noted.size, noted.mtime) == (like.size, like.mtime) => {
                Source::Known(noted.digest)
            }
            _ => Source::ask(&mut self.remote, path.into()),
        }
    }

    fn left(&mut self, index: usize, path: &str, file: Stat, left: Stat) -> Left {
        let bytes = left.size / PIECE * PIECE;
        let mut there = |bytes| Source::ask(&mut self.incoming, (path.into(), bytes));
        if left.size == file.size && file.size > 0 {
            Left::Whole { bytes: file.size, there: there(file.size) }
        } else if left.size < file.size && bytes > 0 {
            let here = Source::ask(&mut self.local_prefixes, (index, bytes));
            Left::Beginning { bytes, here, there: there(bytes) }
        } else {
            Left::Nothing
        }
    }

    fn here(&mut self, index: usize, known: Option<Digest>, is_compared: bool) -> Source {
        match known {
            Some(digest) => Source::Known(digest),
            None if is_compared => Source::ask(&mut self.local, index),
            None => Source::Nowhere,
        }
    }
}

/// The entries with their indices, without those whose path another one has before them.
pub(super) fn first_of_each_path(
    entries: &[impl AsRef<Entry>],
) -> impl Iterator<Item = (usize, &Entry)> {
    let mut seen = HashSet::new();
    let entries = entries.iter().map(AsRef::as_ref);
    entries.enumerate().filter(move |(_, entry)| seen.insert(entry.path.as_str()))
}

/// The files among entries.
fn stats(entries: &[Entry]) -> HashMap<&str, Stat> {
    let file = |entry: &'_ Entry| match entry.what {
        What::File(stat) => Some(stat),
        _ => None,
    };
    entries.iter().filter_map(|entry| Some((entry.path.as_str(), file(entry)?))).collect()
}
