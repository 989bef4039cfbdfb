//! Process 1 of a node. It lives in namespaces of its own, starts the components, relays
//! connections, reaps, and ends; all that it changes outside is the folder and the cgroup of its
//! cluster, and nothing of it outlives it.

mod components;
mod config;
mod files;
mod mounts;
mod network;
mod relay;
mod supervise;

pub use config::Config;

use crate::cgroups;
use crate::error::{Doing, Error, Result};
use std::io;
use std::net::TcpListener;
use std::os::fd::AsFd;
use std::path::Path;
use supervise::Supervisor;

/// How the report of a node begins that could not go on.
pub const FAILED: &str = "failed: ";
/// The name of the one node.
pub const NODE_NAME: &str = "node0";
/// Its address inside of its network namespace.
pub const NODE_ADDRESS: &str = "172.30.0.2";
/// The address of the Service `kubernetes`.
pub const API_ADDRESS: &str = "10.96.0.1";

/// Run the node until it is told to end. The file `path` holds its [`Config`].
pub fn run(path: &Path) -> Result<()> {
    if std::process::id() != 1 {
        return Err(Error::new("`node` is process 1 of a cluster, and not for use by hand"));
    }
    let config = Config::load(path)?;
    let mut supervisor = Supervisor::new(&config)?;
    let result = start(&config, &mut supervisor).and_then(|()| supervisor.watch());
    let told = supervisor.is_unwanted();
    if let (Err(error), false) = (&result, told) {
        supervisor.report_failure(error)?;
    }
    supervisor.end();
    if config.ephemeral && told {
        mounts::release(&config.folder)?;
        cgroups::remove(&config.cgroup)?;
        std::fs::remove_dir_all(&config.folder).doing(|| "remove the folder".into())?;
    }
    result
}

/// Everything in the order in which the parts need each other.
fn start(config: &Config, supervisor: &mut Supervisor) -> Result<()> {
    supervisor.report("preparing the node")?;
    mounts::prepare(config)?;
    network::prepare()?;
    cgroups::create(&config.cgroup)?;
    files::write(config)?;
    relay::start(listener()?);
    supervisor.report("starting the components")?;
    supervisor.start(components::control_plane(config))?;
    supervisor.start(components::runtime(config))?;
    supervisor.wait_for_api()?;
    supervisor.start(components::clients(config))?;
    supervisor.wait_for_socket(&config.containerd_socket())?;
    supervisor.start(components::kubelet(config))?;
    supervisor.report("running")
}

/// The listener that the starter left as stdin.
fn listener() -> Result<TcpListener> {
    let socket = io::stdin().as_fd().try_clone_to_owned();
    socket.map(TcpListener::from).doing(|| "take over the listener".into())
}
