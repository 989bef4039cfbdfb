//! What docker's arguments ask of a container, in Kubernetes' terms.

use super::amount::docker_amount;
use crate::cube::runner::PullPolicy;
use crate::k8s::{self, Quantity};
use std::collections::BTreeMap;

/// What docker's arguments ask of a container. A setting of the section `k8s` wins over each.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wanted {
    /// Environment variables with their values, as typed.
    pub env: Vec<(String, String)>,
    /// The shared memory.
    pub shared_memory: Option<SharedMemory>,
    /// The user.
    pub user: Option<u32>,
    /// The group.
    pub group: Option<u32>,
    /// Capabilities of Linux that are added.
    pub add: Vec<String>,
    /// Capabilities of Linux that are taken away.
    pub drop: Vec<String>,
    /// Whether nothing can be written to the image's own files.
    pub is_read_only: bool,
    /// The folder in which the command starts.
    pub working_dir: Option<String>,
    /// The command.
    pub entrypoint: Option<String>,
    /// The name of the machine that the container sees.
    pub hostname: Option<String>,
    /// When the image is pulled.
    pub pull_policy: Option<PullPolicy>,
    /// Limits: resource to quantity.
    pub limits: BTreeMap<String, String>,
    /// Requests: resource to quantity.
    pub requests: BTreeMap<String, String>,
    /// The number of GPUs.
    pub gpus: Option<u32>,
    /// What has no counterpart, with the remedy.
    pub warnings: Vec<String>,
}

/// Shared memory: a volume of memory at `/dev/shm`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedMemory {
    /// Its size as a quantity; without one the container's memory limit bounds it.
    pub size: Option<String>,
}

impl Wanted {
    /// Set a variable; the last of a name counts.
    pub fn set_env(&mut self, name: &str, value: &str) {
        self.env.retain(|(known, _)| known != name);
        self.env.push((name.to_owned(), value.to_owned()));
    }
}

/// What is worth telling of an option that has a counterpart; the error is why it was not taken
/// over, with the remedy.
pub type Taken = Result<Option<String>, String>;

pub fn env(wanted: &mut Wanted, text: &str) -> Taken {
    let Some((name, value)) = text.split_once('=') else {
        return Err(format!(
            "its value lies on this machine, and everybody who may read the Job would see it; set \
             `k8s.env: {{{text}: {{valueFrom: {{secretKeyRef: {{name: …, key: …}}}}}}}}`, or write \
             `{text}=${{oc.env:{text}}}`"
        ));
    };
    k8s::any_env_name(name).map_err(|why| format!("{why}; correct the name"))?;
    literal(value)?;
    wanted.set_env(name, value);
    Ok(None)
}

pub fn shared_memory(wanted: &mut Wanted, text: &str) -> Taken {
    let size = amount(text, "k8s.shmSize: 1Gi")?;
    wanted.shared_memory = Some(SharedMemory { size: Some(size) });
    Ok(None)
}

pub fn ipc(wanted: &mut Wanted, text: &str) -> Taken {
    match text {
        "host" => {
            // Mostly meant for the size of `/dev/shm`, which is the machine's then.
            wanted.shared_memory.get_or_insert(SharedMemory { size: None });
            Ok(Some(
                "gives the task a shared memory of its own, and not the machine's; `k8s.shmSize` \
                 sets its size"
                    .into(),
            ))
        }
        "" | "private" | "none" => Ok(None),
        _ => Err("a pod shares memory with its own containers only; leave it out".into()),
    }
}

pub fn user(wanted: &mut Wanted, text: &str) -> Taken {
    let number = |text: &str| text.parse::<u32>().ok().filter(|id| *id <= i32::MAX as u32);
    let (user, group) = text.split_once(':').map_or((text, None), |(u, g)| (u, Some(g)));
    let group = group.filter(|group| !group.is_empty());
    let (Some(user), Ok(group)) =
        (number(user), group.map(number).map_or(Ok(None), |id| id.map(Some).ok_or(())))
    else {
        return Err("Kubernetes takes the numbers of a user and a group; set `k8s.runAsUser` and \
                    `k8s.runAsGroup`"
            .into());
    };
    (wanted.user, wanted.group) = (Some(user), group);
    Ok(None)
}

