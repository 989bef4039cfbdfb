//! A session with the shell in a staging Pod: commands and answers of `session.sh` as functions. It
//! knows what a claim is, and nothing of what is copied.

use super::exec::Exec;
use super::wire::{LONGEST_LIST, Trouble, Wire};
use crate::staging::{Check, Digest};
use std::fmt::Write;

/// The script that the shell reads.
pub const SCRIPT: &str = include_str!("session.sh");

/// A session.
pub struct Session {
    wire: Wire,
    check: Check,
}

/// Whether a claim is locked for us.
#[derive(Debug, PartialEq)]
pub enum Locked {
    /// It is.
    Ours,
    /// Somebody else works on it; the second changes while that one lives.
    Held(String, String),
}

impl Session {
    /// Begin a session with the shell that runs [`SCRIPT`]. What is needed of its image is tested
    /// first.
    pub async fn with(exec: Exec) -> Result<Self, Trouble> {
        let mut wire = Wire::new(exec);
        let answer = wire.line().await?;
        match answer.strip_prefix("ready ").and_then(|tool| tool.parse().ok()) {
            Some(check) => Ok(Self { wire, check }),
            None => Err(wire.failed(answer).await),
        }
    }

    /// Work on a claim from now on: the folder at which it is mounted.
    pub async fn root(&mut self, folder: &str) -> Result<(), Trouble> {
        self.done(&format!("root {folder}"), &[]).await
    }

    /// Lock the claim.
    pub async fn lock(&mut self, name: &str) -> Result<Locked, Trouble> {
        self.wire.tell(&format!("lock {name}"), &[]).await?;
        let answer = self.wire.line().await?;
        match answer.strip_prefix("held ") {
            Some(holder) => {
                let (owner, beat) = holder.split_once(' ').unwrap_or((holder, ""));
                Ok(Locked::Held(owner.to_owned(), beat.to_owned()))
            }
            None if answer == "locked" => Ok(Locked::Ours),
            None => Err(self.wire.failed(answer).await),
        }
    }

    /// Break the lock of one who is gone.
    pub async fn steal(&mut self, owner: &str, name: &str) -> Result<(), Trouble> {
        self.done(&format!("steal {owner} {name}"), &[]).await
    }

    /// Let go of the claim.
    pub async fn unlock(&mut self, name: &str) -> Result<(), Trouble> {
        self.done(&format!("unlock {name}"), &[]).await
    }

    /// The free bytes of the claim, if they are told.
    pub async fn free(&mut self) -> Result<Option<u64>, Trouble> {
        self.wire.tell("free", &[]).await?;
        let answer = self.wire.line().await?;
        Ok(answer
            .strip_prefix("free ")
            .and_then(|kib| kib.parse::<u64>().ok())
            .map(|kib| kib << 10))
    }

    /// What is below some paths in a folder: names that end in zeros, and as many lines of numbers.
    pub async fn list(
        &mut self,
        folder: &str,
        paths: &[&str],
    ) -> Result<(Vec<u8>, Vec<u8>), Trouble> {
        let block = block(paths);
        self.wire.tell(&format!("list {folder} {}", block.len()), &[&block]).await?;
        let names = self.wire.until_empty(0).await?;
        let numbers = self.wire.until_empty(b'\n').await?;
        Ok((names, numbers))
    }

    /// Where some links lead.
    pub async fn targets(&mut self, paths: &[&str]) -> Result<Vec<String>, Trouble> {
        let block = block(paths);
        self.wire.tell(&format!("targets {}", block.len()), &[&block]).await?;
        let all = self.wire.until_empty(0).await?;
        let all = all.split(|byte| *byte == 0).filter(|target| !target.is_empty());
        let text = |target: &[u8]| String::from_utf8(target.strip_suffix(b"\n")?.to_vec()).ok();
        Ok(all.map(|target| text(target).unwrap_or_default()).collect())
    }

    /// The lines of SHA-256 of some files in a folder.
    pub async fn sums(&mut self, folder: &str, paths: &[&str]) -> Result<Vec<u8>, Trouble> {
        let block = block(paths);
        self.wire.tell(&format!("sums {folder} {}", block.len()), &[&block]).await?;
        self.wire.until_empty(b'\n').await
    }

    /// The SHA-256 of the first bytes of a file.
    pub async fn prefix(&mut self, path: &str, length: u64) -> Result<Digest, Trouble> {
        self.wire.tell(&format!("prefix {} {length}", spelled(path)), &[]).await?;
        let answer = self.wire.line().await?;
        match answer.get(..64).and_then(|digits| digits.parse().ok()) {
            Some(digest) => Ok(digest),
            None => Err(self.wire.failed(answer).await),
        }
    }

    /// A small file; none if there is none.
    pub async fn show(&mut self, path: &str) -> Result<Option<Vec<u8>>, Trouble> {
        self.wire.tell(&format!("show {}", spelled(path)), &[]).await?;
        let answer = self.wire.line().await?;
        match answer.strip_prefix("data ").and_then(|length| length.parse().ok()) {
            Some(length) if length <= LONGEST_LIST => self.wire.exact(length).await.map(Some),
            _ if answer == "none" => Ok(None),
            _ => Err(self.wire.failed(answer).await),
        }
    }

    /// Write a small file.
    pub async fn put(&mut self, path: &str, bytes: &[u8]) -> Result<(), Trouble> {
        self.done(&format!("put {} {}", spelled(path), bytes.len()), &[bytes]).await
    }

