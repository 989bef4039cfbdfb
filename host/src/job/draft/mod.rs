//! From a task of a cube to the base Job: the manifest that the MLCube Kubernetes runner documents,
//! correct where its code is not. docs/compatibility.md lists every difference.

mod container;
mod labels;
mod overrides;
mod volumes;

pub use container::literal;
pub use overrides::ContainerOverrides;
pub use volumes::MOUNTS;

use super::{Job, to_dns_label};
use crate::cube::{BoundTask, Cube, Runner, Wanted};
use crate::k8s::Namespace;
use crate::yaml::ConfigError;
use k8s_openapi::api::batch::v1 as batch;
use k8s_openapi::api::core::v1::{
    LocalObjectReference, PodSecurityContext, PodSpec, PodTemplateSpec,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use volumes::Volumes;

/// The longest part of a Job's name that comes from the cube's: leaves room for `mlcube-` and the
/// run.
const LONGEST_NAME: usize = 40;

/// Build the Job of one task. It has a namespace if that is known.
pub fn draft(
    cube: &Cube,
    task: &BoundTask,
    overrides: &ContainerOverrides,
    namespace: Option<&Namespace>,
) -> Result<Job, ConfigError> {
    let runner = &cube.runner;
    let name = to_dns_label(&cube.name, LONGEST_NAME);
    let labels = labels::labels(cube, task);
    let job = batch::Job {
        metadata: ObjectMeta {
            generate_name: Some(format!("mlcube-{name}-")),
            namespace: namespace.map(ToString::to_string),
            labels: Some(labels.clone()),
            annotations: Some(labels::annotations(cube, task, overrides)?),
            ..ObjectMeta::default()
        },
        spec: Some(batch::JobSpec {
            backoff_limit: i32::try_from(runner.backoff_limit).ok(),
            ttl_seconds_after_finished: runner
                .ttl_seconds_after_finished
                .and_then(|ttl| i32::try_from(ttl).ok()),
            active_deadline_seconds: runner.active_deadline_seconds.map(i64::from),
            template: PodTemplateSpec {
                metadata: Some(ObjectMeta { labels: Some(labels), ..ObjectMeta::default() }),
                spec: Some(pod(cube, task, overrides)?),
            },
            ..batch::JobSpec::default()
        }),
        status: None,
    };
    let json = serde_json::to_value(job).expect("a Job is JSON");
    let (_, wanted) = cube.accelerators(overrides.gpus)?;
    Ok(with_fragments(json, runner, container::environment(runner, wanted)))
}

/// The user and the groups of the pod: the settings, else what docker's arguments ask for.
fn security_context(runner: &Runner, wanted: &Wanted) -> Option<PodSecurityContext> {
    let context = PodSecurityContext {
        run_as_user: runner.run_as_user.or(wanted.user).map(i64::from),
        run_as_group: runner.run_as_group.or(wanted.group).map(i64::from),
        fs_group: runner.fs_group.map(i64::from),
        ..PodSecurityContext::default()
    };
    Some(context).filter(|context| *context != PodSecurityContext::default())
}

fn pod(
    cube: &Cube,
    task: &BoundTask,
    overrides: &ContainerOverrides,
) -> Result<PodSpec, ConfigError> {
    let runner = &cube.runner;
    let (_, wanted) = cube.accelerators(overrides.gpus)?;
    let volumes = Volumes::new(runner, task, cube.shared_memory(wanted))?;
    let secrets = runner.image_pull_secrets.iter();
    let secrets = secrets.map(|name| LocalObjectReference { name: name.clone() });
    let selector: BTreeMap<_, _> = runner.node_selector.iter().filter_map(text_pair).collect();
    Ok(PodSpec {
        containers: vec![container::container(cube, task, overrides, &volumes)?],
        hostname: wanted.hostname.clone(),
        image_pull_secrets: some(secrets.collect()),
        node_selector: Some(selector).filter(|selector| !selector.is_empty()),
        restart_policy: Some("Never".into()),
        security_context: security_context(runner, wanted),
        service_account_name: runner.service_account.clone(),
        volumes: some(volumes.volumes()),
        ..PodSpec::default()
    })
}

/// Insert the parts that the configuration gives as Kubernetes' own JSON, so that fields that this
/// program does not know survive.
fn with_fragments(mut json: Value, runner: &Runner, env: Vec<Value>) -> Job {
    let pod = &mut json["spec"]["template"]["spec"];
    if !runner.tolerations.is_empty() {
        pod["tolerations"] = json!(runner.tolerations);
    }
    if !env.is_empty() {
        pod["containers"][0]["env"] = json!(env);
    }
    Job::from_json(json).expect("a Job was built")
}

fn text_pair((key, value): (&String, &Value)) -> Option<(String, String)> {
    value.as_str().map(|value| (key.clone(), value.to_owned()))
}

fn some<T>(items: Vec<T>) -> Option<Vec<T>> {
    Some(items).filter(|items| !items.is_empty())
}
