//! The guest policies are built: every package with a `cdylib`, each into a file that is checked to
//! exist.

use crate::error::{Error, Result};
use crate::prerequisites::{self, Installing};
use crate::workspace::{self, GUEST_PROFILE, GUEST_TARGET, Workspace};
use crate::{program, say};
use std::path::PathBuf;

/// Build them and return where they lie.
pub fn build(workspace: &Workspace, installing: Installing) -> Result<Vec<PathBuf>> {
    if workspace.guests.is_empty() {
        return Err(Error::new("the workspace has no policies: no package has a `cdylib`"));
    }
    prerequisites::for_policies(installing)?;
    say::step(format!("building the policies: {}", workspace.guests.join(", ")));
    let mut build = workspace::cargo();
    build.args(["build", "--profile", GUEST_PROFILE, "--target", GUEST_TARGET]);
    for guest in &workspace.guests {
        build.args(["--package", guest]);
    }
    program::show(build.current_dir(&workspace.root))?;
    let modules: Vec<PathBuf> = workspace.guests.iter().map(|g| workspace.module(g)).collect();
    match modules.iter().find(|module| !module.exists()) {
        None => Ok(modules),
        Some(module) => Err(Error::new(format!("the build did not make `{}`", module.display()))),
    }
}
