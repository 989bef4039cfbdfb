//! A command line in miniature: what a row types becomes a request, and what comes back becomes text.
//!
//! Invariant: the environment is the table below, never the machine's.

use mlcube_k8s::cube::{Access, BoundTask, Cube, Request, Source};
use mlcube_k8s::yaml::ConfigError;

/// The environment of every test.
pub fn env(name: &str) -> Option<String> {
    let value = match name {
        "V" => "val",
        "INT" => "12",
        "INTERPOLATED" => "${a}",
        _ => return None,
    };
    Some(value.to_owned())
}

/// Reads a cube with arguments: `-P a.b=c`, `--platform=name`, `--system=text of the file`, `--workspace=path`.
pub fn read(file: &str, arguments: &[&str]) -> Result<Cube, ConfigError> {
    let after = |prefix: &'static str| {
        arguments.iter().filter_map(move |argument| argument.strip_prefix(prefix).map(str::to_owned))
    };
    Cube::read(&Request {
        cube: Source { path: "mlcube.yaml".into(), text: file.to_owned() },
        system: after("--system=").next().map(|text| Source { path: "settings.yaml".into(), text }),
        platform: after("--platform=").next(),
        overrides: after("-P ").collect(),
        root: "/cubes/it".into(),
        workspace: after("--workspace=").next().map(Into::into),
        env: &env,
    })
}

/// Goes on to bind the task of `--task=name` to the arguments `name=value`, with `--mount=ro` or `--mount=rw`.
pub fn bind(cube: &Cube, arguments: &[&str]) -> Result<Vec<BoundTask>, ConfigError> {
    let options = |prefix: &str| arguments.iter().find_map(|argument| argument.strip_prefix(prefix));
    let tasks: Vec<&str> = options("--task=").map(|names| names.split(',').collect()).unwrap_or_default();
    let plain = arguments.iter().filter(|argument| !argument.starts_with('-'));
    let values: Vec<_> = plain
        .filter_map(|argument| argument.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    cube.bind(&tasks, &values, options("--mount=").and_then(Access::parse))
}

/// The whole of an error as a user sees it.
pub fn shown(error: &ConfigError) -> String {
    match error.hint() {
        Some(hint) => format!("{error}\n  hint: {hint}"),
        None => error.to_string(),
    }
}

/// All that a run would ask of the room: `--image` and `--claims` ask for those, `--task=` binds.
pub fn outcome(file: &str, arguments: &[&str]) -> Result<(), ConfigError> {
    let cube = read(file, arguments)?;
    if arguments.contains(&"--image") {
        cube.runner.image.get()?;
    }
    if arguments.contains(&"--claims") {
        cube.runner.claims.input.get()?;
        cube.runner.claims.output.get()?;
    }
    bind(&cube, arguments).map(drop)
}

/// The folder of this room's test data.
pub fn cases() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/cases/cubes")
}
