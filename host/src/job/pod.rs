//! The Pod template of a Job: containers, volumes, tolerations. Read only.

use super::edit::member;
use super::{Job, Pointer};
use serde_json::Value;
use std::collections::HashSet;

/// The annotation by which Kubernetes' own tools find the main container.
pub const DEFAULT_CONTAINER: &str = "kubectl.kubernetes.io/default-container";

/// The place of the init containers.
pub static INIT_CONTAINERS: Pointer = Pointer::fixed("/spec/template/spec/initContainers");
/// The place of the containers.
pub static CONTAINERS: Pointer = Pointer::fixed("/spec/template/spec/containers");
/// The place of the volumes.
pub static VOLUMES: Pointer = Pointer::fixed("/spec/template/spec/volumes");

/// The role of a container in the Pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Ends before the containers start.
    Init,
    /// An init container with `restartPolicy: Always`: runs beside the containers.
    Sidecar,
    /// One of `spec.containers`.
    Container,
}

/// A container and its place in the Job.
#[derive(Clone, Debug)]
pub struct Container<'a> {
    /// Its name, unique in the Pod.
    pub name: &'a str,
    /// Its role.
    pub role: Role,
    /// Its JSON.
    pub json: &'a Value,
    list: &'static Pointer,
    index: usize,
}

/// A volume and its place in the Job.
#[derive(Clone, Debug)]
pub struct Volume<'a> {
    /// Its name, unique in the Pod.
    pub name: &'a str,
    /// Its JSON.
    pub json: &'a Value,
    index: usize,
}

impl Container<'_> {
    /// Its place in the Job.
    pub fn pointer(&self) -> Pointer {
        self.list.index(self.index)
    }
}

impl<'a> Volume<'a> {
    /// Its place in the Job.
    pub fn pointer(&self) -> Pointer {
        VOLUMES.index(self.index)
    }

    /// The PersistentVolumeClaim behind it.
    pub fn claim(&self) -> Option<&'a str> {
        self.json.get("persistentVolumeClaim")?.get("claimName")?.as_str()
    }

    /// The place of the claim's name.
    pub fn claim_name(&self) -> Pointer {
        self.pointer().key("persistentVolumeClaim").key("claimName")
    }

    /// Its kind: the name of its source.
    pub fn kind(&self) -> Option<&'a str> {
        let sources = self.json.as_object()?.iter().filter(|(_, source)| !source.is_null());
        sources.map(|(key, _)| key.as_str()).find(|key| *key != "name")
    }
}

impl Job {
    /// All containers: init containers first, sidecars among them, then containers; each in the
    /// Job's order.
    pub fn containers(&self) -> Vec<Container<'_>> {
        containers_in(self.items(&INIT_CONTAINERS), self.items(&CONTAINERS))
    }

    /// The number of items in all lists of the Pod that readers look through.
    pub fn list_items(&self) -> usize {
        let Some(pod) = self.at(&Pointer::pod()) else { return 0 };
        let of_pod =
            ["volumes", "tolerations", "imagePullSecrets"].map(|key| items(pod, key).len());
        let containers = ["initContainers", "containers"].map(|key| items(pod, key));
        let amounts = |container: &Value, key| {
            let amounts = member(container, "resources").and_then(|all| member(all, key));
            amounts.and_then(Value::as_object).map_or(0, serde_json::Map::len)
        };
        let of_container = |container: &Value| {
            1 + items(container, "volumeMounts").len()
                + items(container, "env").len()
                + amounts(container, "limits")
                + amounts(container, "requests")
        };
        of_pod.iter().sum::<usize>()
            + containers.into_iter().flatten().map(of_container).sum::<usize>()
    }

    /// The number of all containers.
    pub fn container_count(&self) -> usize {
        let Some(pod) = self.at(&Pointer::pod()) else { return 0 };
        ["initContainers", "containers"].map(|key| items(pod, key).len()).iter().sum()
    }

    /// The container of this name.
    pub fn container(&self, name: &str) -> Option<Container<'_>> {
        self.containers().into_iter().find(|container| container.name == name)
    }

    /// The container that runs the task: the one the Pod's default-container annotation names, else
    /// the first.
    pub fn main_container(&self) -> &str {
        let annotation = Pointer::pod_metadata().key("annotations").key(DEFAULT_CONTAINER);
        let containers = self.items(&CONTAINERS);
        let named = self
            .text(&annotation)
            .filter(|name| containers.iter().any(|json| name_of(json) == *name));
        named.or_else(|| containers.first().map(name_of)).unwrap_or_default()
    }

    /// The Pod's volumes.
    pub fn volumes(&self) -> impl Iterator<Item = Volume<'_>> {
        volumes_in(self.items(&VOLUMES))
    }

    /// The volume of this name.
    pub fn volume(&self, name: &str) -> Option<Volume<'_>> {
        self.volumes().find(|volume| volume.name == name)
    }

    /// The claims that the volumes use, each once.
    pub fn claims(&self) -> Vec<&str> {
        let mut known = HashSet::new();
        let claims = self.volumes().filter_map(|volume| volume.claim());
        claims.filter(|claim| known.insert(*claim)).collect()
    }

    /// The mounts of some volumes, each with its container and its place.
    pub fn mounts_of(&self, volumes: &[String]) -> Vec<(&str, Pointer, &Value)> {
        let volumes: HashSet<&str> = volumes.iter().map(String::as_str).collect();
        let mut found = Vec::new();
        for container in self.containers() {
            let list = container.pointer().key("volumeMounts");
            for (index, mount) in self.items(&list).iter().enumerate() {
                if volumes.contains(name_of(mount)) {
                    found.push((container.name, list.index(index), mount));
                }
            }
        }
        found
    }

    /// The items of a list; none if there is no list.
    pub fn items(&self, pointer: &Pointer) -> &[Value] {
        self.at(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }
}

/// The containers in a Pod's two lists of them.
pub fn containers_in<'a>(init: &'a [Value], others: &'a [Value]) -> Vec<Container<'a>> {
    let role = |json: &Value| match json.get("restartPolicy").and_then(Value::as_str) {
        Some("Always") => Role::Sidecar,
        _ => Role::Init,
    };
    let of = |list, (index, json): (usize, &'a Value), role| Container {
        name: name_of(json),
        role,
        json,
        list,
        index,
    };
    let init = init.iter().enumerate().map(|item| of(&INIT_CONTAINERS, item, role(item.1)));
    let others = others.iter().enumerate().map(|item| of(&CONTAINERS, item, Role::Container));
    init.chain(others).collect()
}

/// The volumes in a Pod's list of them.
pub fn volumes_in(list: &[Value]) -> impl Iterator<Item = Volume<'_>> {
    list.iter().enumerate().map(|(index, json)| Volume { name: name_of(json), json, index })
}

/// The list at a key; empty if there is none.
pub fn items<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    member(value, key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The `name` of a container, volume or mount.
fn name_of(json: &Value) -> &str {
    member(json, "name").and_then(Value::as_str).unwrap_or_default()
}
