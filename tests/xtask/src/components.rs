//! Owns the programs of Kubernetes: built once from `go.mod`, then kept in the cache. Invariant:
//! the folder `bin` exists only when every program in it is complete.

mod progress;

use crate::cache::{self, Cache};
use crate::error::{Doing, Error, Result};
use crate::prerequisites::{self, Installing};
use crate::{say, workspace};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Free space that a build needs: 2 GB of modules, 5 GB of objects, the programs, and air.
const ROOM: u64 = 9 << 30;

/// Make sure that the programs are there and return their folder.
pub fn ensure(cache: &Cache, installing: Installing) -> Result<PathBuf> {
    let source = workspace::helper();
    let module = read(&source.join("go.mod"))?;
    let sums = read(&source.join("go.sum"))?;
    let folder = cache.kubernetes();
    let kept = folder.join(cache::key(&[&module, &sums], 16));
    let bin = kept.join("bin");
    if bin.exists() {
        return Ok(bin);
    }
    prerequisites::for_build(installing)?;
    let _lock = cache::lock(&folder, || say::step("another command builds Kubernetes: waiting"))?;
    if bin.exists() {
        return Ok(bin);
    }
    let version = version(&String::from_utf8_lossy(&module), "k8s.io/kubernetes")?;
    build(&source, &folder, &kept, &version)?;
    Ok(bin)
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
        .ok_or_else(|| Error::new(format!("`go.mod` requires no version of `{path}`")))
}

fn build(source: &Path, folder: &Path, kept: &Path, version: &str) -> Result<()> {
    sweep(folder)?;
    check_room(folder)?;
    say::step(format!("building Kubernetes {version} from Go modules: once, 10 to 25 minutes"));
    let work = folder.join(format!("build-{}", std::process::id()));
    let bin = work.join("bin");
    fs::create_dir_all(work.join("tmp")).doing(|| format!("create `{}`", work.display()))?;
    let result = progress::watch(&mut install(source, &work, version), &folder.join("build.log"));
    let result = result.and_then(|()| {
        // etcd's module calls its program after its folder.
        fs::rename(bin.join("server"), bin.join("etcd")).doing(|| "rename etcd".into())?;
        fs::create_dir_all(kept).doing(|| format!("create `{}`", kept.display()))?;
        fs::rename(&bin, kept.join("bin")).doing(|| format!("fill `{}`", kept.display()))
    });
    let swept = sweep(folder);
    result.and(swept)?;
    say::step("Kubernetes is built");
    Ok(())
}

/// The one `go` command; all its caches lie in the work folder, which goes away afterwards.
fn install(source: &Path, work: &Path, version: &str) -> Command {
    let version = format!("-s -w -X k8s.io/component-base/version.gitVersion={version}");
    let mut command = Command::new("go");
    command
        .args(["install", "-v", "-trimpath", "-tags", "seccomp", "-ldflags", &version, "tool"])
        .current_dir(source)
        .env("GOBIN", work.join("bin"))
        .env("GOCACHE", work.join("objects"))
        .env("GOMODCACHE", work.join("modules"))
        .env("GOTMPDIR", work.join("tmp"))
        .env("GOFLAGS", "-modcacherw")
        .env("GOWORK", "off")
        .env("CGO_ENABLED", "1")
        .env_remove("GOOS")
        .env_remove("GOARCH")
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    command
}

/// Remove what an interrupted build left. The caller holds the lock.
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

fn check_room(folder: &Path) -> Result<()> {
    let disk = rustix::fs::statvfs(folder).doing(|| format!("look at `{}`", folder.display()))?;
    let free = disk.f_bavail * disk.f_frsize;
    if free >= ROOM {
        return Ok(());
    }
    let (need, have) = (ROOM >> 30, free >> 30);
    let what = format!("the build needs {need} GB, `{}` has {have} GB free", folder.display());
    Err(Error::new(what).hint("set `MLCUBE_K8S_CACHE` to a folder on a larger disk"))
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).doing(|| format!("read `{}`", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_read_from_go_mod() {
        let rows = [
            ("require (\n\tk8s.io/kubernetes v1.37.2 // indirect\n)", Some("v1.37.2")),
            ("require k8s.io/kubernetes v1.36.3\n", Some("v1.36.3")),
            ("k8s.io/kubernetes/staging v0.1.0\n", None),
            ("tool (\n\tk8s.io/kubernetes/cmd/kubelet\n)", None),
        ];
        for (module, expected) in rows {
            assert_eq!(version(module, "k8s.io/kubernetes").ok().as_deref(), expected, "{module}");
        }
    }

    #[test]
    fn our_own_go_mod_has_a_version() {
        let module = fs::read_to_string(workspace::helper().join("go.mod")).expect("go.mod exists");
        assert!(version(&module, "k8s.io/kubernetes").is_ok());
    }
}
