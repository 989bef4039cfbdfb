//! The cgroup of one cluster's pods, made before the kubelet starts and removed when the cluster is
//! gone. Only groups of that name are made or removed, and a group with a process in it stays.

mod table;

use crate::error::{Doing, Error, Result};
use crate::program::GLANCE;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use std::{fs, io, thread};
use table::{Layout, Mount};

/// The controllers that the kubelet cannot do without.
const NEEDED: [&str; 4] = ["cpu", "cpuset", "memory", "pids"];
/// A group cannot be removed while the last process of it is still dying, with much to write perhaps.
const DEATH: Duration = Duration::from_secs(60);

/// Check that the machine's cgroups will do for a kubelet.
pub fn check() -> Result<()> {
    let layout = layout()?;
    let has = match &layout {
        Layout::Unified(root) => controllers(&root.folder)?,
        Layout::Legacy(mounts) => {
            mounts.iter().flat_map(|mount| mount.controllers.clone()).collect()
        }
    };
    require(&has)
}

/// Make the group `name` in every hierarchy that the kubelet uses.
pub fn create(name: &str) -> Result<()> {
    match layout()? {
        Layout::Unified(root) => {
            delegate(&root.folder)?;
            let group = make(&root, name)?;
            require(&controllers(&group)?)?;
            delegate(&group)
        }
        Layout::Legacy(mounts) => mounts.iter().try_for_each(|mount| {
            let group = make(mount, name)?;
            if group.join("cpuset.mems").exists() {
                fill_cpuset(&mount.folder, &group)
            } else {
                Ok(())
            }
        }),
    }
}

/// Remove the group `name` and all below it from every hierarchy.
pub fn remove(name: &str) -> Result<()> {
    let start = Instant::now();
    for mount in table::mounts(&mount_table()?) {
        let group = mount.folder.join(name);
        while let Err(error) = remove_tree(&group) {
            if start.elapsed() > DEATH {
                return Err(error).doing(|| format!("remove the cgroup `{}`", group.display()));
            }
            thread::sleep(GLANCE);
        }
    }
    Ok(())
}

fn layout() -> Result<Layout> {
    table::layout(&mount_table()?)
}

fn mount_table() -> Result<String> {
    fs::read_to_string("/proc/self/mountinfo").doing(|| "read the mounts".into())
}

fn make(mount: &Mount, name: &str) -> Result<PathBuf> {
    let group = mount.folder.join(name);
    fs::create_dir_all(&group).doing(|| format!("create the cgroup `{}`", group.display()))?;
    Ok(group)
}

/// Version 2: the controllers that a group has.
fn controllers(group: &Path) -> Result<Vec<String>> {
    let path = group.join("cgroup.controllers");
    let text = fs::read_to_string(&path).doing(|| format!("read `{}`", path.display()))?;
    Ok(text.split_whitespace().map(str::to_owned).collect())
}

/// Version 2: hand every controller of a group down to its children.
fn delegate(group: &Path) -> Result<()> {
    for controller in controllers(group)? {
        // One that cannot be handed down is missed by `require`, if it is needed.
        let _ = fs::write(group.join("cgroup.subtree_control"), format!("+{controller}"));
    }
    Ok(())
}

fn require(has: &[String]) -> Result<()> {
    let Some(missing) =
        NEEDED.iter().find(|needed| has.iter().all(|controller| controller != *needed))
    else {
        return Ok(());
    };
    let command_line = fs::read_to_string("/proc/cmdline").unwrap_or_default();
    Err(Error::new(format!("the cgroup controller `{missing}` is missing"))
        .hint(cure(missing, &command_line)))
}

/// What to do about a missing controller; the kernel's command line may have turned it off.
fn cure(controller: &str, command_line: &str) -> String {
    let disabled = command_line
        .split_whitespace()
        .filter_map(|parameter| parameter.strip_prefix("cgroup_disable="))
        .any(|names| names.split(',').any(|name| name == controller));
    if disabled {
        return format!(
            "remove `cgroup_disable={controller}` from the kernel's command line and start the machine anew"
        );
    }
    "in a container, run it with `--privileged --cgroupns=host`; else see `/proc/cgroups` for the hierarchy that has it"
        .into()
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
    fn a_missing_controller_has_its_cure() {
        let rows = [
            (
                "turned off",
                "memory",
                "quiet cgroup_disable=memory",
                "remove `cgroup_disable=memory`",
            ),
            (
                "turned off with another",
                "memory",
                "cgroup_disable=rdma,memory ro",
                "remove `cgroup_disable=memory`",
            ),
            ("another is turned off", "cpuset", "cgroup_disable=memory", "in a container, "),
            ("nothing is turned off", "memory", "root=/dev/vda quiet", "in a container, "),
        ];
        for (name, controller, command_line, expected) in rows {
            let cure = cure(controller, command_line);
            assert!(cure.starts_with(expected), "{name}: {cure}");
        }
    }
}
