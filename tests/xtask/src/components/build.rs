//! The build of the programs from Go modules: two `go` commands, whose caches lie in a work folder
//! that goes away afterwards.

use super::progress::{self, Progress};
use crate::error::{Doing, Error, Result};
use crate::{program, say};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

/// Free space that a build needs: 2 GB of modules, 4 GB of objects, the programs, and air.
const ROOM: u64 = 9 << 30;
/// The program that has the others in it, called after its module.
const ALL_IN_ONE: &str = "kubernetes";

/// What one `go install` builds.
struct Target {
    packages: &'static [&'static str],
    /// runc alone is partly C; for the others the C compiler and its linker are only a detour.
    cgo: &'static str,
}

const TARGETS: [Target; 2] = [
    Target {
        packages: &[
            ".",
            "github.com/containerd/containerd/v2/cmd/containerd-shim-runc-v2",
            "github.com/containernetworking/plugins/plugins/ipam/host-local",
            "github.com/containernetworking/plugins/plugins/main/bridge",
        ],
        cgo: "0",
    },
    Target { packages: &["github.com/opencontainers/runc"], cgo: "1" },
];

/// Build the module in `source` into `bin`. The caller holds the lock of `folder`.
pub fn run(source: &Path, folder: &Path, bin: &Path) -> Result<()> {
    sweep(folder)?;
    let version = version(&read(&source.join("go.mod"))?, "k8s.io/kubernetes")?;
    say::step(format!("building Kubernetes {version} from Go modules: once, 6 to 20 minutes"));
    let work = folder.join(format!("build-{}", std::process::id()));
    fs::create_dir_all(work.join("tmp")).doing(|| format!("create `{}`", work.display()))?;
    let result = install(source, &work, &version, &folder.join("build.log")).and_then(|()| {
        let (made, kept) = (work.join("bin"), bin.with_file_name(""));
        link(&made)?;
        fs::create_dir_all(&kept).doing(|| format!("create `{}`", kept.display()))?;
        fs::rename(&made, bin).doing(|| format!("fill `{}`", bin.display()))
    });
    let swept = sweep(folder);
    result.and(swept)?;
    say::step("Kubernetes is built");
    Ok(())
}

/// Fail where the disk is too small.
pub fn check_room(folder: &Path) -> Result<()> {
    let disk = rustix::fs::statvfs(folder).doing(|| format!("look at `{}`", folder.display()))?;
    let free = disk.f_bavail * disk.f_frsize;
    if free >= ROOM {
        return Ok(());
    }
    let (need, have) = (ROOM >> 30, free >> 30);
    let what =
        format!("expected {need} GB of free space in `{}`, found {have} GB", folder.display());
    Err(Error::new(what).hint("set `MLCUBE_K8S_CACHE` to a folder on a larger disk"))
}

fn install(source: &Path, work: &Path, version: &str, log: &Path) -> Result<()> {
    fs::write(log, "").doing(|| format!("write `{}`", log.display()))?;
    let mut progress = Progress::default();
    TARGETS.iter().try_for_each(|target| {
        progress::watch(&mut go(target, source, work, version), &mut progress, log)
    })
}

fn go(target: &Target, source: &Path, work: &Path, version: &str) -> Command {
    let mut go = Command::new("go");
    go.args(["install", "-v", "-trimpath", "-tags=seccomp"]);
    // Nobody debugs these programs, and they need not be fast: each flag saves a tenth of the time
    // and more.
    go.arg("-gcflags=all=-dwarf=false -l");
    go.arg(format!("-ldflags=-s -w -X k8s.io/component-base/version.gitVersion={version}"));
    go.args(target.packages).current_dir(source);
    go.env("GOBIN", work.join("bin")).env("GOCACHE", work.join("objects"));
    go.env("GOMODCACHE", work.join("modules")).env("GOTMPDIR", work.join("tmp"));
    go.env("GOFLAGS", "-modcacherw").env("GOWORK", "off").env("CGO_ENABLED", target.cgo);
    go.env_remove("GOOS").env_remove("GOARCH").stdin(Stdio::null()).stdout(Stdio::null());
    go
}

/// Give the program that has the others in it their names. A symbolic link would not do: a program
/// that starts itself again would come out under the name of the file.
fn link(bin: &Path) -> Result<()> {
    let program = bin.join(ALL_IN_ONE);
    for name in program::read(&mut Command::new(&program))?.lines() {
        fs::hard_link(&program, bin.join(name)).doing(|| format!("link `{name}`"))?;
    }
    Ok(())
}

/// Remove what an interrupted build left.
fn sweep(folder: &Path) -> Result<()> {
    let entries = fs::read_dir(folder).doing(|| format!("read `{}`", folder.display()))?;
    for entry in entries.flatten() {
        if entry.file_name().to_string_lossy().starts_with("build-") {
            let path = entry.path();
            fs::remove_dir_all(&path).doing(|| format!("remove `{}`", path.display()))?;
        }
    }
    Ok(())
}

/// The version that a `go.mod` requires of a module.
fn version(module: &str, path: &str) -> Result<String> {
    module
        .lines()
        .map(|line| line.trim().trim_start_matches("require "))
        .filter_map(|line| line.strip_prefix(path)?.strip_prefix(' '))
        .filter_map(|rest| rest.split_whitespace().next())
        .find(|version| version.starts_with('v'))
        .map(str::to_owned)
        .ok_or_else(|| Error::new(format!("`go.mod` does not require a version of `{path}`")))
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).doing(|| format!("read `{}`", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace;

    #[test]
    fn the_version_is_read_from_go_mod() {
        let rows = [
            (
                "in a block",
                "require (\n\tk8s.io/kubernetes v1.37.2 // indirect\n)",
                Some("v1.37.2"),
            ),
            ("on a line of its own", "require k8s.io/kubernetes v1.36.3\n", Some("v1.36.3")),
            ("another module", "k8s.io/kubernetes/staging v0.1.0\n", None),
            ("a tool", "tool (\n\tk8s.io/kubernetes/cmd/kubelet\n)", None),
        ];
        for (name, module, expected) in rows {
            assert_eq!(version(module, "k8s.io/kubernetes").ok().as_deref(), expected, "{name}");
        }
    }

    #[test]
    fn our_own_go_mod_has_a_version_and_every_package() {
        let module = read(&workspace::helper().join("kubernetes/go.mod")).expect("go.mod exists");
        assert!(version(&module, "k8s.io/kubernetes").is_ok());
        for package in
            TARGETS.iter().flat_map(|target| target.packages).filter(|package| **package != ".")
        {
            assert!(
                module.contains(&format!("\t{package}\n")),
                "`{package}` is not in the block `tool`"
            );
        }
    }
}
