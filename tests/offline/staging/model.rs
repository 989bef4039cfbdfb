//! Claims and local files in memory. A file is a row of blocks of a mebibyte each, of which its
//! digest is made so that no two contents have the same.

use crate::support::dice::Dice;
use mlcube_k8s::staging::{
    Answers, Difference, Digest, Entry, Manifest, Noted, PIECE, Questions, Remote, Stat, What,
    ancestors,
};
use std::collections::BTreeMap;

/// The size of a block.
pub const BLOCK: u64 = 1 << 20;

/// Paths that meet: files and folders of the same name, names that sort between a folder and what
/// is in it.
const PATHS: [&str; 9] = ["d", "d/a", "d/a-b", "d/a/x", "d/a/y", "d/a/y/z", "d/b", "d/b/x", "d/c"];

#[derive(Clone, Debug, PartialEq, Eq)]
enum Node {
    File { blocks: Vec<u8>, mtime: i64, mode: u32 },
    Folder { mode: u32 },
    Link { target: String },
}

/// What lies below a root.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree(BTreeMap<String, Node>);

#[derive(Clone, Debug, Default)]
pub struct Claim {
    there: Tree,
    incoming: Tree,
    manifest: Manifest,
}

impl Node {
    fn any(dice: &mut Dice) -> Self {
        match dice.below(8) {
            0 => Self::Folder { mode: *dice.pick(&[0o755, 0o2775]) },
            1 => Self::Link { target: (*dice.pick(&["a", "b"])).into() },
            _ => Self::file(blocks(dice), dice),
        }
    }

    fn file(blocks: Vec<u8>, dice: &mut Dice) -> Self {
        Self::File { blocks, mtime: dice.below(3) as i64, mode: *dice.pick(&[0o644, 0o600]) }
    }

    fn is_folder(&self) -> bool {
        matches!(self, Self::Folder { .. })
    }

    fn blocks(&self) -> Option<&[u8]> {
        match self {
            Self::File { blocks, .. } => Some(blocks),
            _ => None,
        }
    }

    fn what(&self, is_local: bool) -> What {
        match self {
            Self::File { blocks, mtime, mode } => {
                let size = blocks.len() as u64 * BLOCK;
                What::File(Stat { size, mtime: *mtime, mode: *mode })
            }
            Self::Folder { mode } => What::Folder { mode: *mode, mtime: 0 },
            Self::Link { target } if is_local => What::Link { target: target.clone() },
            Self::Link { .. } => What::Link { target: String::new() },
        }
    }

    /// Whether this is the local node, perhaps with more permissions.
    fn is_like(&self, local: &Self) -> bool {
        let allows = |mode: &u32, wanted: &u32| wanted & !mode & 0o777 == 0;
        match (self, local) {
            (Self::File { blocks, mtime, mode }, Self::File { blocks: b, mtime: t, mode: m }) => {
                (blocks, mtime) == (b, t) && allows(mode, m)
            }
            (Self::Folder { mode }, Self::Folder { mode: wanted }) => allows(mode, wanted),
            _ => self == local,
        }
    }
}

/// A content that often is another one, or its beginning.
fn blocks(dice: &mut Dice) -> Vec<u8> {
    let length = *dice.pick(&[0, 2, 5, 7, 9, 9, 9]);
    let (first, last) = (dice.below(4) as u8 / 3, dice.below(4) as u8 / 3);
    (1..=length).map(|at| if at == length { last } else { first }).collect()
}

fn digest(blocks: &[u8]) -> Digest {
    let mut bytes = [0; 32];
    bytes[0] = blocks.len() as u8;
    bytes[1..=blocks.len()].copy_from_slice(blocks);
    Digest::from(bytes)
}

impl Tree {
    pub fn any(dice: &mut Dice) -> Self {
        let mut tree = Self::default();
        for path in PATHS {
            if dice.below(3) > 0 {
                tree.put(path, Node::any(dice));
            }
        }
        tree
    }

    /// Put a node at its place, in folders, unless something else is in the way.
    fn put(&mut self, path: &str, node: Node) {
        if ancestors(path).all(|above| self.0.get(above).is_none_or(Node::is_folder)) {
            for above in ancestors(path) {
                self.0.entry(above.into()).or_insert(Node::Folder { mode: 0o755 });
            }
            self.0.insert(path.into(), node);
        }
    }

    pub fn entries(&self) -> Vec<Entry> {
        self.listed(true)
    }

    fn listed(&self, is_local: bool) -> Vec<Entry> {
        let entry = |(path, node): (&String, &Node)| Entry {
            path: path.clone(),
            what: node.what(is_local),
        };
        self.0.iter().map(entry).collect()
    }

