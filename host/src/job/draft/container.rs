//! The container of a drafted Job: command, image, resources and mounts.

use super::overrides::ContainerOverrides;
use super::volumes::{Volumes, path};
use crate::cube::{BoundTask, Cube, Runner, Wanted};
use crate::k8s::{Quantity as Amount, is_gpu};
use crate::yaml::{ConfigError, Fault};
use k8s_openapi::api::core::v1::{Capabilities, Container, ResourceRequirements, SecurityContext};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The name of the container that runs the task, as the runner's documentation has it.
const NAME: &str = "mlcube-container";

/// The container that runs a task.
pub fn container(
    cube: &Cube,
    task: &BoundTask,
    overrides: &ContainerOverrides,
    volumes: &Volumes<'_>,
) -> Result<Container, ConfigError> {
    let runner = &cube.runner;
    let (gpus, wanted) = cube.accelerators(overrides.gpus)?;
    let (command, args) = match task.entrypoint.as_deref() {
        Some([command, words @ ..]) => (Some(vec![command.clone()]), words.to_vec()),
        _ => (None, vec![task.name.clone()]),
    };
    let command = command.or_else(|| wanted.entrypoint.clone().map(|command| vec![command]));
    let command = command.map(|words| words.iter().map(|word| literal(word)).collect());
    let mut args: Vec<String> = args.iter().map(|word| literal(word)).collect();
    for parameter in &task.parameters {
        args.push(literal(&format!("--{}={}", parameter.name, path(runner, parameter)?)));
    }
    Ok(Container {
        name: NAME.into(),
        image: Some(runner.image.get()?.clone()),
        image_pull_policy: runner
            .image_pull_policy
            .or(wanted.pull_policy)
            .map(|policy| policy.word().into()),
        command,
        args: Some(args),
        resources: one_kind(resources(cube, wanted, gpus, overrides))?,
        security_context: security_context(wanted),
        volume_mounts: super::some(volumes.mounts()),
        working_dir: wanted.working_dir.clone(),
        ..Container::default()
    })
}

/// A word, escaped so that Kubernetes leaves it as it is: it would expand `$(NAME)` and halve `$$`
/// (<https://kubernetes.io/docs/tasks/inject-data-application/define-command-argument-container/>).
pub fn literal(word: &str) -> String {
    let mut literal = String::with_capacity(word.len());
    let mut chars = word.chars().peekable();
    while let Some(c) = chars.next() {
        literal.push(c);
        if c == '$' && matches!(chars.peek(), Some('$' | '(')) {
            literal.push('$');
        }
    }
    literal
}

/// The environment variables, each as Kubernetes writes `EnvVar`: those of docker's arguments, then
/// those of the settings, which win. Nothing in a value is expanded.
pub fn environment(runner: &Runner, wanted: &Wanted) -> Vec<Value> {
    let is_set = |name: &str| runner.env.iter().any(|variable| variable["name"] == name);
    let docker = wanted.env.iter().filter(|(name, _)| !is_set(name));
    let docker = docker.map(|(name, value)| json!({"name": name, "value": value}));
    let mut all: Vec<Value> = docker.chain(runner.env.iter().cloned()).collect();
    for variable in &mut all {
        if let Some(Value::String(value)) = variable.get_mut("value") {
            *value = literal(value);
        }
    }
    all
}

fn security_context(wanted: &Wanted) -> Option<SecurityContext> {
    let capabilities = Capabilities {
        add: super::some(wanted.add.clone()),
        drop: super::some(wanted.drop.clone()),
    };
    let context = SecurityContext {
        capabilities: Some(capabilities).filter(|some| *some != Capabilities::default()),
        read_only_root_filesystem: wanted.is_read_only.then_some(true),
        ..SecurityContext::default()
    };
    Some(context).filter(|context| *context != SecurityContext::default())
}

/// The configured resources, with what docker's arguments add to them; overridden by the number of
/// accelerators, and these by the command line's limits.
fn resources(
    cube: &Cube,
    wanted: &Wanted,
    gpus: u32,
    overrides: &ContainerOverrides,
) -> Option<ResourceRequirements> {
    let configured =
        cube.runner.resources.clone().and_then(|json| serde_json::from_value(json).ok());
    let ResourceRequirements { claims, limits, requests } = configured.unwrap_or_default();
    let mut limits = limits.unwrap_or_default();
    let mut requests = requests.unwrap_or_default();
    for (name, limit) in &wanted.limits {
        limits.entry(name.clone()).or_insert_with(|| Quantity(limit.clone()));
    }
    for (name, request) in &wanted.requests {
        let fits = limits.get(name).is_none_or(|limit| !exceeds(request, &limit.0));
        if fits {
            requests.entry(name.clone()).or_insert_with(|| Quantity(request.clone()));
        }
    }
    let gpu = &cube.runner.gpu_resource;
    if let Some(count) = overrides.gpus {
        // None are none of any kind.
        let is_kept = |name: &String| name != gpu && (count > 0 || !is_gpu(name));
        limits.retain(|name, _| is_kept(name));
        requests.retain(|name, _| is_kept(name));
    }
    if gpus > 0 {
        limits.entry(gpu.clone()).or_insert_with(|| Quantity(gpus.to_string()));
    }
    for (name, limit) in &overrides.limits {
        // The API server refuses a request above the limit; without a request the limit is used as
        // the request.
        requests.retain(|requested, request| requested != name || !exceeds(&request.0, limit));
        limits.insert(name.clone(), Quantity(limit.clone()));
    }
    let resources = ResourceRequirements {
        claims,
        limits: Some(limits).filter(|limits| !limits.is_empty()),
        requests: Some(requests).filter(|requests| !requests.is_empty()),
    };
    Some(resources).filter(|resources| *resources != ResourceRequirements::default())
}

/// The resources, if they ask for GPUs of one kind at most: no node is meant that has two.
fn one_kind(
    resources: Option<ResourceRequirements>,
) -> Result<Option<ResourceRequirements>, ConfigError> {
    let groups = resources.iter().flat_map(|all| [&all.limits, &all.requests]).flatten().flatten();
    let asked = groups.filter(|(name, amount)| {
        is_gpu(name) && Amount::parse(&amount.0).is_ok_and(|amount| amount.whole() != Some(0))
    });
    let kinds: BTreeSet<_> = asked.map(|(name, _)| name.clone()).collect();
    let mut kinds = kinds.into_iter();
    let (Some(one), Some(other)) = (kinds.next(), kinds.next()) else { return Ok(resources) };
    let message = format!("the task asks for two kinds of GPU, `{one}` and `{other}`");
    Err(ConfigError::new(Fault::Value, message).with_hint(
        "keep one of them: `k8s.gpuResource` names the kind that `platform.accelerator_count`, \
         `docker.gpu_args` and `--gpus` count, and `k8s.resources` may ask for others",
    ))
}

fn exceeds(request: &str, limit: &str) -> bool {
    Amount::parse(request) > Amount::parse(limit)
}
