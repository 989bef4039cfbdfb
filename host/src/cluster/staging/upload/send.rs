//! Files on their way to a claim: small ones in archives, large ones in pieces, a few of which are
//! not told to have arrived.

use super::archive::{Archive, size};
use super::{INCOMING, Upload};
use crate::cluster::staging::fault::Fault;
use crate::cluster::staging::local::{open, read_piece};
use crate::files::LocalEntry;
use crate::staging::{Difference, Digest, PIECE, Send, What};
use sha2::{Digest as _, Sha256};
use std::collections::VecDeque;

/// How many pieces are on their way and not told to have arrived: at most these are sent twice.
const WINDOW: usize = 3;

/// Something that is on its way.
struct OnItsWay {
    /// What its answer must be.
    checksum: String,
    /// What it is, for an error.
    what: String,
    /// The files that are whole with it, and its bytes of files.
    files: usize,
    bytes: u64,
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
        sent.extend(self.send_small(&entries, &mut on_its_way).await?);
        for send in large {
            let digest = self.send_large(send.index, send.from, &mut on_its_way).await?;
            sent.push((send.index, digest));
        }
        // Folders get their times last: what comes to them changes them, and so does a folder.
        self.send_small(&difference.folders, &mut on_its_way).await?;
        self.wait(&mut on_its_way, 0).await?;
        for (index, digest) in &sent {
            let local = &self.load.local[*index];
            self.digests.note(local, *digest);
            if !is_small(*index) || is_before_1970(local) {
                self.finish(INCOMING, *index).await?;
            }
        }
        Ok(sent)
    }

    /// Send small files, folders and links; gives the digests of the files.
    async fn send_small(
        &mut self,
        entries: &[usize],
        on_its_way: &mut VecDeque<OnItsWay>,
    ) -> Result<Vec<(usize, Digest)>, Fault> {
        let (mut sent, mut next) = (Vec::new(), 0);
        while next < entries.len() {
            let tree = Archive::of(&self.load.local, &entries[next..])?;
            next += tree.entries;
            let checksum = self.session.send_tree(&tree.bytes).await?;
            let (files, bytes) = (tree.files.len(), tree.content);
            let what = format!("an archive of {files} files");
            sent.extend(tree.files);
            on_its_way.push_back(OnItsWay { checksum, what, files, bytes });
            self.wait(on_its_way, WINDOW - 1).await?;
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
                let (files, what) = (usize::from(is_last), format!("`{}`", local.entry.path));
                on_its_way.push_back(OnItsWay { checksum, what, files, bytes: length });
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
            let Some(OnItsWay { checksum, what, files, bytes }) = on_its_way.pop_front() else {
                return Ok(());
            };
            if !self.session.arrived(&checksum).await? {
                let why = format!("{what} did not arrive as it was sent");
                self.progress.damaged(&why);
                return Err(Fault::lost(why));
            }
            self.progress.add(files, bytes);
        }
        Ok(())
    }
}

/// Whether an archive has no number for the time of a file.
fn is_before_1970(local: &LocalEntry) -> bool {
    matches!(local.entry.what, What::File(stat) if stat.mtime < 0)
}
