//! The labels and annotations of a drafted Job.

use super::overrides::ContainerOverrides;
use crate::cube::{BoundTask, Cube, Direction};
use crate::job::{Origin, PREFIX, object, to_label_value};
use crate::yaml::ConfigError;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The labels of Job and Pod: the runner's two, the recommended ones, and the task.
pub fn labels(cube: &Cube, task: &BoundTask) -> BTreeMap<String, String> {
    let name = to_label_value(&cube.name);
    let labels = [
        ("app", "mlcube".to_owned()),
        ("app-name", name.clone()),
        ("app.kubernetes.io/name", name),
        ("app.kubernetes.io/component", to_label_value(&task.name)),
        ("app.kubernetes.io/managed-by", "mlcube-k8s".to_owned()),
        (&format!("{PREFIX}task"), to_label_value(&task.name)),
    ];
    labels
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(key, value)| (key.to_owned(), value))
        .collect()
}

/// The annotations of the Job: the cube behind it.
pub fn annotations(
    cube: &Cube,
    task: &BoundTask,
    overrides: &ContainerOverrides,
) -> Result<BTreeMap<String, String>, ConfigError> {
    let values = |direction| {
        let parameters =
            task.parameters.iter().filter(|parameter| parameter.direction == direction);
        parameters
            .map(|parameter| (parameter.name.clone(), json!(parameter.value.as_str())))
            .collect::<Map<_, _>>()
    };
    let origin = Origin {
        cube: cube.name.clone(),
        task: task.name.clone(),
        inputs: values(Direction::Input),
        outputs: values(Direction::Output),
        platform: platform(cube, overrides)?,
        ..Origin::default()
    };
    Ok(origin.annotations().iter().filter_map(super::text_pair).collect())
}

/// The cube's `platform` with the overrides of this run: policies read the number of accelerators
/// there.
fn platform(cube: &Cube, overrides: &ContainerOverrides) -> Result<Value, ConfigError> {
    let mut platform = cube.platform.raw.clone();
    let (gpus, _) = cube.accelerators(overrides.gpus)?;
    if overrides.gpus.is_some() || gpus != cube.platform.accelerator_count {
        object(&mut platform).insert("accelerator_count".into(), json!(gpus));
    }
    Ok(platform)
}
