//! A folder for a test, removed at its end.

use std::fs;
use std::path::{Path, PathBuf};

/// A folder with a name that nothing else has.
pub struct Scratch(PathBuf);

impl Scratch {
    pub fn new() -> Self {
        let random = getrandom::u64().expect("chance");
        let folder = std::env::temp_dir().join(format!("files-{random:016x}"));
        fs::create_dir_all(&folder).expect("a folder");
        Self(folder)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    pub fn join(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
