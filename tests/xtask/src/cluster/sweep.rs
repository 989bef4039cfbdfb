//! The cleaning after dead clusters: their cgroups first, then their folders. The caller holds the
//! lock of all clusters, and a cluster that is alive is never touched.

use super::Instance;
use crate::cache::Cache;
use crate::error::{Doing, Result};
use crate::{cgroups, say};
use std::{fs, io};

/// Sweep every cluster that is dead.
pub fn all(cache: &Cache) -> Result<()> {
    let folder = cache.clusters();
    let entries = fs::read_dir(&folder).doing(|| format!("read `{}`", folder.display()))?;
    for entry in entries.flatten().filter(|entry| entry.path().is_dir()) {
        // A folder with another kind of name is none of ours.
        let Ok(instance) = Instance::new(cache, &entry.file_name().to_string_lossy()) else {
            continue;
        };
        if !instance.is_alive()? {
            say::step(format!("sweeping what is left of cluster `{}`", instance.name()));
            one(&instance)?;
        }
    }
    Ok(())
}

/// Sweep one cluster that is known to be dead.
pub fn one(instance: &Instance) -> Result<()> {
    cgroups::remove(&instance.cgroup())?;
    match fs::remove_dir_all(instance.folder()) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(error).doing(|| format!("remove `{}`", instance.folder().display()))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_dead_are_swept() {
        let root = std::env::temp_dir().join(format!("mlcube-sweep-{}", std::process::id()));
        let cache = Cache::at(&root);
        let instance = |name| Instance::new(&cache, name).expect("the path is short");
        let lock = instance("alive").create().expect("the folder is ours");
        drop(instance("dead").create().expect("the folder is ours"));
        fs::create_dir_all(instance("never-locked").folder()).expect("the folder is ours");

        all(&cache).expect("the sweep works");

        let left: Vec<_> = ["alive", "dead", "never-locked"]
            .into_iter()
            .filter(|name| instance(name).folder().exists())
            .collect();
        assert_eq!(left, ["alive"]);
        drop(lock);
        fs::remove_dir_all(root).expect("the folder is ours");
    }
}
