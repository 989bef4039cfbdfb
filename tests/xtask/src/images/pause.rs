//! The image of the container that holds the namespaces of a pod: it ends when told, and reaps what
//! the pod leaves behind.

use super::{Image, Settings, make};
use crate::cache::Cache;
use crate::error::{Doing, Result};
use crate::program;
use std::fs;
use std::process::Command;

/// What containerd calls it.
pub const PAUSE: &str = "localhost/mlcube-pause:1";

const SOURCE: &str = include_str!("pause.c");

/// The image, made if it is not in the cache.
pub fn pause(cache: &Cache) -> Result<Image> {
    let settings = Settings { reference: PAUSE, entrypoint: &["/pause"], ..Settings::default() };
    make(cache, &settings, &[SOURCE.as_bytes()], |root| {
        let source = root.with_extension("c");
        fs::write(&source, SOURCE).doing(|| format!("write `{}`", source.display()))?;
        let mut compile = Command::new("cc");
        compile.args(["-Os", "-s", "-static", "-o"]).arg(root.join("pause")).arg(&source);
        program::read(&mut compile).map(drop)
    })
}