pub fn add_capability(wanted: &mut Wanted, text: &str) -> Taken {
    let name = capability(text)?;
    wanted.add.push(name.clone());
    Ok(Some(format!(
        "gives the container the capability `{name}`, which a cluster or a policy may refuse"
    )))
}

pub fn drop_capability(wanted: &mut Wanted, text: &str) -> Taken {
    wanted.drop.push(capability(text)?);
    Ok(None)
}

fn capability(text: &str) -> Result<String, String> {
    let name = text.to_ascii_uppercase();
    let name = name.strip_prefix("CAP_").unwrap_or(&name);
    k8s::capability(name).map_err(|why| format!("{why}; correct the name"))?;
    Ok(name.to_owned())
}

pub fn read_only(wanted: &mut Wanted, text: &str) -> Taken {
    wanted.is_read_only = text != "false";
    Ok(None)
}

pub fn working_dir(wanted: &mut Wanted, text: &str) -> Taken {
    literal(text)?;
    if !text.starts_with('/') {
        return Err("expected an absolute path in the image".into());
    }
    wanted.working_dir = Some(text.to_owned());
    Ok(None)
}

pub fn entrypoint(wanted: &mut Wanted, text: &str) -> Taken {
    if text.is_empty() {
        return Err("Kubernetes cannot clear the image's own; give the task an `entrypoint`".into());
    }
    wanted.entrypoint = Some(text.to_owned());
    Ok(None)
}

pub fn hostname(wanted: &mut Wanted, text: &str) -> Taken {
    k8s::dns_label(text).map_err(|why| format!("{why}; correct the name"))?;
    wanted.hostname = Some(text.to_owned());
    Ok(None)
}

pub fn pull(wanted: &mut Wanted, text: &str) -> Taken {
    wanted.pull_policy = Some(match text {
        "always" => PullPolicy::Always,
        "missing" => PullPolicy::IfNotPresent,
        "never" => PullPolicy::Never,
        _ => return Err("expected one of `always`, `missing`, `never`".into()),
    });
    Ok(None)
}

pub fn memory(wanted: &mut Wanted, text: &str) -> Taken {
    let amount = amount(text, "k8s.resources.limits.memory: 8Gi")?;
    wanted.limits.insert("memory".into(), amount);
    Ok(None)
}

pub fn memory_request(wanted: &mut Wanted, text: &str) -> Taken {
    let amount = amount(text, "k8s.resources.requests.memory: 8Gi")?;
    wanted.requests.insert("memory".into(), amount);
    Ok(None)
}

fn amount(text: &str, example: &str) -> Result<String, String> {
    let amount = docker_amount(text).map(|amount| amount.quantity);
    amount.ok_or_else(|| format!("it is not an amount of memory; set `{example}`"))
}

pub fn cpus(wanted: &mut Wanted, text: &str) -> Taken {
    let is_plain = text.bytes().all(|c| c.is_ascii_digit() || c == b'.');
    if !is_plain || Quantity::parse(text).map_or(true, |cpus| cpus.whole() == Some(0)) {
        return Err("it is not a number of CPUs; set `k8s.resources.limits.cpu: 4`".into());
    }
    wanted.limits.insert("cpu".into(), text.to_owned());
    Ok(None)
}

pub fn gpus(wanted: &mut Wanted, text: &str) -> Taken {
    let text = text.trim_matches(['"', '\'']);
    let devices = |list: &str| u32::try_from(list.split(',').count()).ok();
    wanted.gpus = match (text, text.strip_prefix("device=")) {
        // All of a machine are so many as the cube says.
        ("all", _) => None,
        (_, Some(list)) => devices(list),
        _ => match text.parse() {
            Ok(count) => Some(count),
            Err(_) => {
                return Err("Kubernetes counts GPUs; set `platform.accelerator_count`, or give \
                            `--gpus 1`"
                    .into());
            }
        },
    };
    Ok(None)
}

/// An error for a value that a shell on this machine would have made something else of.
fn literal(value: &str) -> Result<(), String> {
    let names_variable = value.match_indices('$').any(|(at, _)| {
        value[at + 1..].starts_with(|c: char| c.is_ascii_alphabetic() || "_{(".contains(c))
    });
    if names_variable || value.contains('`') {
        return Err(
            "a shell on this machine would put its value in; write `${oc.env:NAME}` for a \
                    variable"
                .into(),
        );
    }
    Ok(())
}