    fn blocks(&self, path: &str) -> Option<&[u8]> {
        self.0.get(path)?.blocks()
    }

    pub fn digest(&self, path: &str) -> Option<Digest> {
        self.blocks(path).map(digest)
    }

    fn digest_of_first(&self, path: &str, bytes: u64) -> Option<Digest> {
        assert_eq!(bytes % BLOCK, 0, "whole blocks are asked for");
        self.blocks(path)?.get(..(bytes / BLOCK) as usize).map(digest)
    }

    fn is_empty_below(&self, folder: &str) -> bool {
        !self.0.keys().any(|path| ancestors(path).any(|above| above == folder))
    }

    /// What is at its place, or was left whole or in part, is not sent.
    pub fn check_sent(&self, claim: &Claim, difference: &Difference) -> Result<(), String> {
        let entries = self.entries();
        let (mut bytes, mut seen) = (0, Vec::new());
        for send in &difference.send {
            let path = &entries[send.index].path;
            let blocks = self.blocks(path).ok_or_else(|| format!("`{path}` is no file"))?;
            bytes += blocks.len() as u64 * BLOCK - send.from;
            let there = claim.there.blocks(path);
            if there == Some(blocks) {
                return Err(format!("`{path}` is sent, and was there"));
            }
            let left = claim.incoming.blocks(path).unwrap_or_default();
            let pieces = left.len() as u64 * BLOCK / PIECE * PIECE;
            let is_gone_on_with =
                left.len() < blocks.len() && blocks.starts_with(&left[..(pieces / BLOCK) as usize]);
            let expected = if is_gone_on_with { pieces } else { 0 };
            if send.from != expected || (left == blocks && !left.is_empty()) {
                return Err(format!("`{path}` is sent from {}, not {expected}", send.from));
            }
            seen.push(send.index);
        }
        seen.extend(
            difference.keep.iter().map(|(index, _)| *index).chain(difference.arrived.clone()),
        );
        seen.sort_unstable();
        let files =
            entries.iter().enumerate().filter(|(_, entry)| matches!(entry.what, What::File(_)));
        let files: Vec<usize> = files.map(|(index, _)| index).collect();
        if (bytes, &seen) != (difference.bytes, &files) {
            return Err(format!("{bytes} bytes and {seen:?} instead of {files:?}"));
        }
        Ok(())
    }
}

impl Claim {
    /// A claim on which others may have written since it was staged.
    pub fn any(dice: &mut Dice) -> Self {
        let mut claim = Self { there: Tree::any(dice), ..Self::default() };
        if dice.below(2) == 0 {
            claim.incoming = Tree::any(dice);
        }
        for (path, node) in &claim.there.0 {
            match node {
                Node::File { blocks, mtime, .. } if dice.below(3) > 0 => {
                    claim.manifest.files.insert(path.clone(), noted(blocks, *mtime));
                }
                Node::Link { .. } if dice.below(2) == 0 => {
                    claim.manifest.links.insert(path.clone());
                }
                _ => {}
            }
        }
        // What is noted, and was changed since: at another time, or to another size.
        for path in PATHS {
            if dice.below(8) == 0 {
                let stale = noted(&blocks(dice), 9);
                claim.manifest.files.entry(path.into()).or_insert(stale);
            }
        }
        claim
    }

    pub fn remote(&self) -> Remote {
        Remote {
            manifest: self.manifest.clone(),
            there: self.there.listed(false),
            incoming: self.incoming.listed(false),
        }
    }

    /// The digests that are asked for.
    pub fn answer(&self, local: &Tree, entries: &[Entry], asked: &Questions) -> Answers {
        let path = |index: usize| entries[index].path.as_str();
        let first = |(path, bytes): &(String, u64)| self.incoming.digest_of_first(path, *bytes);
        let here = |(index, bytes): &(usize, u64)| local.digest_of_first(path(*index), *bytes);
        let answers = Answers {
            remote: asked.remote.iter().map(|path| self.there.digest(path)).collect(),
            incoming: asked.incoming.iter().map(first).collect(),
            local: asked.local.iter().map(|index| local.digest(path(*index))).collect(),
            local_prefixes: asked.local_prefixes.iter().map(here).collect(),
        };
        let Answers { remote, incoming, local, local_prefixes } = &answers;
        let mut all = remote.iter().chain(incoming).chain(local).chain(local_prefixes);
        assert!(all.all(Option::is_some), "what is asked for is there: {asked:?}");
        answers
    }

