//! From a task of a cube to the base Job: the manifest that the MLCube Kubernetes runner documents, made right where its
//! code is not. docs/compatibility.md names every difference.

use super::{Job, Origin, PREFIX, to_dns_label, to_label_value};
use crate::cube::{Access, BoundParameter, BoundTask, Cube, Direction, Runner};
use crate::k8s;
use crate::yaml::ConfigError;
use k8s_openapi::api::batch::v1 as batch;
use k8s_openapi::api::core::v1::{
    Container, LocalObjectReference, PersistentVolumeClaimVolumeSource, PodSpec, PodTemplateSpec, ResourceRequirements,
    Volume, VolumeMount,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The container that runs the task, as the runner's documentation names it.
const CONTAINER: &str = "mlcube-container";
/// Where the claims are mounted.
const MOUNTS: &str = "/mnt/mlcube";
/// The longest part of a Job's name that comes from the cube's: leaves room for `mlcube-` and the run.
const LONGEST_NAME: usize = 40;

/// What the command line says of the container besides the task.
#[derive(Clone, Debug, Default)]
pub struct Extras {
    /// The namespace to write into the manifest.
    pub namespace: Option<String>,
    /// How many GPUs the container gets, whatever the cube and its configuration say.
    pub gpus: Option<u32>,
    /// Limits of the container: resource to quantity.
    pub limits: BTreeMap<String, String>,
}

/// A claim of the Job with the parameters on it.
struct Mounted<'a> {
    claim: &'a str,
    volume: String,
    is_read_only: bool,
}

/// Build the Job of one task.
pub fn draft(cube: &Cube, task: &BoundTask, extras: &Extras) -> Result<Job, ConfigError> {
    let mounted = mounted(&cube.runner, task)?;
    let labels = labels(cube, task);
    let job = batch::Job {
        metadata: ObjectMeta {
            generate_name: Some(format!("mlcube-{}-", to_dns_label(&cube.name, LONGEST_NAME))),
            namespace: extras.namespace.clone(),
            labels: Some(labels.clone()),
            annotations: Some(annotations(cube, task, extras)),
            ..ObjectMeta::default()
        },
        spec: Some(batch::JobSpec {
            backoff_limit: i32::try_from(cube.runner.backoff_limit).ok(),
            ttl_seconds_after_finished: cube.runner.ttl_seconds_after_finished.and_then(|ttl| i32::try_from(ttl).ok()),
            active_deadline_seconds: cube.runner.active_deadline_seconds.map(i64::from),
            template: PodTemplateSpec {
                metadata: Some(ObjectMeta { labels: Some(labels), ..ObjectMeta::default() }),
                spec: Some(pod(cube, task, extras, &mounted)?),
            },
            ..batch::JobSpec::default()
        }),
        status: None,
    };
    let json = serde_json::to_value(job).expect("a Job is JSON");
    Ok(with_fragments(json, &cube.runner))
}

fn pod(cube: &Cube, task: &BoundTask, extras: &Extras, mounted: &[Mounted<'_>]) -> Result<PodSpec, ConfigError> {
    let runner = &cube.runner;
    let secrets = runner.image_pull_secrets.iter().map(|name| LocalObjectReference { name: name.clone() });
    Ok(PodSpec {
        containers: vec![container(cube, task, extras, mounted)?],
        image_pull_secrets: some(secrets.collect()),
        node_selector: Some(runner.node_selector.iter().filter_map(text_pair).collect())
            .filter(|map: &BTreeMap<_, _>| !map.is_empty()),
        restart_policy: Some("Never".into()),
        service_account_name: runner.service_account.clone(),
        volumes: some(mounted.iter().map(volume).collect()),
        ..PodSpec::default()
    })
}

fn container(
    cube: &Cube,
    task: &BoundTask,
    extras: &Extras,
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
        name: CONTAINER.into(),
        image: Some(runner.image.get()?.clone()),
        image_pull_policy: runner.image_pull_policy.map(|policy| policy.word().into()),
        command,
        args: Some(args),
        resources: resources(cube, extras),
        volume_mounts: some(mounted.iter().map(mount).collect()),
        ..Container::default()
    })
}

/// A word that Kubernetes leaves as it is: it would expand `$(NAME)` and halve `$$`
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

/// Where a parameter lies in the container: `/mnt/mlcube/<claim>/<workspace>/<value>`.
fn path(runner: &Runner, parameter: &BoundParameter) -> Result<String, ConfigError> {
    let claim = claim(runner, parameter.direction)?;
    let parts = [runner.workspace.as_str(), parameter.value.as_str()];
    let below: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty() && *part != ".").collect();
    Ok(format!("{MOUNTS}/{claim}/{}", below.join("/")).trim_end_matches('/').to_owned())
}

fn claim(runner: &Runner, direction: Direction) -> Result<&str, ConfigError> {
    let claims = &runner.claims;
    let claim = if direction == Direction::Input { &claims.input } else { &claims.output };
    claim.get().map(|claim| claim.as_str())
}

