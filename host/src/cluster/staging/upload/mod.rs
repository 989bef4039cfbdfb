//! From the workspace to a claim: what differs is sent into a folder of its own, checked there, and
//! moved to its place when all of it is right. An attempt that breaks off leaves there what it sent.

mod archive;
mod prepare;
mod send;

use super::Load;
use super::claim::{PATHS, listed};
use super::fault::Fault;
use super::progress::Progress;
use super::session::Session;
use crate::files::Digests;
use crate::staging::{Difference, Digest, Entry, Manifest, Noted, What, moves};
pub use prepare::Prepared;
use std::collections::HashMap;

/// This program's folder on a claim, and what is in it.
const INCOMING: &str = ".mlcube-k8s/incoming";
const MANIFEST: &str = ".mlcube-k8s/manifest.json";

/// One attempt to bring the files of a load to their claim.
pub struct Upload<'a, 'e> {
    pub session: &'a mut Session,
    pub load: &'a Load,
    pub digests: &'a mut Digests,
    pub progress: &'a mut Progress<'e>,
}

impl Upload<'_, '_> {
    /// Do it: send, move, remove, and note on the claim what lies there now.
    pub async fn carry_out(&mut self, prepared: Prepared) -> Result<(), Fault> {
        let Prepared { manifest, there, difference } = prepared;
        self.remove(INCOMING, &difference.stale).await?;
        let mut sent = self.send(&difference).await?;
        for index in &difference.arrived {
            self.finish(INCOMING, *index).await?;
        }
        self.move_all(&difference, &there).await?;
        for index in &difference.adjust {
            self.finish(".", *index).await?;
        }
        self.modes(&difference).await?;
        self.remove(".", &difference.remove).await?;
        self.session.drop_empty(&texts(&difference.emptied)).await?;
        for index in &difference.arrived {
            sent.extend(
                self.digests.known(&self.load.local[*index]).map(|digest| (*index, digest)),
            );
        }
        let is_noted = |(index, digest): &(usize, Digest)| {
            let noted = manifest.files.get(&self.load.local[*index].entry.path);
            noted.is_some_and(|noted| noted.digest == *digest)
        };
        let is_news = !sent.is_empty() || !difference.keep.iter().all(is_noted);
        let is_news = is_news || !difference.remove.is_empty() || !difference.links.is_empty();
        sent.extend(difference.keep.iter().copied());
        if is_news {
            self.note(manifest, &difference, &sent).await?;
        }
        self.session.remove(&[INCOMING]).await?;
        Ok(())
    }

    /// Give what was not unpacked from an archive its permissions and its time.
    async fn finish(&mut self, folder: &str, index: usize) -> Result<(), Fault> {
        let entry = &self.load.local[index].entry;
        if let What::File(stat) = entry.what {
            let path = below(folder, &entry.path);
            self.session.finish(&path, stat.mode, stat.mtime).await?;
        }
        Ok(())
    }

    async fn move_all(&mut self, difference: &Difference, there: &[Entry]) -> Result<(), Fault> {
        let roots: Vec<&str> = self.load.roots().collect();
        let sent = difference.send.iter().map(|send| send.index);
        let mut arrived: Vec<usize> = sent
            .chain(difference.arrived.iter().copied())
            .chain(difference.folders.iter().copied())
            .chain(difference.links.iter().copied())
            .collect();
        arrived.sort_unstable();
        let arrived: Vec<&Entry> =
            arrived.into_iter().map(|index| &self.load.local[index].entry).collect();
        let steps = moves(&arrived, &roots, there);
        for root in &roots {
            if let Some((above, _)) = root.rsplit_once('/') {
                self.session.folder(above).await?;
            }
        }
        for step in steps {
            let paths: Vec<_> = step.paths.iter().map(|path| below(INCOMING, path)).collect();
            self.session.move_to(&texts(&paths), step.folder).await?;
        }
        Ok(())
    }

    /// Folders get their own permissions last: those that nobody may write to cannot be filled.
    async fn modes(&mut self, difference: &Difference) -> Result<(), Fault> {
        let modes = difference.folders.iter().filter_map(|index| {
            let entry = &self.load.local[*index].entry;
            match entry.what {
                What::Folder { mode, .. } => Some((mode, entry.path.as_str())),
                _ => None,
            }
        });
        let modes: Vec<_> = modes.collect();
        for modes in modes.chunks(PATHS) {
            self.session.modes(modes).await?;
        }
        Ok(())
    }

    async fn remove(&mut self, folder: &str, paths: &[String]) -> Result<(), Fault> {
        let paths: Vec<_> = paths.iter().map(|path| below(folder, path)).collect();
        for paths in texts(&paths).chunks(PATHS) {
            self.session.remove(paths).await?;
        }
        Ok(())
    }

    /// Write down what lies on the claim now, with the times that its file system has kept.
    async fn note(
        &mut self,
        mut manifest: Manifest,
        difference: &Difference,
        files: &[(usize, Digest)],
    ) -> Result<(), Fault> {
        let roots: Vec<&str> = self.load.roots().collect();
        let now = listed(self.session, ".", &roots).await?.entries;
        let now: HashMap<&str, &What> =
            now.iter().map(|entry| (entry.path.as_str(), &entry.what)).collect();
        for path in &difference.remove {
            manifest.files.remove(path);
            manifest.links.remove(path);
        }
        for (index, digest) in files {
            let path = &self.load.local[*index].entry.path;
            let Some(What::File(stat)) = now.get(path.as_str()) else { continue };
            let noted = Noted { size: stat.size, mtime: stat.mtime, digest: *digest };
            manifest.files.insert(path.clone(), noted);
        }
        let links = difference.links.iter().map(|index| self.load.local[*index].entry.path.clone());
        manifest.links.extend(links);
        self.session.put(MANIFEST, &manifest.to_bytes()).await?;
        Ok(())
    }
}

fn below(folder: &str, path: &str) -> String {
    if folder == "." { path.to_owned() } else { format!("{folder}/{path}") }
}

fn texts(paths: &[String]) -> Vec<&str> {
    paths.iter().map(String::as_str).collect()
}
