//! The image of the tests: a shell, the usual small programs, and a stand-in for the images of
//! cubes. It is one static program, so it runs on any node.

use super::{Image, Settings, make};
use crate::cache::Cache;
use crate::error::{Doing, Result};
use crate::program;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

/// What a test calls it.
const TEST: &str = "localhost/mlcube-test:1";
const BUSYBOX: &str = "/bin/busybox";
/// What a container runs that is given arguments only, as the containers of cubes are.
const STAND_IN: &[u8] = include_bytes!("stand-in.sh");

/// The image, made if it is not in the cache.
pub fn test(cache: &Cache) -> Result<Image> {
    let program = fs::read(BUSYBOX).doing(|| format!("read `{BUSYBOX}`"))?;
    let settings =
        Settings { reference: TEST, entrypoint: &["/bin/stand-in"], ..Settings::default() };
    make(cache, &settings, &[&program, STAND_IN], |root| fill(root, &program))
}

fn fill(root: &Path, busybox: &[u8]) -> Result<()> {
    for folder in ["bin", "etc", "root", "tmp"] {
        fs::create_dir(root.join(folder)).doing(|| format!("create `{folder}`"))?;
    }
    let mode = |path: &str, mode| {
        let permissions = fs::Permissions::from_mode(mode);
        fs::set_permissions(root.join(path), permissions).doing(|| format!("open `{path}`"))
    };
    mode("tmp", 0o1777)?;
    fs::write(root.join("bin/busybox"), busybox).doing(|| "copy busybox".into())?;
    mode("bin/busybox", 0o755)?;
    fs::write(root.join("bin/stand-in"), STAND_IN).doing(|| "copy the stand-in".into())?;
    mode("bin/stand-in", 0o755)?;
    let passwd = "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n";
    fs::write(root.join("etc/passwd"), passwd).doing(|| "write `passwd`".into())?;
    let applets = program::read(Command::new(BUSYBOX).arg("--list"))?;
    for applet in applets.lines().filter(|&applet| applet != "busybox") {
        symlink("busybox", root.join("bin").join(applet)).doing(|| format!("link `{applet}`"))?;
    }
    Ok(())
}
