//! The node's view of the file system: its own /sys, /run and /var, and four pretended sysctls. The
//! mount namespace is private, so none of it is seen outside.

use rustix::mount::{
    MountFlags, MountPropagationFlags, UnmountFlags, mount, mount_bind, mount_bind_recursive,
    mount_change, unmount,
};
use std::ffi::CStr;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::{fs, io};

use super::{Config, NODE_NAME};
use crate::error::{Doing, Result};

/// The kubelet writes these and gives up where it may not; they belong to the machine, so it is
/// shown files with the values it wants.
const PRETENDED: [(&str, &str); 4] = [
    ("vm/overcommit_memory", "1"),
    ("vm/panic_on_oom", "0"),
    ("kernel/panic", "10"),
    ("kernel/panic_on_oops", "1"),
];
const CGROUPS: &str = "/sys/fs/cgroup";

/// Build the view.
pub fn prepare(config: &Config) -> Result<()> {
    rustix::system::sethostname(NODE_NAME.as_bytes()).doing(|| "set the host name".into())?;
    change("/", MountPropagationFlags::PRIVATE)?;
    let node = config.folder.join("node");
    own_sysfs(&folder(node.join("cgroups"))?)?;
    // A container with a user namespace may mount procfs only where a whole one is visible.
    fresh("proc", &folder(node.join("proc"))?)?;
    fresh("tmpfs", Path::new("/run"))?;
    folder(PathBuf::from("/run/lock"))?;
    folder(PathBuf::from("/run/netns"))?;
    own_var(config, &folder(node.join("var"))?)?;
    // Last of all, so that every mount above is in it: pods get mounts that appear later.
    change("/", MountPropagationFlags::SHARED)?;
    pretend(&folder(node.join("sysctl"))?)
}

/// Take off every mount below `folder`, so that it can be removed from inside.
pub fn release(folder: &Path) -> Result<()> {
    let table = fs::read_to_string("/proc/self/mountinfo").doing(|| "read the mounts".into())?;
    for place in below(&table, folder).iter().rev() {
        // What another unmount took along is gone already.
        let _ = unmount(place, UnmountFlags::DETACH);
    }
    Ok(())
}

/// A sysfs of the node's network namespace, with the machine's cgroups in it.
fn own_sysfs(aside: &Path) -> Result<()> {
    mount_bind_recursive(CGROUPS, aside).doing(|| "keep the cgroups".into())?;
    fresh("sysfs", Path::new("/sys"))?;
    mount_bind_recursive(aside, CGROUPS).doing(|| "bring the cgroups back".into())?;
    unmount(aside, UnmountFlags::DETACH).doing(|| "drop the cgroups kept aside".into())
}

/// An empty /var: containerd, CNI and the kubelet write to fixed places below it.
fn own_var(config: &Config, var: &Path) -> Result<()> {
    for needed in ["log/pods", "log/containers", "lib/cni", "tmp"] {
        folder(var.join(needed))?;
    }
    match symlink("/run", var.join("run")) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            return Err(error).doing(|| "link `/var/run`".into());
        }
        _ => {}
    }
    // The cache may lie below /var itself, and keeps its place then.
    let kept: Vec<&Path> = [config.folder.as_path(), config.bin.as_path()]
        .into_iter()
        .filter(|path| path.starts_with("/var"))
        .collect();
    let mut aside = Vec::new();
    for (number, path) in kept.iter().enumerate() {
        let place = folder(PathBuf::from(format!("/run/kept-{number}")))?;
        mount_bind_recursive(*path, &place).doing(|| format!("keep `{}`", path.display()))?;
        aside.push(place);
    }
    mount_bind(var, "/var").doing(|| "mount `/var`".into())?;
    for (path, place) in kept.iter().zip(aside) {
        let back = folder(path.to_path_buf())?;
        mount_bind_recursive(&place, &back).doing(|| format!("restore `{}`", path.display()))?;
        unmount(&place, UnmountFlags::DETACH).doing(|| "drop what was kept aside".into())?;
    }
    Ok(())
}

fn pretend(files: &Path) -> Result<()> {
    for (name, value) in PRETENDED {
        let file = files.join(name.replace('/', "_"));
        fs::write(&file, value).doing(|| format!("write `{}`", file.display()))?;
        let place = Path::new("/proc/sys").join(name);
        mount_bind(&file, &place).doing(|| format!("cover `{}`", place.display()))?;
    }
    Ok(())
}

fn fresh(kind: &str, place: &Path) -> Result<()> {
    let none: Option<&CStr> = None;
    mount(kind, place, kind, MountFlags::empty(), none)
        .doing(|| format!("mount a {kind} at `{}`", place.display()))
}

fn change(place: &str, how: MountPropagationFlags) -> Result<()> {
    mount_change(place, how | MountPropagationFlags::REC)
        .doing(|| format!("change the propagation of `{place}`"))
}

fn folder(path: PathBuf) -> Result<PathBuf> {
    fs::create_dir_all(&path).doing(|| format!("create `{}`", path.display()))?;
    Ok(path)
}

/// The mount points below a folder, outer ones first.
fn below(mountinfo: &str, folder: &Path) -> Vec<PathBuf> {
    mountinfo
        .lines()
        .filter_map(|line| line.split(' ').nth(4))
        .map(|place| PathBuf::from(place.replace("\\040", " ")))
        .filter(|place| place.starts_with(folder) && place != folder)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mounts_below_a_folder_are_found() {
        let table = "1 0 0:1 / / rw - ext4 a rw\n\
                     2 1 0:2 / /c/default/node/proc rw - proc proc rw\n\
                     3 1 0:3 / /c/default/a\\040b rw - tmpfs tmpfs rw\n\
                     4 1 0:4 / /c/default-two/x rw - tmpfs tmpfs rw\n";
        let expected = ["/c/default/node/proc", "/c/default/a b"].map(PathBuf::from);
        assert_eq!(below(table, Path::new("/c/default")), expected);
    }
}
