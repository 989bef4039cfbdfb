//! The start of a node: its listener, its namespaces, and how it learns that it is no longer
//! wanted. The folder's lock goes to the node without being free in between.

use super::Instance;
use crate::error::{Doing, Result};
use crate::node::Config;
use crate::patience::Patience;
use crate::{pki, say};
use rustix::io::{FdFlags, fcntl_setfd};
use std::env;
use std::fs::{self, File};
use std::io::{self, PipeReader};
use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::{Command, Stdio};

/// Start a node that lives until it is told to end.
pub fn persistent(instance: &Instance, bin: &Path, lock: File) -> Result<()> {
    let log = log(instance)?;
    start(instance, bin, lock, log.into(), false)
}

/// Start a node that ends when the returned reader is closed.
pub fn ephemeral(instance: &Instance, bin: &Path, lock: File) -> Result<PipeReader> {
    let (reader, writer) = io::pipe().doing(|| "make a pipe".into())?;
    start(instance, bin, lock, writer.into(), true)?;
    Ok(reader)
}

fn start(
    instance: &Instance,
    bin: &Path,
    lock: File,
    stdout: Stdio,
    ephemeral: bool,
) -> Result<()> {
    say::step(format!("starting cluster `{}`", instance.name()));
    // A socket keeps the network namespace it was made in: this one stays reachable from outside.
    let listener = TcpListener::bind(("127.0.0.1", 0)).doing(|| "open a port".into())?;
    let port = listener.local_addr().doing(|| "read the port".into())?.port();
    pki::write(&instance.folder().join("pki"), &instance.kubeconfig(), port)?;
    let config = Config {
        folder: instance.folder().to_owned(),
        bin: bin.to_owned(),
        cgroup: instance.cgroup(),
        ephemeral,
        patience: Patience::find()?,
    };
    let path = config.save()?;
    let helper = env::current_exe().doing(|| "find this program".into())?;
    // Not closed on exec: the node and all its children hold it.
    fcntl_setfd(&lock, FdFlags::empty()).doing(|| "pass the lock on".into())?;
    let child = Command::new("setsid")
        .args(["unshare", "--mount", "--net", "--uts", "--ipc", "--pid"])
        .args(["--fork", "--kill-child", "--mount-proc"])
        .arg(helper)
        .arg("node")
        .arg(path)
        .stdin(OwnedFd::from(listener))
        .stdout(stdout)
        .stderr(log(instance)?)
        .spawn()
        .doing(|| "start `unshare`".into())?;
    instance.set_keeper(child.id())
}

fn log(instance: &Instance) -> Result<File> {
    let folder = instance.logs();
    fs::create_dir_all(&folder).doing(|| format!("create `{}`", folder.display()))?;
    let path = folder.join("node.log");
    File::options()
        .create(true)
        .append(true)
        .open(&path)
        .doing(|| format!("open `{}`", path.display()))
}
