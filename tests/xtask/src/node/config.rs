//! What a node is told by its starter, as a file in its folder. Every path that a component is
//! given follows from it.

use crate::error::{Doing, Result};
use crate::patience::Patience;
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::{Path, PathBuf};

/// What a node is told.
#[derive(Debug, Serialize, Deserialize)]
pub struct Config {
    /// The folder of the cluster.
    pub folder: PathBuf,
    /// The folder of the built programs.
    pub bin: PathBuf,
    /// The name of the cgroup of its pods.
    pub cgroup: String,
    /// Whether it ends when nobody reads its stdout any more.
    pub ephemeral: bool,
    /// How long the start of each part may take.
    pub patience: Patience,
}

impl Config {
    /// Read it.
    pub fn load(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path).doing(|| format!("read `{}`", path.display()))?;
        serde_json::from_str(&text).doing(|| format!("understand `{}`", path.display()))
    }

    /// Write it into the folder of the cluster and return the path of the file.
    pub fn save(&self) -> Result<PathBuf> {
        let path = self.folder.join("node.json");
        let text = serde_json::to_string(self).doing(|| "spell the node's settings".into())?;
        fs::write(&path, text).doing(|| format!("write `{}`", path.display()))?;
        Ok(path)
    }

    /// A path in the folder of the cluster, as text for a command line.
    pub fn path(&self, relative: &str) -> String {
        self.folder.join(relative).to_string_lossy().into_owned()
    }

    /// A built program.
    pub fn program(&self, name: &str) -> PathBuf {
        self.bin.join(name)
    }

    /// Where containerd listens.
    pub fn containerd_socket(&self) -> PathBuf {
        self.folder.join("containerd/containerd.sock")
    }
}
