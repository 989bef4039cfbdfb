//! The arguments of `docker run` that a cube declares, in Kubernetes' terms: `gpu_args` where the
//! task has accelerators, `cpu_args` where it has none, `env_args` always, as the docker runner has
//! them. `flags` is the table of what has a counterpart, and of the remedy for what has none.

mod amount;
mod flags;
mod given;
mod wanted;

pub use amount::{Amount, docker_amount};
pub use wanted::{SharedMemory, Wanted};

use super::deferred::Deferred;
use super::shell;
use crate::k8s;
use crate::omegaconf::{Resolver, Spot};
use crate::yaml::{ConfigError, Data, Node, quote, typed};
use given::Given;

/// What docker's arguments ask of the container.
#[derive(Clone, Debug, PartialEq)]
pub struct Docker {
    with_gpus: Deferred<Wanted>,
    without_gpus: Deferred<Wanted>,
}

impl Docker {
    /// Read the section `docker`. A fault in an argument waits until a run needs it.
    pub fn read(resolver: &mut Resolver<'_>) -> Self {
        let both = ["gpu_args", "cpu_args"].map(|key| wanted(resolver, key).into());
        let [with_gpus, without_gpus] = both;
        Self { with_gpus, without_gpus }
    }

    /// What they ask of a container with so many accelerators.
    pub fn wanted(&self, gpus: u32) -> Result<&Wanted, ConfigError> {
        if gpus > 0 { self.with_gpus.get() } else { self.without_gpus.get() }
    }
}

fn wanted(resolver: &mut Resolver<'_>, key: &str) -> Result<Wanted, ConfigError> {
    let mut wanted = Wanted::default();
    let Some(docker) = resolver.root().child("docker") else { return Ok(wanted) };
    let docker = resolver.follow(docker)?;
    if let Some(node) = value(resolver, &docker, key)? {
        arguments(&format!("`docker.{key}`"), &node, &mut wanted)?;
    }
    if let Some(node) = value(resolver, &docker, "env_args")? {
        environment(&node, &mut wanted)?;
    }
    Ok(wanted)
}

fn value<'t>(
    resolver: &mut Resolver<'t>,
    docker: &Spot<'t>,
    key: &str,
) -> Result<Option<Node>, ConfigError> {
    let Some(child) = docker.child(key) else { return Ok(None) };
    let node = resolver.resolve(child)?;
    Ok(Some(node).filter(|node| !node.is_null()))
}

/// `env_args`: names and values, or arguments.
fn environment(node: &Node, wanted: &mut Wanted) -> Result<(), ConfigError> {
    let label = "`docker.env_args`";
    let Some(map) = node.as_map() else { return arguments(label, node, wanted) };
    for entry in map.iter() {
        if entry.value.is_null() {
            let given = Given { label, at: &entry.at, flag: "-e", value: &entry.key };
            flags::apply(&given, wanted);
            continue;
        }
        let label = format!("{label}: `{}`", quote(&entry.key));
        let Some(value) = entry.value.as_typed() else {
            return Err(typed::wrong(&label, &entry.value, "text"));
        };
        k8s::any_env_name(&entry.key).map_err(|why| typed::invalid(&label, &entry.value, why))?;
        wanted.set_env(&entry.key, value);
    }
    Ok(())
}

/// Arguments as one line, or as a list of words.
fn arguments(label: &str, node: &Node, wanted: &mut Wanted) -> Result<(), ConfigError> {
    let words = match &node.data {
        Data::List(items) => {
            let words = items.iter().map(|item| typed::text(label, item).map(str::to_owned));
            words.collect::<Result<Vec<_>, _>>()?
        }
        _ => shell::arguments(&typed::plain_text(label, node)?).map_err(|why| {
            typed::invalid(label, node, format_args!("{} {why}", typed::shown(node)))
        })?,
    };
    given::each(label, &node.at, &words, |given| flags::apply(given, wanted));
    Ok(())
}
