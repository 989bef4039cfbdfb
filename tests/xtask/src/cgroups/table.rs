//! The cgroup hierarchies in the kernel's table of mounts. What is mounted at `/sys/fs/cgroup`
//! itself decides, as it does for the kubelet and for runc.

use crate::error::{Error, Result};
use std::path::{Path, PathBuf};

const ROOT: &str = "/sys/fs/cgroup";

/// How the machine keeps its cgroups.
#[derive(Debug)]
pub enum Layout {
    /// Version 2; what may be mounted below it does not count.
    Unified(Mount),
    /// Version 1: a hierarchy for each controller, and perhaps one of version 2 without any.
    Legacy(Vec<Mount>),
}

/// One hierarchy where it is mounted.
#[derive(Debug)]
pub struct Mount {
    /// The mount point.
    pub folder: PathBuf,
    /// The controllers of a hierarchy of version 1, and what else its options name.
    pub controllers: Vec<String>,
    is_unified: bool,
    is_read_only: bool,
}

/// The hierarchies below `/sys/fs/cgroup`. Where a place is mounted twice, the later mount is seen.
pub fn mounts(mountinfo: &str) -> Vec<Mount> {
    let mut found: Vec<Mount> = Vec::new();
    for mount in mountinfo.lines().filter_map(parse).filter(|mount| mount.folder.starts_with(ROOT))
    {
        found.retain(|other| other.folder != mount.folder);
        found.push(mount);
    }
    found
}

/// How a mount table says that cgroups are kept.
pub fn layout(mountinfo: &str) -> Result<Layout> {
    let mut mounts = mounts(mountinfo);
    let unified =
        mounts.iter().position(|mount| mount.is_unified && mount.folder == Path::new(ROOT));
    let layout = match unified {
        Some(index) => Layout::Unified(mounts.swap_remove(index)),
        None if mounts.iter().any(|mount| !mount.is_unified) => Layout::Legacy(mounts),
        None => {
            let hint = format!(
                "run `mount -t cgroup2 none {ROOT}`, as every current distribution does at its start"
            );
            return Err(Error::new(format!("no cgroups are mounted at `{ROOT}`")).hint(hint));
        }
    };
    let used = match &layout {
        Layout::Unified(mount) => std::slice::from_ref(mount),
        Layout::Legacy(mounts) => mounts,
    };
    match used.iter().find(|mount| mount.is_read_only) {
        None => Ok(layout),
        Some(mount) => {
            let place = mount.folder.display();
            let hint = format!(
                "run `mount -o remount,rw {place}`; in a container, run that with `--privileged`"
            );
            Err(Error::new(format!("the cgroups at `{place}` are mounted read-only")).hint(hint))
        }
    }
}

/// A line such as `30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate`.
fn parse(line: &str) -> Option<Mount> {
    let (mount, kind) = line.split_once(" - ")?;
    let mut mount = mount.split(' ').skip(4);
    let (folder, options) = (PathBuf::from(mount.next()?), mount.next()?);
    let mut kind = kind.split(' ');
    let is_unified = match kind.next()? {
        "cgroup" => false,
        "cgroup2" => true,
        _ => return None,
    };
    let controllers = kind.nth(1)?.split(',').map(str::to_owned).collect();
    Some(Mount {
        folder,
        controllers,
        is_unified,
        is_read_only: options.split(',').any(|option| option == "ro"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const V2: &str =
        "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n";
    const V2_READ_ONLY: &str =
        "30 23 0:26 / /sys/fs/cgroup ro,nosuid - cgroup2 cgroup rw,nsdelegate\n";
    const NAMED: &str = "40 30 0:37 / /sys/fs/cgroup/systemd rw - cgroup none rw,name=systemd\n";
    const TMPFS: &str = "29 23 0:25 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755\n";
    const V1: &str = "32 29 0:29 / /sys/fs/cgroup/cpu rw shared:9 - cgroup cgroup rw,cpu\n";
    const V1_READ_ONLY: &str = "33 29 0:30 / /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n";
    const UNIFIED: &str = "41 29 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n";
    const ELSEWHERE: &str = "32 31 0:29 / /elsewhere/cpu rw - cgroup cgroup rw,cpu\n";

    #[test]
    fn what_is_mounted_at_the_root_decides() {
        let rows: [(&str, &[&str], &str); 11] = [
            ("version 2 alone", &[V2], "2: /sys/fs/cgroup"),
            ("version 2 over a tmpfs", &[TMPFS, V2], "2: /sys/fs/cgroup"),
            (
                "version 2, a named hierarchy of version 1 beside it",
                &[V2, NAMED],
                "2: /sys/fs/cgroup",
            ),
            ("version 2, a controller of version 1 beside it", &[V2, V1], "2: /sys/fs/cgroup"),
            ("version 1 alone", &[TMPFS, V1], "1: /sys/fs/cgroup/cpu"),
            (
                "version 1, version 2 beside it",
                &[TMPFS, V1, UNIFIED],
                "1: /sys/fs/cgroup/cpu /sys/fs/cgroup/unified",
            ),
            (
                "version 2 read-only",
                &[V2_READ_ONLY],
                "the cgroups at `/sys/fs/cgroup` are mounted read-only",
            ),
            ("mounted again, to be written", &[V2_READ_ONLY, V2], "2: /sys/fs/cgroup"),
            (
                "version 1 read-only",
                &[V1_READ_ONLY],
                "the cgroups at `/sys/fs/cgroup/memory` are mounted read-only",
            ),
            ("elsewhere", &[ELSEWHERE], "no cgroups are mounted at `/sys/fs/cgroup`"),
            ("nothing", &[], "no cgroups are mounted at `/sys/fs/cgroup`"),
        ];
        for (name, table, expected) in rows {
            let told = match layout(&table.concat()) {
                Ok(Layout::Unified(mount)) => format!("2: {}", mount.folder.display()),
                Ok(Layout::Legacy(mounts)) => {
                    let folders: Vec<_> =
                        mounts.iter().map(|mount| mount.folder.display().to_string()).collect();
                    format!("1: {}", folders.join(" "))
                }
                Err(error) => error.to_string().lines().next().unwrap_or_default().to_owned(),
            };
            assert_eq!(told, expected, "{name}");
        }
    }

    #[test]
    fn options_name_the_controllers() {
        let joint = "32 29 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n";
        let rows = [
            ("one", V1, "rw cpu"),
            ("two", joint, "rw cpu cpuacct"),
            ("a name", NAMED, "rw name=systemd"),
        ];
        for (name, table, expected) in rows {
            assert_eq!(mounts(table)[0].controllers.join(" "), expected, "{name}");
        }
    }
}
