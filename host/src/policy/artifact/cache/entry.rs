//! One entry of the cache: native code, then facts about it, then the length of the facts, then a
//! checksum of it all. The code comes first, so that it runs where the file is mapped, without a
//! copy.

use super::{Cached, Name};
use crate::policy::Description;
use crate::policy::artifact::native::{Native, load_file};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::panic::resume_unwind;
use std::thread;
use wasmtime::Engine;
use xxhash_rust::xxh3::xxh3_128;

/// The ending of an entry's name.
pub const ENDING: &str = "cwasm";

const LENGTH: usize = size_of::<u64>();
const CHECKSUM: usize = size_of::<u128>();
/// The checksum is that of the checksums of blocks of so many bytes: they stay in the processor's
/// cache, and on the stack.
const BLOCK: usize = 32 << 10;
/// An entry with more blocks is checked by two threads: for a smaller one the second would begin
/// when the first has ended.
const MANY: u64 = 128;

/// The facts of an entry: the policy's file, the target, and the description of the policy.
#[derive(Serialize, Deserialize)]
struct Facts {
    source: String,
    target: String,
    #[serde(flatten)]
    description: Description,
}

/// The bytes of an entry.
pub fn bytes(native: &Native, name: &Name, description: &Description) -> Option<Vec<u8>> {
    let facts = Facts {
        source: name.source.clone(),
        target: name.target.clone(),
        description: description.clone(),
    };
    let facts = serde_json::to_vec(&facts).ok()?;
    let mut bytes = [native.as_bytes(), &facts].concat();
    bytes.extend_from_slice(&(facts.len() as u64).to_le_bytes());
    seal(&mut bytes);
    Some(bytes)
}

/// Append the checksum of all bytes.
pub fn seal(bytes: &mut Vec<u8>) {
    let checksum = of_blocks(bytes.chunks(BLOCK).map(xxh3_128));
    bytes.extend_from_slice(&checksum.to_le_bytes());
}

/// Load an entry, if it is whole and has the right name.
pub fn load(engine: &Engine, file: &File, length: u64, name: &Name) -> Option<Cached> {
    let facts = check(file, length).ok()??;
    if (&facts.source, &facts.target) != (&name.source, &name.target) {
        return None;
    }
    Some(Cached { component: load_file(engine, file)?, description: facts.description })
}

/// The facts of an entry of this length whose checksum is right.
fn check(file: &File, length: u64) -> io::Result<Option<Facts>> {
    let Some(checked) = length.checked_sub(CHECKSUM as u64) else { return Ok(None) };
    if checksum(file, checked)? != u128::from_le_bytes(tail::<CHECKSUM>(file, length)?) {
        return Ok(None);
    }
    let Some(end) = checked.checked_sub(LENGTH as u64) else { return Ok(None) };
    let Some(start) = end.checked_sub(u64::from_le_bytes(tail(file, checked)?)) else {
        return Ok(None);
    };
    let mut facts = vec![0; usize::try_from(end - start).map_err(io::Error::other)?];
    file.read_exact_at(&mut facts, start)?;
    Ok(serde_json::from_slice(&facts).ok())
}

/// The checksum of the first bytes of a file. It detects damage, not forgery: whoever could forge
/// an entry could replace this program.
fn checksum(file: &File, length: u64) -> io::Result<u128> {
    let blocks = length.div_ceil(BLOCK as u64);
    let half = if blocks > MANY { blocks / 2 } else { 0 };
    let both = thread::scope(|scope| {
        let first = (half > 0).then(|| scope.spawn(|| checksums(file, length, 0..half)));
        let second = checksums(file, length, half..blocks)?;
        let first = first.map_or(Ok(Vec::new()), |first| {
            first.join().unwrap_or_else(|panic| resume_unwind(panic))
        })?;
        io::Result::Ok([first, second].concat())
    })?;
    Ok(of_blocks(both.into_iter()))
}

/// The checksums of some blocks of a file.
fn checksums(file: &File, length: u64, blocks: Range<u64>) -> io::Result<Vec<u128>> {
    let mut bytes = [0; BLOCK];
    let checksum = |block: u64| {
        let start = block * BLOCK as u64;
        let size = usize::try_from(length - start).unwrap_or(BLOCK).min(BLOCK);
        file.read_exact_at(&mut bytes[..size], start)?;
        Ok(xxh3_128(&bytes[..size]))
    };
    blocks.map(checksum).collect()
}

/// The checksum of checksums.
fn of_blocks(checksums: impl Iterator<Item = u128>) -> u128 {
    xxh3_128(&checksums.flat_map(u128::to_le_bytes).collect::<Vec<_>>())
}

/// The last bytes of the first bytes of a file.
fn tail<const N: usize>(file: &File, length: u64) -> io::Result<[u8; N]> {
    let mut tail = [0; N];
    file.read_exact_at(&mut tail, length.saturating_sub(N as u64))?;
    Ok(tail)
}
