//! Owns the cgroup of one cluster's pods, in each hierarchy of the machine: version 1, version 2,
//! or both. Invariant: only groups with the given name are made or removed, and a group with a
//! process in it stays.

use crate::error::{Doing, Error, Result};
use crate::program::GLANCE;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use std::{fs, io, thread};

/// What the kubelet wants in a version 2 hierarchy.
const WANTED: [&str; 4] = ["cpu", "cpuset", "memory", "pids"];
/// A group cannot be removed while the last process of it is still dying.
const PATIENCE: Duration = Duration::from_secs(10);

/// Make the group `name` in every hierarchy.
pub fn create(name: &str) -> Result<()> {
    let hierarchies = mounted()?;
    for hierarchy in &hierarchies {
        let group = hierarchy.folder.join(name);
        if hierarchy.unified && hierarchies.len() == 1 {
            delegate(&hierarchy.folder)?;
        }
        fs::create_dir_all(&group).doing(|| format!("create the cgroup `{}`", group.display()))?;
        if hierarchy.unified && hierarchies.len() == 1 {
            check_controllers(&group)?;
            delegate(&group)?;
        } else if group.join("cpuset.mems").exists() {
            fill_cpuset(&hierarchy.folder, &group)?;
        }
    }
    Ok(())
}

/// Remove the group `name` and all below it from every hierarchy.
pub fn remove(name: &str) -> Result<()> {
    let start = Instant::now();
    for hierarchy in mounted()? {
        let group = hierarchy.folder.join(name);
        while let Err(error) = remove_tree(&group) {
            if start.elapsed() > PATIENCE {
                return Err(error).doing(|| format!("remove the cgroup `{}`", group.display()));
            }
            thread::sleep(GLANCE);
        }
    }
    Ok(())
}

struct Hierarchy {
    folder: PathBuf,
    unified: bool,
}

fn mounted() -> Result<Vec<Hierarchy>> {
    let table = fs::read_to_string("/proc/self/mountinfo").doing(|| "read the mounts".into())?;
    let found = hierarchies(&table);
    if found.is_empty() {
        return Err(Error::new("no cgroup hierarchy is mounted")
            .hint("mount cgroup2 at `/sys/fs/cgroup`, as every current distribution does"));
    }
    Ok(found)
}

/// The hierarchies in a mount table; a place mounted twice counts once.
fn hierarchies(mountinfo: &str) -> Vec<Hierarchy> {
    let mut found: Vec<Hierarchy> = Vec::new();
    for line in mountinfo.lines() {
        let Some((mount, kind)) = line.split_once(" - ") else { continue };
        let unified = match kind.split(' ').next() {
            Some("cgroup") => false,
            Some("cgroup2") => true,
            _ => continue,
        };
        let Some(folder) = mount.split(' ').nth(4).map(PathBuf::from) else { continue };
        if folder.starts_with("/sys/fs/cgroup") && found.iter().all(|h| h.folder != folder) {
            found.push(Hierarchy { folder, unified });
        }
    }
    found
}

/// Version 2: hands every controller of a group down to its children.
fn delegate(group: &Path) -> Result<()> {
    let path = group.join("cgroup.controllers");
    let known = fs::read_to_string(&path).doing(|| format!("read `{}`", path.display()))?;
    for controller in known.split_whitespace() {
        // One that cannot be handed down is missed by `check_controllers`, if it is needed.
        let _ = fs::write(group.join("cgroup.subtree_control"), format!("+{controller}"));
    }
    Ok(())
}

fn check_controllers(group: &Path) -> Result<()> {
    let path = group.join("cgroup.controllers");
    let text = fs::read_to_string(&path).doing(|| format!("read `{}`", path.display()))?;
    let has: Vec<&str> = text.split_whitespace().collect();
    match WANTED.iter().find(|wanted| !has.contains(wanted)) {
        None => Ok(()),
        Some(missing) => Err(Error::new(format!("the cgroup controller `{missing}` is not to be had"))
            .hint("run outside of a container, where the root cgroup may hand it down")),
    }
}

/// Version 1: a new cpuset is empty, and nothing can run in it.
fn fill_cpuset(parent: &Path, group: &Path) -> Result<()> {
    for file in ["cpuset.cpus", "cpuset.mems"] {
        let value = fs::read(parent.join(file)).doing(|| format!("read `{file}`"))?;
        fs::write(group.join(file), value).doing(|| format!("write `{file}`"))?;
    }
    Ok(())
}

fn remove_tree(group: &Path) -> io::Result<()> {
    let entries = match fs::read_dir(group) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries.flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            remove_tree(&entry.path())?;
        }
    }
    fs::remove_dir(group)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hierarchies_are_read_from_the_mount_table() {
        let v1 = "32 31 0:29 / /sys/fs/cgroup/cpu rw shared:9 - cgroup cgroup rw,cpu\n\
                  41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n";
        let v2 = "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n";
        let rows: [(&str, &[(&str, bool)]); 4] = [
            (v1, &[("/sys/fs/cgroup/cpu", false), ("/sys/fs/cgroup/unified", true)]),
            (v2, &[("/sys/fs/cgroup", true)]),
            ("32 31 0:29 / /elsewhere/cpu rw - cgroup cgroup rw,cpu\n", &[]),
            ("27 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n", &[]),
        ];
        for (table, expected) in rows {
            let found: Vec<_> = hierarchies(table).into_iter().map(|h| (h.folder, h.unified)).collect();
            let expected: Vec<_> = expected.iter().map(|&(folder, unified)| (PathBuf::from(folder), unified)).collect();
            assert_eq!(found, expected, "{table}");
        }
    }
}