    /// Make a folder and those above it.
    pub async fn folder(&mut self, path: &str) -> Result<(), Trouble> {
        self.done(&format!("folder {}", spelled(path)), &[]).await
    }

    /// Send an archive of files. Gives what the answer must be, which is not waited for.
    pub async fn send_tree(&mut self, archive: &[u8]) -> Result<String, Trouble> {
        self.send(&format!("tree {}", archive.len()), archive).await
    }

    /// Send a piece of a file. Gives what the answer must be, which is not waited for.
    pub async fn send_piece(
        &mut self,
        path: &str,
        from: u64,
        bytes: &[u8],
    ) -> Result<String, Trouble> {
        self.send(&format!("piece {} {from} {}", spelled(path), bytes.len()), bytes).await
    }

    /// Send data with the line behind it by which it is known to be whole.
    async fn send(&mut self, line: &str, data: &[u8]) -> Result<String, Trouble> {
        self.wire.tell(line, &[data, b"\n"]).await?;
        Ok(self.check.of(data))
    }

    /// Whether what was sent has arrived with this checksum, and is in its place.
    pub async fn arrived(&mut self, checksum: &str) -> Result<bool, Trouble> {
        let answer = self.wire.line().await?;
        if answer.starts_with("failed") {
            return Err(self.wire.failed(answer).await);
        }
        Ok(answer.split(' ').next() == Some(checksum))
    }

    /// Give a file that was sent in pieces its mode and its time.
    pub async fn finish(&mut self, path: &str, mode: u32, mtime: i64) -> Result<(), Trouble> {
        self.done(&format!("finish {} {mode:o} {mtime}", spelled(path)), &[]).await
    }

    /// Move some files and folders into a folder.
    pub async fn move_to(&mut self, paths: &[&str], folder: &str) -> Result<(), Trouble> {
        let mut all = paths.to_vec();
        all.push(folder);
        let block = block(&all);
        self.done(&format!("move {}", block.len()), &[&block]).await
    }

    /// Remove some files and folders with all that is in them.
    pub async fn remove(&mut self, paths: &[&str]) -> Result<(), Trouble> {
        let block = block(paths);
        self.done(&format!("drop {}", block.len()), &[&block]).await
    }

    /// Remove those of some folders that are empty.
    pub async fn drop_empty(&mut self, paths: &[&str]) -> Result<(), Trouble> {
        let block = block(paths);
        self.done(&format!("empty {}", block.len()), &[&block]).await
    }

    /// Give some folders their modes.
    pub async fn modes(&mut self, modes: &[(u32, &str)]) -> Result<(), Trouble> {
        let mut block = Vec::new();
        for (mode, path) in modes {
            block.extend_from_slice(format!("{mode:o}\0./{path}\0").as_bytes());
        }
        self.done(&format!("modes {}", block.len()), &[&block]).await
    }

    /// Ask for a piece of a file; the answer is not waited for.
    pub async fn ask_piece(&mut self, path: &str, from: u64, length: u64) -> Result<(), Trouble> {
        self.wire.tell(&format!("part {} {from} {length}", spelled(path)), &[]).await
    }

    /// The answer to that: the bytes, as many as there are.
    pub async fn piece(&mut self) -> Result<Vec<u8>, Trouble> {
        let answer = self.wire.line().await?;
        let length = answer.strip_prefix("data ").and_then(|length| length.parse().ok());
        let Some(length) = length.filter(|length| *length <= LONGEST_LIST) else {
            return Err(self.wire.failed(answer).await);
        };
        let bytes = self.wire.exact(length).await?;
        self.end_of_data().await?;
        Ok(bytes)
    }

    /// Ask for the contents of some files; the answer is not waited for.
    pub async fn ask_contents(&mut self, paths: &[&str]) -> Result<(), Trouble> {
        let block = block(paths);
        self.wire.tell(&format!("contents {}", block.len()), &[&block]).await
    }

    /// The answer to that: so many bytes together.
    pub async fn contents(&mut self, length: usize) -> Result<Vec<u8>, Trouble> {
        let bytes = self.wire.exact(length).await?;
        self.end_of_data().await?;
        Ok(bytes)
    }

    async fn end_of_data(&mut self) -> Result<(), Trouble> {
        match self.wire.line().await?.as_str() {
            "" => Ok(()),
            _ => Err(Trouble::Lost("a file changed while it was read".into())),
        }
    }

    /// A command that answers with a word.
    async fn done(&mut self, line: &str, data: &[&[u8]]) -> Result<(), Trouble> {
        self.wire.tell(line, data).await?;
        self.expect("ok").await
    }

    async fn expect(&mut self, word: &str) -> Result<(), Trouble> {
        let answer = self.wire.line().await?;
        if answer == word { Ok(()) } else { Err(self.wire.failed(answer).await) }
    }
}

/// A path as `printf %b` reads it.
fn spelled(path: &str) -> String {
    let mut spelled = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'.' | b'_' | b'-') {
            spelled.push(char::from(byte));
        } else {
            write!(spelled, "\\0{byte:03o}").expect("a text can be written to");
        }
    }
    spelled
}

/// Paths as tools read them: from here, each with a zero behind it.
fn block(paths: &[&str]) -> Vec<u8> {
    let mut block = Vec::new();
    for path in paths {
        block.extend_from_slice(b"./");
        block.extend_from_slice(path.as_bytes());
        block.push(0);
    }
    block
}
