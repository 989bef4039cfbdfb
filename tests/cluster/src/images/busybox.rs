//! Owns the image of the tests: a shell and the usual small programs.
//! Invariant: one static program, so it runs on whatever the node is.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::Path,
    process::Command,
};

use super::{Image, Settings, make};
use crate::{
    cache::Cache,
    error::{Doing, Result},
    program,
};

/// What a test calls it.
const TEST: &str = "localhost/mlcube-test:1";
const BUSYBOX: &str = "/bin/busybox";

/// The image, made if it is not in the cache.
pub fn test(cache: &Cache) -> Result<Image> {
    let program = fs::read(BUSYBOX).doing(|| format!("read `{BUSYBOX}`"))?;
    let settings = Settings { reference: TEST, command: &["/bin/sh"], ..Settings::default() };
    make(cache, &settings, &[&program], |root| fill(root, &program))
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
    let passwd = "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n";
    fs::write(root.join("etc/passwd"), passwd).doing(|| "write `passwd`".into())?;
    let applets = program::read(Command::new(BUSYBOX).arg("--list"))?;
    for applet in applets.lines().filter(|&applet| applet != "busybox") {
        symlink("busybox", root.join("bin").join(applet)).doing(|| format!("link `{applet}`"))?;
    }
    Ok(())
}
