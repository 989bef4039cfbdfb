//! The program as it is typed: every `.trycmd` file is a list of commands with their exit codes and
//! what they print, and so is a page of the documentation. `TRYCMD=overwrite cargo test --test rows
//! cli/` writes down what is printed now.

use std::env;
use std::path::{Path, PathBuf};
use std::time::Duration;

use libtest_mimic::Trial;
use serde_json::{Value, json};

use crate::support::policy;
use crate::support::{cases, files, home, process, workspace};
use crate::trials;

/// How long the commands of one file may take together: far more than they do on a slow machine.
const PATIENCE: Duration = Duration::from_secs(300);
/// The settings that `tests/cases/settings/` is about.
const SYSTEM: &str = "tests/cases/settings/system.yaml";

/// The commands without system settings.
pub fn cli() -> Vec<Trial> {
    trials("cli", files(&cases("cli"), "trycmd"), |file| file.0.clone(), |file| check(&file.1, ""))
}

/// Platforms of the system settings, and how they shape the Pod.
pub fn settings() -> Vec<Trial> {
    trials(
        "settings",
        files(&cases("settings"), "trycmd"),
        |file| file.0.clone(),
        |file| check(&file.1, SYSTEM),
    )
}

/// The documentation is true.
pub fn docs() -> Vec<Trial> {
    let page = |(name, place): (&'static str, &str)| (name, workspace().join(place));
    let pages =
        [("readme", "README.md"), ("cubes", "docs/cubes.md"), ("policies", "docs/policies.md")]
            .map(page);
    trials("docs", pages, |page| page.0, |page: (&str, PathBuf)| check(&page.1, ""))
}

/// Each file has a process of its own: what it prints is shown only when it fails.
fn check(file: &Path, system_settings: &str) {
    // The cases name the policies by their place in the workspace.
    policy::built();
    let asked = json!({"file": file, "system": system_settings});
    match process::work(&format!("commands {asked}"), PATIENCE) {
        Ok(_) => {}
        Err(failure) => panic!("{failure}"),
    }
}

/// Try the commands of a file.
pub fn work(asked: &str) {
    let asked: Value = serde_json::from_str(asked).expect("it is JSON");
    let text = |key: &str| asked[key].as_str().expect("a text");
    env::set_current_dir(workspace()).expect("the workspace is there");
    trycmd::TestCases::new()
        .env("HOME", home().display().to_string())
        .env("XDG_CONFIG_HOME", "")
        .env("XDG_CACHE_HOME", "")
        .env("KUBECONFIG", "")
        .env("MLCUBE_K8S_POLICIES", "")
        .env("MLCUBE_SYSTEM_SETTINGS", text("system"))
        .register_bin("mlcube-k8s", Path::new(env!("CARGO_BIN_EXE_mlcube-k8s")))
        .case(text("file"));
}
