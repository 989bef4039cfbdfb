//! The folder of one cluster, and whether the cluster is alive: the node and all its children hold
//! the folder's lock for as long as one of them lives.

use crate::cache::{self, Cache};
use crate::error::{Doing, Error, Result};
use crate::node::FAILED;
use crate::program::GLANCE;
use rustix::process::{Pid, Signal, kill_process};
use std::fs::{self, File};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

/// Unix sockets lie below the folder, and the kernel allows them 107 bytes of path.
const LONGEST_FOLDER: usize = 68;
/// A killed process goes away at once, unless the kernel is busy with its memory.
const DEATH: Duration = Duration::from_secs(20);

/// The folder of one cluster.
#[derive(Debug, Clone)]
pub struct Instance {
    name: String,
    folder: PathBuf,
}

impl Instance {
    /// The folder of the cluster `name`, which need not exist.
    pub fn new(cache: &Cache, name: &str) -> Result<Self> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if name.is_empty() || name.starts_with('-') || !name.chars().all(plain) {
            let what = format!("`{name}` is not a name for a cluster");
            return Err(Error::new(what).hint("use lowercase letters, digits and `-`"));
        }
        let folder = cache.clusters().join(name);
        if folder.as_os_str().len() > LONGEST_FOLDER {
            let what = format!("the path `{}` is too long for sockets in it", folder.display());
            return Err(Error::new(what).hint("set `MLCUBE_K8S_CACHE` to a shorter path"));
        }
        Ok(Instance { name: name.to_owned(), folder })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The folder itself.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The user's kubeconfig.
    pub fn kubeconfig(&self) -> PathBuf {
        self.folder.join("kubeconfig")
    }

    /// What the claim `claim` holds, seen from outside.
    pub fn volume(&self, claim: &str) -> PathBuf {
        self.folder.join("volumes").join(claim)
    }

    /// The name of the cgroup of its pods: two caches on one machine may have clusters of one name.
    pub fn cgroup(&self) -> String {
        let path = self.folder.as_os_str().as_encoded_bytes();
        format!("mlcube-k8s-{}-{}", self.name, cache::key(&[path], 8))
    }

    /// What the node says of itself, in one line.
    pub fn report(&self) -> Option<String> {
        let text = fs::read_to_string(self.folder.join("status")).ok()?;
        text.lines().next().map(str::to_owned)
    }

    /// Why the node could not go on, with its hint.
    pub fn failure(&self) -> Option<String> {
        let text = fs::read_to_string(self.folder.join("status")).ok()?;
        text.strip_prefix(FAILED).map(str::to_owned)
    }

    /// The folder of the logs, one for each component and `node.log`.
    pub fn logs(&self) -> PathBuf {
        self.folder.join("log")
    }

    /// Whether everything has been put in.
    pub fn is_furnished(&self) -> bool {
        self.folder.join("furnished").exists()
    }

    /// Say so.
    pub fn set_furnished(&self) -> Result<()> {
        fs::write(self.folder.join("furnished"), "").doing(|| "mark the cluster as ready".into())
    }

    /// Whether any process of the cluster lives.
    pub fn is_alive(&self) -> Result<bool> {
        if !self.lock_path().exists() {
            return Ok(false);
        }
        Ok(cache::lock_file(&self.lock_path())?.try_lock().is_err())
    }

    /// Make the folder, readable by its owner only (it holds keys), and take its lock.
    pub fn create(&self) -> Result<File> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true).mode(0o700);
        builder.create(&self.folder).doing(|| format!("create `{}`", self.folder.display()))?;
        let lock = cache::lock_file(&self.lock_path())?;
        lock.try_lock().doing(|| format!("claim the cluster `{}`", self.name))?;
        Ok(lock)
    }

    /// Remember the process outside of the node that dies with it, and it with that.
    pub fn set_keeper(&self, pid: u32) -> Result<()> {
        fs::write(self.folder.join("pid"), pid.to_string()).doing(|| "write `pid`".into())
    }

    /// Kill the node, and by that every process in it, and wait until they are gone.
    pub fn kill(&self) -> Result<()> {
        let text = fs::read_to_string(self.folder.join("pid")).unwrap_or_default();
        let keeper = text.trim().parse().ok().and_then(Pid::from_raw);
        let start = Instant::now();
        while self.is_alive()? {
            // The lock is held, so the number has not passed to another process.
            if let Some(keeper) = keeper {
                let _ = kill_process(keeper, Signal::KILL);
            }
            if start.elapsed() > DEATH {
                let what = format!("cluster `{}` does not end", self.name);
                return Err(Error::new(what).hint(format!("look for process {}", text.trim())));
            }
            thread::sleep(GLANCE);
        }
        Ok(())
    }

    fn lock_path(&self) -> PathBuf {
        self.folder.join("lock")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_checked() {
        let cache = Cache::at("/c");
        let long = "x".repeat(80);
        let rows = [
            ("a word", "default", true),
            ("with digits", "test-4f2", true),
            ("nothing", "", false),
            ("a path", "../x", false),
            ("an option", "-a", false),
            ("too long for a socket", &long, false),
        ];
        for (row, name, expected) in rows {
            assert_eq!(Instance::new(&cache, name).is_ok(), expected, "{row}");
        }
    }

    #[test]
    fn two_caches_do_not_share_a_cgroup() {
        let cgroup = |root| Instance::new(&Cache::at(root), "a").map(|i| i.cgroup()).ok();
        assert_ne!(cgroup("/one"), cgroup("/two"));
    }
}
