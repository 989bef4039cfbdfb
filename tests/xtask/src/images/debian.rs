//! Debian packages are chosen, fetched and unpacked into a folder without being installed. apt
//! decides which packages and versions these are.

use crate::error::{Doing, Error, Result};
use crate::program;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A Python without pip, and what compiled wheels want of the system.
const WANTED: [&str; 4] = ["python3-minimal", "libpython3-stdlib", "libstdc++6", "libgcc-s1"];
/// Folders that are links since /usr was merged; packages of older releases still name them.
const MERGED: [&str; 4] = ["bin", "sbin", "lib", "lib64"];

/// The packages of a small Python, by name.
pub fn python() -> Result<Vec<String>> {
    let mut closure = Command::new("apt-cache");
    closure.args(["depends", "--recurse", "--no-recommends", "--no-suggests", "--no-conflicts"]);
    closure.args(["--no-breaks", "--no-replaces", "--no-enhances"]).args(WANTED);
    Ok(needed(&program::read(&mut closure)?))
}

/// Fetch packages and unpack them into `root`.
pub fn unpack(packages: &[String], root: &Path) -> Result<()> {
    for folder in MERGED {
        let real = root.join("usr").join(folder);
        fs::create_dir_all(&real).doing(|| format!("create `{}`", real.display()))?;
        symlink(format!("usr/{folder}"), root.join(folder)).doing(|| format!("link `{folder}`"))?;
    }
    let folder = root.with_extension("packages");
    fs::create_dir_all(&folder).doing(|| format!("create `{}`", folder.display()))?;
    let mut download = Command::new("apt-get");
    // The user that apt changes to may not write there.
    download.args(["--option", "APT::Sandbox::User=root", "download"]).args(packages);
    program::read(download.current_dir(&folder))
        .map_err(|error| error.hint("the package lists may be old: run `apt-get update`"))?;
    let entries = fs::read_dir(&folder).doing(|| format!("read `{}`", folder.display()))?;
    for entry in entries.flatten() {
        unpack_one(&entry.path(), root)?;
    }
    for useless in ["doc", "man", "locale", "lintian", "info"] {
        let path = root.join("usr/share").join(useless);
        if path.exists() {
            fs::remove_dir_all(&path).doing(|| format!("remove `{}`", path.display()))?;
        }
    }
    Ok(())
}

/// The version of the Python in a folder, such as `3.11`.
pub fn python_version(root: &Path) -> Result<String> {
    let link = root.join("usr/bin/python3");
    let program: PathBuf = fs::read_link(&link).doing(|| format!("read `{}`", link.display()))?;
    let name = program.file_name().unwrap_or_default().to_string_lossy().into_owned();
    name.strip_prefix("python").map(str::to_owned).ok_or_else(|| {
        Error::new(format!("expected the name of a Python with its version, found `{name}`"))
    })
}

fn unpack_one(package: &Path, root: &Path) -> Result<()> {
    let deed = || format!("unpack `{}`", package.display());
    let mut unpack = Command::new("dpkg-deb");
    let mut source =
        unpack.arg("--fsys-tarfile").arg(package).stdout(Stdio::piped()).spawn().doing(deed)?;
    let stream = source.stdout.take().ok_or_else(|| Error::new("`dpkg-deb` has no output"))?;
    let mut tar = Command::new("tar");
    // `dpkg-deb --extract` would put folders in the place of the links.
    tar.args(["--extract", "--keep-directory-symlink", "--directory"]).arg(root).stdin(stream);
    program::show(&mut tar)?;
    match source.wait() {
        Ok(status) if status.success() => Ok(()),
        _ => Err(Error::new(format!("could not {}", deed()))),
    }
}

/// Of a dependency closure, the libraries and Python; the rest only serves installing.
fn needed(closure: &str) -> Vec<String> {
    let useful = |name: &&str| {
        (name.starts_with("lib") && !name.starts_with("libperl"))
            || name.starts_with("python3")
            || name.starts_with("zlib1g")
    };
    let mut names: Vec<String> = closure
        .lines()
        .filter(|line| !line.starts_with([' ', '<']))
        .map(|line| line.split(':').next().unwrap_or(line))
        .filter(useful)
        .map(str::to_owned)
        .collect();
    names.sort();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_libraries_and_python_are_needed() {
        let closure = "python3-minimal\n  Depends: dpkg\ndpkg\nlibc6\n  Depends: libgcc-s1\n\
                       libgcc-s1\nlibgcc-s1:i386\n<debconf-2.0>\nperl-base\nlibperl5.36\nzlib1g\n\
                       media-types\nlibdb5.3t64\n";
        let expected = ["libc6", "libdb5.3t64", "libgcc-s1", "python3-minimal", "zlib1g"];
        assert_eq!(needed(closure), expected);
    }
}
