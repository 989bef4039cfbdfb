//! What differs between the workspace and a claim.

use super::{INCOMING, MANIFEST, Upload};
use crate::cluster::staging::claim::{listed, sums};
use crate::cluster::staging::fault::Fault;
use crate::files::digest_of;
use crate::staging::{
    Answers, Difference, Digest, Entry, Manifest, Questions, Remote, What, ask, decide,
};
use std::collections::HashMap;

/// What an attempt has found and is about to do.
pub struct Prepared {
    pub(super) manifest: Manifest,
    pub(super) there: Vec<Entry>,
    pub(super) difference: Difference,
}

impl Prepared {
    /// The files to be sent.
    pub fn files(&self) -> usize {
        self.difference.send.len()
    }

    /// The bytes to be sent.
    pub fn bytes(&self) -> u64 {
        self.difference.bytes
    }

    /// The files that are there already.
    pub fn kept(&self) -> usize {
        self.difference.keep.len()
    }

    /// The files and links that are removed.
    pub fn removed(&self) -> usize {
        self.difference.remove.len()
    }
}

impl Upload<'_, '_> {
    /// Find out what differs. The claim must be locked.
    pub async fn prepare(&mut self, prune: bool) -> Result<Prepared, Fault> {
        let roots: Vec<&str> = self.load.roots().collect();
        let manifest = self.session.show(MANIFEST).await?;
        let manifest = manifest.map_or(Ok(Manifest::default()), |bytes| Manifest::parse(&bytes));
        let manifest = match manifest {
            Ok(manifest) => manifest,
            Err(error) => {
                self.progress.warn(format!(
                    "claim `{}`: {MANIFEST}: {error}; all files on the claim are read instead",
                    self.load.claim
                ));
                Manifest::default()
            }
        };
        let there = listed(self.session, ".", &roots).await?.entries;
        let incoming = listed(self.session, INCOMING, &roots).await?.entries;
        let remote = Remote { manifest, there, incoming };
        let local = &self.load.local;
        let known: Vec<_> = local.iter().map(|local| self.digests.known(local)).collect();
        let questions = ask(local, &known, &remote);
        let answers = self.answers(&questions).await?;
        let difference = decide(local, &known, &remote, &answers, prune);
        if let Some((index, obstacle)) = difference.in_the_way.first() {
            let path = &local[*index].entry.path;
            return Err(Fault::InTheWay { path: path.clone(), obstacle: obstacle.to_string() });
        }
        let Remote { manifest, there, .. } = remote;
        let prepared = Prepared { manifest, there, difference };
        let free = self.session.free().await?;
        if let Some(free) = free.filter(|free| *free < prepared.bytes()) {
            return Err(Fault::Full { needed: prepared.bytes(), free });
        }
        Ok(prepared)
    }

    async fn answers(&mut self, questions: &Questions) -> Result<Answers, Fault> {
        let mut answers = Answers::default();
        let remote: Vec<&str> = questions.remote.iter().map(String::as_str).collect();
        answers.remote = sums(self.session, ".", &remote).await?;
        // Whole files are read by one command, beginnings one by one.
        let sizes: HashMap<&str, u64> = self.sizes();
        let is_whole = |(path, bytes): &&(String, u64)| sizes.get(&**path) == Some(bytes);
        let whole: Vec<&str> =
            questions.incoming.iter().filter(is_whole).map(|(path, _)| &**path).collect();
        let digests = sums(self.session, INCOMING, &whole).await?;
        let whole: HashMap<&str, Option<Digest>> = whole.into_iter().zip(digests).collect();
        for (path, bytes) in &questions.incoming {
            let digest = match whole.get(&**path) {
                Some(digest) => *digest,
                None => {
                    let path = format!("{INCOMING}/{path}");
                    Some(self.session.prefix(&path, *bytes).await?)
                }
            };
            answers.incoming.push(digest);
        }
        for index in &questions.local {
            let local = &self.load.local[*index];
            let digest = digest_of(&local.local, None)
                .map_err(|error| Fault::Local(local.local.clone(), error))?;
            self.digests.note(local, digest);
            answers.local.push(Some(digest));
        }
        for (index, bytes) in &questions.local_prefixes {
            let digest = digest_of(&self.load.local[*index].local, Some(*bytes));
            answers.local_prefixes.push(digest.ok());
        }
        Ok(answers)
    }

    fn sizes(&self) -> HashMap<&str, u64> {
        let files = self.load.local.iter().filter_map(|local| match local.entry.what {
            What::File(stat) => Some((local.entry.path.as_str(), stat.size)),
            _ => None,
        });
        files.collect()
    }
}
