//! Owns what this project makes of a case, in the shape in which the reference answers.

use mlcube_k8s::cube::Kind;
use mlcube_k8s::yaml::ConfigError;
use serde_json::{Map, Value, json};

use crate::answer::Answer;
use crate::corpus::Case;
use crate::support::cube::{Input, draft};

/// The answer of `mlcube-k8s render`.
pub fn ask(case: &Case) -> Answer {
    match answer(case) {
        Ok(json) => Answer::Built(json),
        Err(error) => Answer::Refused(format!("{:?}", error.fault()), error.to_string()),
    }
}

fn answer(case: &Case) -> Result<Value, ConfigError> {
    let input = Input {
        cube: case.cube.clone(),
        system: case.system.clone(),
        platform: case.platform.clone(),
        overrides: case.overrides.clone(),
        workspace: case.workspace.clone(),
        values: Vec::new(),
    };
    let cube = input.read(&case.root, &|name| case.env.get(name).cloned())?;
    // A word without `=` is refused before a cube is read; no parameter is called so.
    let pair = |typed: &String| {
        typed.split_once('=').map_or((format!("={typed}"), String::new()), |(name, value)| {
            (name.to_owned(), value.to_owned())
        })
    };
    let values: Vec<(String, String)> = case.values.iter().map(pair).collect();
    let task = cube.task(&case.task)?.bind(&values, None)?;
    let job = draft(&cube, &task)?;
    let mut kinds = Map::new();
    for declared in &cube.tasks {
        let kinds_of = declared.parameters().map(|parameter| {
            // The reference gives a typed value to the parameters of that name in all tasks; here
            // only those that run.
            let typed = values
                .iter()
                .rev()
                .find(|(name, _)| *name == parameter.name)
                .map_or("", |(_, value)| value);
            let kind = match parameter.kind {
                Kind::Unknown if typed.ends_with(['/', '\\']) => "directory",
                Kind::File => "file",
                Kind::Directory => "directory",
                Kind::Unknown => "unknown",
            };
            (parameter.name.clone(), json!(kind))
        });
        kinds.insert(declared.name.clone(), Value::Object(kinds_of.collect()));
    }
    Ok(json!({
        "config": cube.config.resolved,
        "order": cube.tasks.iter().map(|task| &task.name).collect::<Vec<_>>(),
        "kinds": kinds,
        "job": job.json(),
        "faults": cube.config.faults.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "namespace": cube.runner.namespace.as_ref().map(ToString::to_string),
    }))
}
