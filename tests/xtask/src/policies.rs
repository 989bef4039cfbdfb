//! Owns how the guest policies are built.
//! Invariant: every package with a `cdylib` is built, and every one built is a file that exists.

use std::path::PathBuf;

use crate::{
    error::{Error, Result},
    prerequisites::{self, Installing},
    program, say,
    workspace::{self, GUEST_PROFILE, GUEST_TARGET, Workspace},
};

/// Builds them and returns where they lie.
pub fn build(workspace: &Workspace, installing: Installing) -> Result<Vec<PathBuf>> {
    if workspace.guests.is_empty() {
        return Err(Error::new("the workspace has no guest policy: no package has a `cdylib`"));
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
        Some(module) => Err(Error::new(format!("the build made no `{}`", module.display()))),
    }
}
