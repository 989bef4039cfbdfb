//! The programs of Kubernetes: built once from the Go module in `kubernetes/`, then kept in the
//! cache under a hash of that module. The folder `bin` exists only when it is complete.

mod build;
mod progress;

use crate::cache::{self, Cache};
use crate::error::{Doing, Result};
use crate::prerequisites::{self, Installing};
use crate::{say, workspace};
use std::fs;
use std::path::{Path, PathBuf};

/// All that decides what the programs are.
const SOURCES: [&str; 3] = ["go.mod", "go.sum", "main.go"];

/// Check what the build needs, unless the programs are there.
pub fn check(cache: &Cache, installing: Installing) -> Result<()> {
    if bin(cache)?.exists() {
        return Ok(());
    }
    prerequisites::for_build(installing)?;
    build::check_room(&folder(cache)?)
}

/// Make sure that the programs are there and return their folder.
pub fn ensure(cache: &Cache, installing: Installing) -> Result<PathBuf> {
    check(cache, installing)?;
    let (folder, bin) = (folder(cache)?, bin(cache)?);
    if bin.exists() {
        return Ok(bin);
    }
    let _lock = cache::lock(&folder, || say::step("another command builds Kubernetes: waiting"))?;
    if !bin.exists() {
        build::run(&source(), &folder, &bin)?;
    }
    Ok(bin)
}

fn folder(cache: &Cache) -> Result<PathBuf> {
    let folder = cache.kubernetes();
    fs::create_dir_all(&folder).doing(|| format!("create `{}`", folder.display()))?;
    Ok(folder)
}

fn bin(cache: &Cache) -> Result<PathBuf> {
    let read = |name| {
        let path = source().join(name);
        fs::read(&path).doing(|| format!("read `{}`", path.display()))
    };
    let sources = SOURCES.iter().map(read).collect::<Result<Vec<_>>>()?;
    let parts: Vec<&[u8]> = sources.iter().map(Vec::as_slice).collect();
    Ok(cache.kubernetes().join(cache::key(&parts, 16)).join("bin"))
}

/// The folder of the Go module.
fn source() -> PathBuf {
    Path::new(&workspace::helper()).join("kubernetes")
}