    /// Do what a difference says, as a shell beside the claim would, and note it.
    pub fn apply(&mut self, local: &Tree, difference: &Difference) -> Result<(), String> {
        let entries = local.entries();
        let path = |index: usize| entries[index].path.as_str();
        for path in &difference.remove {
            self.manifest.files.remove(path);
            self.manifest.links.remove(path);
            match self.there.0.remove(path) {
                Some(Node::File { .. } | Node::Link { .. }) => {}
                other => return Err(format!("`{path}` is removed, and is {other:?}")),
            }
        }
        for path in &difference.emptied {
            if !self.there.is_empty_below(path) || self.there.0.remove(path).is_none() {
                return Err(format!("`{path}` is not empty"));
            }
        }
        for path in &difference.stale {
            self.incoming
                .0
                .retain(|below, _| below != path && !ancestors(below).any(|above| above == path));
        }
        for index in &difference.folders {
            let path = path(*index);
            let is_free = self.there.0.get(path).is_none_or(Node::is_folder);
            if !is_free {
                return Err(format!("there is something at `{path}`"));
            }
            self.there.0.insert(path.into(), local.0[path].clone());
        }
        for send in &difference.send {
            let path = path(send.index);
            let from = (send.from / BLOCK) as usize;
            let left = self.incoming.blocks(path).unwrap_or_default();
            let blocks = [&left[..from], &local.blocks(path).unwrap_or_default()[from..]].concat();
            self.place(path, blocks, local)?;
        }
        for index in &difference.arrived {
            let path = path(*index);
            let blocks = self.incoming.blocks(path).ok_or_else(|| format!("no `{path}`"))?.to_vec();
            self.place(path, blocks, local)?;
        }
        for index in &difference.adjust {
            let path = path(*index);
            let blocks = self.there.blocks(path).ok_or_else(|| format!("no `{path}`"))?.to_vec();
            self.place(path, blocks, local)?;
        }
        for (index, digest) in &difference.keep {
            let Node::File { mtime, blocks, .. } = &self.there.0[path(*index)] else {
                return Err(format!("`{}` is kept, and is no file", path(*index)));
            };
            let noted = Noted { digest: *digest, ..noted(blocks, *mtime) };
            self.manifest.files.insert(path(*index).into(), noted);
        }
        for index in &difference.links {
            let path = path(*index);
            self.there.0.insert(path.into(), local.0[path].clone());
            self.manifest.files.remove(path);
            self.manifest.links.insert(path.into());
        }
        Ok(())
    }

    /// A whole file is moved into place.
    fn place(&mut self, path: &str, content: Vec<u8>, local: &Tree) -> Result<(), String> {
        self.incoming.0.remove(path);
        let Some(Node::File { mtime, mode, .. }) = local.0.get(path) else {
            return Err(format!("`{path}` is no local file"));
        };
        let parent = ancestors(path).next();
        if parent.is_some_and(|parent| !self.there.0.get(parent).is_some_and(Node::is_folder)) {
            return Err(format!("there is no folder for `{path}`"));
        }
        self.manifest.links.remove(path);
        self.manifest.files.insert(path.into(), noted(&content, *mtime));
        let node = Node::File { blocks: content, mtime: *mtime, mode: *mode };
        self.there.0.insert(path.into(), node);
        Ok(())
    }

    /// The claim has the local files; of all else only what staging noted is gone, and only if that
    /// was asked for; nothing is left of earlier attempts.
    pub fn check(&self, before: &Self, local: &Tree, prune: bool) -> Result<(), String> {
        for (path, node) in &local.0 {
            if !self.there.0.get(path).is_some_and(|there| there.is_like(node)) {
                return Err(format!("`{path}` is not like the local one"));
            }
        }
        for (path, node) in &before.there.0 {
            let is_noted = match node {
                Node::File { .. } => before.manifest.files.contains_key(path),
                Node::Link { .. } => before.manifest.links.contains(path),
                Node::Folder { .. } => self.there.is_empty_below(path),
            };
            let is_kept = self.there.0.get(path) == Some(node);
            if !local.0.contains_key(path)
                && is_kept == (prune && is_noted)
                && !is_kept_folder(before, path)
            {
                return Err(format!("`{path}` is kept: {is_kept}"));
            }
        }
        let rest = self.incoming.0.values().any(|node| !node.is_folder());
        if rest { Err("something is left of an earlier attempt".into()) } else { Ok(()) }
    }
}

/// A folder that was empty before is nobody's to remove.
fn is_kept_folder(before: &Claim, path: &str) -> bool {
    before.there.0[path].is_folder() && before.there.is_empty_below(path)
}

fn noted(blocks: &[u8], mtime: i64) -> Noted {
    Noted { size: blocks.len() as u64 * BLOCK, mtime, digest: digest(blocks) }
}
