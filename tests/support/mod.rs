//! Support of the tests: one module for each thing that a test has in hand.

#![allow(dead_code, unused_imports, reason = "no test binary uses everything")]

pub mod caller;
pub mod cluster;
pub mod cube;
pub mod cutter;
pub mod desk;
pub mod diagnosis;
pub mod dice;
pub mod events;
pub mod folder;
pub mod forwarder;
pub mod jobs;
pub mod k8s;
pub mod policy;
pub mod process;
pub mod proxy;
pub mod rows;
pub mod stand_in;
pub mod team;
pub mod terminal;

pub use folder::Folder;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::de::DeserializeOwned;

/// The root of the workspace.
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the host lies below the workspace")
        .to_owned()
}

/// The folder of the cases, or a place below it.
pub fn cases(place: &str) -> PathBuf {
    workspace().join("tests/cases").join(place)
}

/// The content of a YAML file below `tests/cases/`.
pub fn read<T: DeserializeOwned>(place: &str) -> T {
    read_yaml(&cases(place))
}

/// The content of a YAML file.
pub fn read_yaml<T: DeserializeOwned>(path: &Path) -> T {
    let text = fs::read_to_string(path)
        .unwrap_or_else(|error| unreachable!("{}: {error}", path.display()));
    serde_saphyr::from_str(&text)
        .unwrap_or_else(|error| unreachable!("{}: {error}", path.display()))
}

/// The files of a folder that have an ending, by name: each with its stem.
pub fn files(folder: &Path, ending: &str) -> Vec<(String, PathBuf)> {
    let entries =
        fs::read_dir(folder).unwrap_or_else(|error| unreachable!("{}: {error}", folder.display()));
    let paths = entries.flatten().map(|entry| entry.path());
    let chosen = paths.filter(|path| path.extension().is_some_and(|found| found == ending));
    let stem = |path: PathBuf| Some((path.file_stem()?.to_string_lossy().into_owned(), path));
    let mut files: Vec<_> = chosen.filter_map(stem).collect();
    files.sort();
    files
}

/// The program, away from the user's own configuration.
pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mlcube-k8s"));
    command.env("HOME", home()).env_remove("KUBECONFIG").env_remove("MLCUBE_K8S_POLICIES");
    command.env_remove("XDG_STATE_HOME").env_remove("MLCUBE_K8S_STATE");
    command.env_remove("XDG_CONFIG_HOME").env_remove("XDG_CACHE_HOME").current_dir(workspace());
    command
}

/// A home folder for the program under test.
pub fn home() -> PathBuf {
    let home = workspace().join("target/tests/home");
    fs::create_dir_all(&home).expect("a home for the tests can be made");
    home
}
