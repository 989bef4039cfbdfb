//! The Cargo workspace: its folder, its target folder, its policies. A guest policy is a package
//! with a `cdylib`; no list of their names is kept anywhere.

use crate::error::{Doing, Error, Result};
use crate::program;
use serde_json::Value;
use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The target of every guest policy.
pub const GUEST_TARGET: &str = "wasm32-unknown-unknown";
/// The Cargo profile of a shipped policy.
pub const GUEST_PROFILE: &str = "policy";

/// The workspace as Cargo describes it.
#[derive(Debug)]
pub struct Workspace {
    /// The folder of the workspace's `Cargo.toml`.
    pub root: PathBuf,
    /// Where Cargo puts what it builds.
    pub target: PathBuf,
    /// The packages that are policies, by name.
    pub guests: Vec<String>,
}

impl Workspace {
    /// Ask Cargo.
    pub fn read() -> Result<Self> {
        let mut command = cargo();
        command.args(["metadata", "--no-deps", "--format-version=1"]).current_dir(helper());
        let text = program::read(&mut command)?;
        let metadata: Value =
            serde_json::from_str(&text).doing(|| "read the answer of `cargo metadata`".into())?;
        let folder = |key: &str| {
            metadata[key]
                .as_str()
                .map(PathBuf::from)
                .ok_or_else(|| Error::new(format!("`cargo metadata` does not contain `{key}`")))
        };
        Ok(Workspace {
            root: folder("workspace_root")?,
            target: folder("target_directory")?,
            guests: guests(&metadata),
        })
    }

    /// The selection of every package but the guests, which are built for wasm only. Cargo unites
    /// the features of all that is selected: what is built with another selection is built again.
    pub fn native(&self) -> Vec<&str> {
        let excluded = self.guests.iter().flat_map(|guest| ["--exclude", guest.as_str()]);
        std::iter::once("--workspace").chain(excluded).collect()
    }

    /// Where Cargo puts a policy: `node-selector` becomes `…/policy/node_selector.wasm`.
    pub fn module(&self, guest: &str) -> PathBuf {
        let file = format!("{}.wasm", guest.replace('-', "_"));
        self.target.join(GUEST_TARGET).join(GUEST_PROFILE).join(file)
    }
}

/// The folder of this helper.
pub fn helper() -> PathBuf {
    let at_run_time = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    at_run_time
        .filter(|folder| folder.join("kubernetes/go.mod").exists())
        .unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).to_owned())
}

/// The Cargo that started this helper, without what it told the helper of the helper's own package.
/// ring's build script asks for such variables: where they change, it and all that uses it is built again.
pub fn cargo() -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")));
    for (name, _) in env::vars_os() {
        if ["CARGO_PKG_", "CARGO_MANIFEST_"]
            .iter()
            .any(|prefix| name.to_string_lossy().starts_with(prefix))
        {
            cargo.env_remove(name);
        }
    }
    cargo
}

fn guests(metadata: &Value) -> Vec<String> {
    let is = |target: &Value, kind: &str| {
        target["crate_types"].as_array().is_some_and(|kinds| kinds.iter().any(|k| k == kind))
    };
    let packages = metadata["packages"].as_array().map(Vec::as_slice).unwrap_or_default();
    packages
        .iter()
        .filter(|package| {
            let targets = package["targets"].as_array().map(Vec::as_slice).unwrap_or_default();
            targets.iter().any(|target| is(target, "cdylib"))
        })
        .filter_map(|package| package["name"].as_str().map(str::to_owned))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guests_are_the_packages_with_a_cdylib() {
        let metadata = serde_json::json!({"packages": [
            {"name": "mlcube-k8s", "targets": [{"crate_types": ["lib"]}, {"crate_types": ["bin"]}]},
            {"name": "node-selector", "targets": [{"crate_types": ["cdylib"]}]},
            {"name": "pvc-remap", "targets": [{"crate_types": ["rlib", "cdylib"]}]},
        ]});
        assert_eq!(guests(&metadata), ["node-selector", "pvc-remap"]);
    }
}
