//! What the tests share: where things lie, policies built once, the program as a command.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The root of the workspace.
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the host lies below the workspace").to_owned()
}

/// The folder with the built policies, which are built first if they are not fresh.
pub fn policies() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let packages = ["node-selector", "gpu-resources", "pvc-remap", "caller", "hostile", "looker"];
        let target = workspace().join("target");
        let status = Command::new(env!("CARGO"))
            .args(["build", "--quiet", "--profile", "policy", "--target", "wasm32-unknown-unknown"])
            .args(packages.iter().flat_map(|package| ["--package", package]))
            .arg("--target-dir")
            .arg(&target)
            .current_dir(workspace())
            .status()
            .expect("cargo can be started");
        assert!(
            status.success(),
            "the policies do not build: is the target installed? `rustup target add wasm32-unknown-unknown`"
        );
        target.join("wasm32-unknown-unknown/policy")
    })
}

/// The built file of a policy.
#[allow(dead_code, reason = "not every test needs it")]
pub fn policy(name: &str) -> PathBuf {
    policies().join(format!("{}.wasm", name.replace('-', "_")))
}

/// The program, away from the user's own configuration.
#[allow(dead_code, reason = "not every test needs it")]
pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mlcube-k8s"));
    let home = workspace().join("target/tests/home");
    std::fs::create_dir_all(&home).expect("a home for the tests can be made");
    command.env("HOME", &home).env_remove("KUBECONFIG").env_remove("MLCUBE_K8S_POLICIES");
    command.env_remove("XDG_CONFIG_HOME").env_remove("XDG_CACHE_HOME").current_dir(workspace());
    command
}
