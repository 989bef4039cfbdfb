//! Files on their way to a claim: small ones in archives, large ones in pieces, a few of which are
//! not told to have arrived.

use super::archive::{Archive, size};
use super::{INCOMING, Upload};
use crate::cluster::staging::claim::digests_in;
use crate::cluster::staging::fault::Fault;
use crate::cluster::staging::local::{open, read_piece};
use crate::cluster::staging::wire::Trouble;
use crate::staging::{Difference, Digest, PIECE, Send};
use sha2::{Digest as _, Sha256};
use std::collections::VecDeque;

/// How many pieces are on their way and not told to have arrived: at most these are sent twice.
const WINDOW: usize = 3;

/// Something that is on its way: what its answer must be.
enum OnItsWay {
    Tree(Vec<(usize, Digest)>, u64),
    Piece(usize, String, u64, bool),
}

impl Upload<'_, '_> {
    /// Send everything that is to be sent; gives the digests of what was.
    pub(super) async fn send(
        &mut self,
        difference: &Difference,
    ) -> Result<Vec<(usize, Digest)>, Fault> {
        let mut on_its_way = VecDeque::new();
        let mut sent = Vec::new();
        let is_small = |index: usize| size(&self.load.local[index]) <= PIECE;
        let (small, large): (Vec<&Send>, Vec<&Send>) =
            difference.send.iter().partition(|send| is_small(send.index));
        let others = difference.folders.iter().chain(&difference.links).copied();
        let entries: Vec<usize> = others.chain(small.iter().map(|send| send.index)).collect();
        let mut next = 0;
        while next < entries.len() {
            let tree = Archive::of(&self.load.local, &entries[next..])?;
            next += tree.entries;
            let files: Vec<&str> =
                tree.files.iter().map(|(index, _)| &*self.load.local[*index].entry.path).collect();
            self.session.send_tree(&tree.bytes, &files).await?;
            sent.extend(tree.files.iter().copied());
            on_its_way.push_back(OnItsWay::Tree(tree.files, tree.content));
            self.wait(&mut on_its_way, WINDOW - 1).await?;
        }
        for send in large {
            let digest = self.send_large(send.index, send.from, &mut on_its_way).await?;
            sent.push((send.index, digest));
        }
        self.wait(&mut on_its_way, 0).await?;
        for (index, digest) in &sent {
            self.digests.note(&self.load.local[*index], *digest);
            if !is_small(*index) {
                self.finish(INCOMING, *index).await?;
            }
        }
        Ok(sent)
    }

    /// Send a file in pieces, from where an attempt before has ended.
    async fn send_large(
        &mut self,
        index: usize,
        from: u64,
        on_its_way: &mut VecDeque<OnItsWay>,
    ) -> Result<Digest, Fault> {
        let (local, size) = (&self.load.local[index], size(&self.load.local[index]));
        let mut file = open(local)?;
        let (mut whole, mut at) = (Sha256::new(), 0);
        let mut piece = Vec::new();
        while at < size {
            let length = PIECE.min(size - at);
            piece.resize(usize::try_from(length).expect("a piece is small"), 0);
            read_piece(&mut file, local, &mut piece)?;
            whole.update(&piece);
            if at >= from {
                let is_last = at + length == size;
                let checksum = self.session.send_piece(&local.entry.path, at, &piece).await?;
                on_its_way.push_back(OnItsWay::Piece(index, checksum, length, is_last));
                self.wait(on_its_way, WINDOW - 1).await?;
            }
            at += length;
        }
        Ok(whole.into())
    }

    /// Wait until no more than so many are on their way.
    async fn wait(
        &mut self,
        on_its_way: &mut VecDeque<OnItsWay>,
        most: usize,
    ) -> Result<(), Fault> {
        while on_its_way.len() > most {
            let Some(first) = on_its_way.pop_front() else { return Ok(()) };
            match first {
                OnItsWay::Tree(files, content) => {
                    let lines = self.session.tree_arrived().await?;
                    let all = &self.load.local;
                    let paths = files.iter().map(|(index, _)| all[*index].entry.path.as_str());
                    let sums = digests_in(&lines, paths);
                    for ((index, digest), sum) in files.iter().zip(sums) {
                        self.check(*index, sum == Some(*digest))?;
                    }
                    self.progress.add(files.len(), content);
                }
                OnItsWay::Piece(index, checksum, length, is_last) => {
                    let is_right = self.session.piece_arrived(&checksum).await?;
                    self.check(index, is_right)?;
                    self.progress.add(usize::from(is_last), length);
                }
            }
        }
        Ok(())
    }

    fn check(&self, index: usize, is_right: bool) -> Result<(), Fault> {
        if is_right {
            return Ok(());
        }
        let path = &self.load.local[index].entry.path;
        Err(Fault::Trouble(Trouble::Lost(format!("`{path}` did not arrive as it was sent"))))
    }
}
