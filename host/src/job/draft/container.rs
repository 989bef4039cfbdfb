//! The container of a drafted Job: command, image, resources and mounts.

use super::overrides::ContainerOverrides;
use super::volumes::{Mounted, path};
use crate::cube::{BoundTask, Cube};
use crate::k8s::Quantity as Amount;
use crate::yaml::ConfigError;
use k8s_openapi::api::core::v1::{Container, ResourceRequirements};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

/// The name of the container that runs the task, as the runner's documentation has it.
const NAME: &str = "mlcube-container";

/// The container that runs a task.
pub fn container(
    cube: &Cube,
    task: &BoundTask,
    overrides: &ContainerOverrides,
    mounted: &[Mounted<'_>],
) -> Result<Container, ConfigError> {
    let runner = &cube.runner;
    let (command, args) = match task.entrypoint.as_deref() {
        Some([command, words @ ..]) => (Some(vec![command.clone()]), words.to_vec()),
        _ => (None, vec![task.name.clone()]),
    };
    let command = command.map(|words| words.iter().map(|word| literal(word)).collect());
    let mut args: Vec<String> = args.iter().map(|word| literal(word)).collect();
    for parameter in &task.parameters {
        args.push(literal(&format!("--{}={}", parameter.name, path(runner, parameter)?)));
    }
    Ok(Container {
        name: NAME.into(),
        image: Some(runner.image.get()?.clone()),
        image_pull_policy: runner.image_pull_policy.map(|policy| policy.word().into()),
        command,
        args: Some(args),
        resources: resources(cube, overrides),
        volume_mounts: super::some(mounted.iter().map(Mounted::mount).collect()),
        ..Container::default()
    })
}

/// A word, escaped so that Kubernetes leaves it as it is: it would expand `$(NAME)` and halve `$$`
/// (<https://kubernetes.io/docs/tasks/inject-data-application/define-command-argument-container/>).
fn literal(word: &str) -> String {
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

/// The configured resources, overridden by the cube's accelerators, and these by the command line's
/// limits.
fn resources(cube: &Cube, overrides: &ContainerOverrides) -> Option<ResourceRequirements> {
    let configured =
        cube.runner.resources.clone().and_then(|json| serde_json::from_value(json).ok());
    let ResourceRequirements { claims, limits, requests } = configured.unwrap_or_default();
    let mut limits = limits.unwrap_or_default();
    let mut requests = requests.unwrap_or_default();
    let gpu = &cube.runner.gpu_resource;
    if overrides.gpus.is_some() {
        limits.remove(gpu);
        requests.remove(gpu);
    }
    let gpus = overrides.gpus.unwrap_or(cube.platform.accelerator_count);
    if gpus > 0 {
        limits.entry(gpu.clone()).or_insert_with(|| Quantity(gpus.to_string()));
    }
    for (name, limit) in &overrides.limits {
        // The API server refuses a request above the limit; without a request the limit is used as
        // the request.
        let fits = |request: &Quantity| Amount::parse(&request.0) <= Amount::parse(limit);
        requests.retain(|requested, request| requested != name || fits(request));
        limits.insert(name.clone(), Quantity(limit.clone()));
    }
    let resources = ResourceRequirements {
        claims,
        limits: Some(limits).filter(|limits| !limits.is_empty()),
        requests: Some(requests).filter(|requests| !requests.is_empty()),
    };
    Some(resources).filter(|resources| *resources != ResourceRequirements::default())
}
