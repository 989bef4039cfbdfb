//! Symbolic links of an output.

use super::{at, make_folder};
use crate::cluster::staging::fault::Fault;
use crate::cluster::staging::progress::Progress;
use crate::cluster::staging::session::Session;
use std::fs;
use std::path::{Path, PathBuf};

/// A symbolic link that is made here too.
pub struct Link {
    /// The path on the claim.
    pub path: String,
    /// The number of folders of its output above it.
    pub depth: usize,
    /// Where it goes.
    pub local: PathBuf,
}

/// Make links that stay inside their output; others are told and left out.
pub async fn link_all(
    session: &mut Session,
    links: &[Link],
    progress: &mut Progress<'_>,
) -> Result<(), Fault> {
    if links.is_empty() {
        return Ok(());
    }
    let paths: Vec<&str> = links.iter().map(|link| link.path.as_str()).collect();
    let targets = session.targets(&paths).await?;
    for (Link { path, depth, local }, target) in links.iter().zip(targets) {
        if target.is_empty() || !stays_inside(*depth, &target) {
            progress.warn(format!("link `{path}` leads out of its output: it is left out"));
            continue;
        }
        make_folder(local.parent().unwrap_or(Path::new("/")))?;
        match fs::symlink_metadata(local) {
            Ok(found) if found.file_type().is_symlink() => {
                fs::remove_file(local).map_err(at(local))?;
            }
            Ok(_) => {
                return Err(Fault::Elsewhere(local.clone(), "stands where a link must go"));
            }
            Err(_) => {}
        }
        std::os::unix::fs::symlink(&target, local).map_err(at(local))?;
    }
    Ok(())
}

/// Whether a link below so many folders of its output leads to somewhere in it.
fn stays_inside(mut depth: usize, target: &str) -> bool {
    if target.starts_with('/') {
        return false;
    }
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." if depth == 0 => return false,
            ".." => depth -= 1,
            _ => depth += 1,
        }
    }
    true
}
