//! A folder of one test: new at the beginning, removed at the end.

use std::fs;
use std::path::{Path, PathBuf};
use std::process;

use super::workspace;

pub struct Folder(PathBuf);

impl Folder {
    /// An empty folder that no other test and no other run uses.
    pub fn new(name: &str) -> Self {
        let path = workspace().join("target/tests").join(format!("{name}-{}", process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).expect("a folder for the test can be made");
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// A place in the folder.
    pub fn join(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// A text with `NAME` in place of this folder.
    pub fn hidden(&self, text: &str, name: &str) -> String {
        text.replace(&self.0.display().to_string(), name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
