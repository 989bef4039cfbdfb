//! A cluster from start to end: claimed, started, ready, furnished, ended. A cluster's folder is
//! locked while it lives, so a folder with a free lock is what a dead one left, and may be swept.

mod furnish;
mod instance;
mod launch;
mod ready;
mod sweep;

pub use instance::Instance;

use crate::cache::{self, Cache};
use crate::error::{Doing, Error, Result};
use crate::images::{self, Image};
use crate::node::FAILED;
use crate::patience::Patience;
use crate::prerequisites::{self, Installing};
use crate::{components, say};
use std::fs;
use std::io::PipeReader;
use std::path::PathBuf;
use std::process::Command;

/// A cluster that is up.
#[derive(Debug)]
pub struct Cluster {
    /// Its folder.
    pub instance: Instance,
    bin: PathBuf,
}

/// A cluster that ends with the process that holds this.
#[derive(Debug)]
pub struct Ephemeral {
    /// The cluster.
    pub cluster: Cluster,
    _alive: PipeReader,
}

/// Start the cluster `name`, or find it up.
pub fn up(cache: &Cache, name: &str, installing: Installing) -> Result<Cluster> {
    let instance = Instance::new(cache, name)?;
    prerequisites::for_cluster(installing)?;
    let bin = components::ensure(cache, installing)?;
    let claim = claim(cache, &instance)?;
    let cluster = Cluster { instance, bin };
    match claim {
        Some(lock) => launch::persistent(&cluster.instance, &cluster.bin, lock)?,
        None if cluster.instance.is_furnished() => {
            say::step(format!("cluster `{name}` is already up"));
            return Ok(cluster);
        }
        None => say::step(format!("cluster `{name}` is being started by another command")),
    }
    cluster.finish(cache)?;
    Ok(cluster)
}

/// Start a cluster that ends with this process, however this process ends.
pub fn ephemeral(cache: &Cache, name: &str, installing: Installing) -> Result<Ephemeral> {
    let instance = Instance::new(cache, name)?;
    prerequisites::for_cluster(installing)?;
    let bin = components::ensure(cache, installing)?;
    let lock = claim(cache, &instance)?
        .ok_or_else(|| Error::new(format!("a cluster `{name}` is running already")))?;
    let alive = launch::ephemeral(&instance, &bin, lock)?;
    let cluster = Cluster { instance, bin };
    cluster.finish(cache)?;
    Ok(Ephemeral { cluster, _alive: alive })
}

/// End the cluster `name` and remove all that is left of it; return whether it was running.
pub fn down(cache: &Cache, name: &str) -> Result<bool> {
    let instance = Instance::new(cache, name)?;
    let _all = lock_all(cache)?;
    let running = instance.is_alive()?;
    if running {
        instance.kill()?;
    }
    sweep::one(&instance)?;
    Ok(running)
}

/// What is known of the cluster `name`.
pub fn status(cache: &Cache, name: &str) -> Result<Status> {
    let instance = Instance::new(cache, name)?;
    let _all = lock_all(cache)?;
    let report = instance.report();
    Ok(match instance.is_alive()? {
        true if instance.is_furnished() => Status::Up(instance),
        true => Status::Starting(report.unwrap_or_default()),
        false => Status::Down(report.filter(|line| line.starts_with(FAILED))),
    })
}

/// The state of a cluster.
#[derive(Debug)]
pub enum Status {
    /// Ready for work.
    Up(Instance),
    /// Running, not ready yet.
    Starting(String),
    /// Not running, and why it ended where that is known.
    Down(Option<String>),
}

impl Cluster {
    /// The built `kubectl`, speaking to this cluster.
    pub fn kubectl(&self) -> Command {
        let mut command = Command::new(self.bin.join("kubectl"));
        command
            .arg("--kubeconfig")
            .arg(self.instance.kubeconfig())
            // Otherwise it writes into the user's home.
            .env("KUBECACHEDIR", self.instance.folder().join("kubectl"));
        command
    }

    /// Make an image known to the node, unless it is already.
    pub fn import(&self, image: &Image) -> Result<()> {
        furnish::import(self, image)
    }

    /// Wait until the API server answers, then put in what every cluster has.
    fn finish(&self, cache: &Cache) -> Result<()> {
        let base = [images::pause(cache)?, images::test(cache)?];
        let patience = Patience::find()?;
        let result = ready::wait(self, patience).and_then(|()| furnish::all(self, &base, patience));
        if result.is_err() {
            // The folder stays for its logs; the next start sweeps it.
            self.instance.kill()?;
        }
        result
    }
}

/// Sweep what crashed, then take the lock of `instance`; `None` if somebody has it.
fn claim(cache: &Cache, instance: &Instance) -> Result<Option<fs::File>> {
    let _all = lock_all(cache)?;
    sweep::all(cache)?;
    if instance.is_alive()? {
        return Ok(None);
    }
    instance.create().map(Some)
}

/// Nobody claims, sweeps or probes a cluster beside another who does.
fn lock_all(cache: &Cache) -> Result<fs::File> {
    let folder = cache.clusters();
    fs::create_dir_all(&folder).doing(|| format!("create `{}`", folder.display()))?;
    cache::lock(&folder, || {})
}
