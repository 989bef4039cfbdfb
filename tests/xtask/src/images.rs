//! The container images of the project: made without an engine, and kept as tar files under a hash
//! of all that went into them.

mod busybox;
mod debian;
mod digits;
mod layout;
mod pause;
mod tree;

pub use busybox::test;
pub use digits::{data as digits_data, digits};
pub use pause::{PAUSE, pause};

use crate::cache::{self, Cache};
use crate::error::{Doing, Result};
use crate::say;
use layout::Settings;
use std::fs;
use std::path::{Path, PathBuf};

/// An image as a file that containerd, docker and podman can load.
#[derive(Debug, Clone)]
pub struct Image {
    /// What a container calls it.
    pub reference: &'static str,
    /// A hash of what went into it.
    pub key: String,
    /// An OCI layout as a tar file.
    pub file: PathBuf,
}

/// Find an image in the cache, or make it: `fill` puts the files into an empty folder.
fn make(
    cache: &Cache,
    settings: &Settings,
    inputs: &[&[u8]],
    fill: impl FnOnce(&Path) -> Result<()>,
) -> Result<Image> {
    let folder = cache.images();
    let spelled = format!("{settings:?}");
    let key = cache::key(&[&[spelled.as_bytes()], inputs].concat(), 16);
    let file = folder.join(format!("{key}.tar"));
    let image = Image { reference: settings.reference, key, file };
    if image.file.exists() {
        return Ok(image);
    }
    let _lock = cache::lock(&folder, || say::step("another command makes an image: waiting"))?;
    if image.file.exists() {
        return Ok(image);
    }
    say::step(format!("making the image `{}`", image.reference));
    // The lock is ours: whatever lies there was left by a command that died.
    let work = folder.join("work");
    if work.exists() {
        fs::remove_dir_all(&work).doing(|| format!("empty `{}`", work.display()))?;
    }
    let root = work.join("root");
    fs::create_dir_all(&root).doing(|| format!("create `{}`", root.display()))?;
    fill(&root)?;
    let tar = work.join("image.tar");
    layout::write(&root, settings, &work, &tar)?;
    fs::rename(&tar, &image.file).doing(|| format!("fill `{}`", image.file.display()))?;
    fs::remove_dir_all(&work).doing(|| format!("remove `{}`", work.display()))?;
    Ok(image)
}
