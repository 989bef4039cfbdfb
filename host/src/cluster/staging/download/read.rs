//! Files on their way from a claim: small ones many at once, large ones in pieces.

use super::{Get, at};
use crate::cluster::staging::claim::PATHS;
use crate::cluster::staging::fault::Fault;
use crate::cluster::staging::progress::Progress;
use crate::cluster::staging::session::Session;
use crate::staging::{Digest, PIECE};
use sha2::{Digest as _, Sha256};
use std::collections::VecDeque;

/// How many answers are asked for and not read.
const WINDOW: usize = 3;

/// Read files: small ones many at once.
pub async fn read_all(
    session: &mut Session,
    gets: &[Get],
    progress: &mut Progress<'_>,
) -> Result<(), Fault> {
    let (small, large): (Vec<&Get>, Vec<&Get>) =
        gets.iter().partition(|get| get.stat.size <= PIECE);
    let mut asked: VecDeque<&[&Get]> = VecDeque::new();
    let mut rest = &small[..];
    while !rest.is_empty() || !asked.is_empty() {
        while asked.len() < WINDOW && !rest.is_empty() {
            let (batch, left) = rest.split_at(batch(rest));
            let paths: Vec<&str> = batch.iter().map(|get| get.path.as_str()).collect();
            session.ask_contents(&paths).await?;
            asked.push_back(batch);
            rest = left;
        }
        let Some(batch) = asked.pop_front() else { break };
        let length: u64 = batch.iter().map(|get| get.stat.size).sum();
        let all = session.contents(usize::try_from(length).expect("a batch is small")).await?;
        let mut bytes = &all[..];
        for get in batch {
            let (content, left) = bytes.split_at(usize::try_from(get.stat.size).expect("small"));
            put(get, content)?;
            bytes = left;
        }
        progress.add(batch.len(), length);
    }
    for get in large {
        read_large(session, get, progress).await?;
    }
    Ok(())
}

/// How many of the first files go together.
fn batch(gets: &[&Get]) -> usize {
    let mut bytes = 0;
    let fits = gets.iter().take(PATHS).take_while(|get| {
        bytes += get.stat.size;
        bytes <= PIECE
    });
    fits.count().max(1)
}

fn put(get: &Get, content: &[u8]) -> Result<(), Fault> {
    if Digest::of(content) != get.digest {
        return Err(Fault::lost(format!("`{}` did not arrive as it is, or changes", get.path)));
    }
    let mut part = get.collect()?;
    let done = part.keep(0, |_| {}).and_then(|()| part.add(content));
    done.map_err(at(&get.local))?;
    get.finish(part)
}

/// Read a file in pieces, from where an attempt before has ended.
async fn read_large(
    session: &mut Session,
    get: &Get,
    progress: &mut Progress<'_>,
) -> Result<(), Fault> {
    let (mut part, size) = (get.collect()?, get.stat.size);
    let there = part.length().map_err(at(&get.local))?.min(size) / PIECE * PIECE;
    let mut whole = Sha256::new();
    part.keep(there, |bytes| whole.update(bytes)).map_err(at(&get.local))?;
    let (mut asked, mut read) = (there, there);
    while read < size {
        while asked < size && asked - read < WINDOW as u64 * PIECE {
            session.ask_piece(&get.path, asked, PIECE.min(size - asked)).await?;
            asked += PIECE.min(size - asked);
        }
        let piece = session.piece().await?;
        if piece.len() as u64 != PIECE.min(size - read) {
            return Err(Fault::lost(format!("`{}` changes while it is read", get.path)));
        }
        whole.update(&piece);
        part.add(&piece).map_err(at(&get.local))?;
        read += piece.len() as u64;
        progress.add(usize::from(read == size), piece.len() as u64);
    }
    if Digest::from(whole) != get.digest {
        part.discard().map_err(at(&get.local))?;
        return Err(Fault::lost(format!("`{}` did not arrive as it is, or changes", get.path)));
    }
    get.finish(part)
}