/// The claims that the task's parameters lie on, each once. A claim is read-only when nothing on it may be written.
fn mounted<'a>(runner: &'a Runner, task: &BoundTask) -> Result<Vec<Mounted<'a>>, ConfigError> {
    let mut all: Vec<Mounted<'a>> = Vec::new();
    for parameter in &task.parameters {
        let claim = claim(runner, parameter.direction)?;
        let is_read_only = parameter.access == Access::ReadOnly;
        if let Some(known) = all.iter_mut().find(|known| known.claim == claim) {
            known.is_read_only &= is_read_only;
            continue;
        }
        let mut volume = to_dns_label(claim, 63);
        if all.iter().any(|known| known.volume == volume) {
            volume = format!("{}-output", to_dns_label(claim, 56));
        }
        all.push(Mounted { claim, volume, is_read_only });
    }
    Ok(all)
}

fn volume(mounted: &Mounted<'_>) -> Volume {
    Volume {
        name: mounted.volume.clone(),
        persistent_volume_claim: Some(PersistentVolumeClaimVolumeSource {
            claim_name: mounted.claim.to_owned(),
            ..PersistentVolumeClaimVolumeSource::default()
        }),
        ..Volume::default()
    }
}

fn mount(mounted: &Mounted<'_>) -> VolumeMount {
    VolumeMount {
        name: mounted.volume.clone(),
        mount_path: format!("{MOUNTS}/{}", mounted.claim),
        read_only: mounted.is_read_only.then_some(true),
        ..VolumeMount::default()
    }
}

/// The configured resources, under the cube's accelerators, under the command line's limits.
fn resources(cube: &Cube, extras: &Extras) -> Option<ResourceRequirements> {
    let configured = cube.runner.resources.clone().and_then(|json| serde_json::from_value(json).ok());
    let ResourceRequirements { claims, limits, requests } = configured.unwrap_or_default();
    let (mut limits, mut requests) = (limits.unwrap_or_default(), requests.unwrap_or_default());
    let gpu = &cube.runner.gpu_resource;
    if extras.gpus.is_some() {
        limits.remove(gpu);
        requests.remove(gpu);
    }
    let gpus = extras.gpus.unwrap_or(cube.platform.accelerator_count);
    if gpus > 0 {
        limits.entry(gpu.clone()).or_insert_with(|| Quantity(gpus.to_string()));
    }
    for (name, limit) in &extras.limits {
        // The API server refuses a request above the limit; without a request the limit is taken for it.
        let fits = |request: &Quantity| k8s::Quantity::parse(&request.0) <= k8s::Quantity::parse(limit);
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

/// The labels of Job and Pod: the runner's two, the recommended ones, and the task.
fn labels(cube: &Cube, task: &BoundTask) -> BTreeMap<String, String> {
    let name = to_label_value(&cube.name);
    let labels = [
        ("app", "mlcube".to_owned()),
        ("app-name", name.clone()),
        ("app.kubernetes.io/name", name),
        ("app.kubernetes.io/component", to_label_value(&task.name)),
        ("app.kubernetes.io/managed-by", "mlcube-k8s".to_owned()),
        (&format!("{PREFIX}task"), to_label_value(&task.name)),
    ];
    labels.into_iter().filter(|(_, value)| !value.is_empty()).map(|(key, value)| (key.to_owned(), value)).collect()
}

fn annotations(cube: &Cube, task: &BoundTask, extras: &Extras) -> BTreeMap<String, String> {
    let values = |direction| {
        let parameters = task.parameters.iter().filter(|parameter| parameter.direction == direction);
        parameters.map(|parameter| (parameter.name.clone(), json!(parameter.value.as_str()))).collect::<Map<_, _>>()
    };
    let origin = Origin {
        cube: cube.name.clone(),
        task: task.name.clone(),
        inputs: values(Direction::Input),
        outputs: values(Direction::Output),
        platform: platform(cube, extras),
    };
    origin.annotations().iter().filter_map(text_pair).collect()
}

/// The cube's `platform` as it holds for this run: policies read the number of accelerators there.
fn platform(cube: &Cube, extras: &Extras) -> Value {
    let mut platform = cube.platform.raw.clone();
    if let Some(gpus) = extras.gpus {
        super::object(&mut platform).insert("accelerator_count".into(), json!(gpus));
    }
    platform
}

/// Put in what the configuration gives in Kubernetes' own words, so that fields this program does not know survive.
fn with_fragments(mut json: Value, runner: &Runner) -> Job {
    let pod = &mut json["spec"]["template"]["spec"];
    if !runner.tolerations.is_empty() {
        pod["tolerations"] = json!(runner.tolerations);
    }
    if !runner.env.is_empty() {
        pod["containers"][0]["env"] = json!(runner.env);
    }
    Job::from_json(json).expect("a Job was built")
}

fn text_pair((key, value): (&String, &Value)) -> Option<(String, String)> {
    value.as_str().map(|value| (key.clone(), value.to_owned()))
}

fn some<T>(items: Vec<T>) -> Option<Vec<T>> {
    Some(items).filter(|items| !items.is_empty())
}
