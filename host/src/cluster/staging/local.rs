//! The local files of a load, read as they were found: one that has changed meanwhile is told.

use super::Fault;
use crate::files::{self, LocalEntry};
use std::fs::File;
use std::io::{ErrorKind, Read};

/// A small file.
pub fn read_whole(local: &LocalEntry, size: u64) -> Result<Vec<u8>, Fault> {
    let mut file = open(local)?;
    let mut bytes = vec![0; usize::try_from(size).expect("it is small")];
    read_piece(&mut file, local, &mut bytes)?;
    match file.read(&mut [0]) {
        Ok(0) => Ok(bytes),
        _ => Err(Fault::Changed(local.local.clone())),
    }
}

/// The next bytes of a file.
pub fn read_piece(file: &mut File, local: &LocalEntry, bytes: &mut [u8]) -> Result<(), Fault> {
    match file.read_exact(bytes) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
            Err(Fault::Changed(local.local.clone()))
        }
        Err(error) => Err(Fault::Local(local.local.clone(), error)),
    }
}

/// Open a file; a link is not followed.
pub fn open(local: &LocalEntry) -> Result<File, Fault> {
    files::open_own(&local.local).map_err(|error| Fault::Local(local.local.clone(), error))
}
