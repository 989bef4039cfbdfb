//! A command line in miniature: what is typed becomes a request, and what comes back becomes text.
//!
//! Cubes are read and Jobs are drafted here and nowhere else, so that a new way to do it is written
//! once.

use mlcube_k8s::cube::{Access, BoundTask, Cube, Request, Runner, Source};
use mlcube_k8s::job::{ContainerOverrides, Job};
use mlcube_k8s::yaml::ConfigError;

/// One set of texts from outside.
#[derive(Clone, Debug, Default)]
pub struct Input {
    pub cube: String,
    pub system: Option<String>,
    pub platform: Option<String>,
    pub overrides: Vec<String>,
    pub workspace: Option<String>,
    /// The arguments `name=value`.
    pub values: Vec<String>,
}

impl Input {
    /// A cube and nothing else.
    pub fn cube(text: impl Into<String>) -> Self {
        Self { cube: text.into(), ..Self::default() }
    }

    /// The arguments, parted at the first `=`.
    pub fn pairs(&self) -> Vec<(String, String)> {
        let parted = self.values.iter().filter_map(|typed| typed.split_once('='));
        parted.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    /// Read the cube, as lying in a folder.
    pub fn read(
        &self,
        root: &str,
        env: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Cube, ConfigError> {
        Cube::read(&Request {
            cube: Source { path: "mlcube.yaml".into(), text: self.cube.clone() },
            system: self.system.clone().map(|text| Source { path: "settings.yaml".into(), text }),
            platform: self.platform.clone(),
            overrides: self.overrides.clone(),
            root: root.into(),
            workspace: self.workspace.clone().map(Into::into),
            env,
        })
    }
}

/// The Job of a task, without options of the command line.
pub fn draft(cube: &Cube, task: &BoundTask) -> Result<Job, ConfigError> {
    mlcube_k8s::job::draft(cube, task, &ContainerOverrides::default(), None)
}

/// The environment of every row, never the machine's.
pub fn env(name: &str) -> Option<String> {
    let value = match name {
        "V" => "val",
        "INT" => "12",
        "INTERPOLATED" => "${a}",
        _ => return None,
    };
    Some(value.to_owned())
}

/// Read a cube with arguments: `-P a.b=c`, `--platform=name`, `--system=text of the file`,
/// `--workspace=path`.
pub fn read(file: &str, arguments: &[&str]) -> Result<Cube, ConfigError> {
    let after = |prefix: &'static str| {
        arguments
            .iter()
            .filter_map(move |argument| argument.strip_prefix(prefix).map(str::to_owned))
    };
    let input = Input {
        cube: file.to_owned(),
        system: after("--system=").next(),
        platform: after("--platform=").next(),
        overrides: after("-P ").collect(),
        workspace: after("--workspace=").next(),
        values: Vec::new(),
    };
    input.read("/cubes/it", &env)
}

/// Go on to bind the task of `--task=name` to the arguments `name=value`, with `--mount=ro` or
/// `--mount=rw`.
pub fn bind(cube: &Cube, arguments: &[&str]) -> Result<Vec<BoundTask>, ConfigError> {
    let options =
        |prefix: &str| arguments.iter().find_map(|argument| argument.strip_prefix(prefix));
    let tasks: Vec<&str> =
        options("--task=").map(|names| names.split(',').collect()).unwrap_or_default();
    let plain = arguments.iter().filter(|argument| !argument.starts_with('-'));
    let values = plain.map(|argument| (*argument).to_owned()).collect();
    let pairs = Input { values, ..Input::default() }.pairs();
    cube.bind(&tasks, &pairs, options("--mount=").and_then(Access::parse))
}

/// The runner of a cube with these settings.
pub fn runner(lines: &str) -> Runner {
    let indented: String = lines.lines().map(|line| format!("  {line}\n")).collect();
    let text =
        format!("name: c\ndocker: {{image: i}}\ntasks: {{}}\nk8s:\n  runner: k8s\n{indented}");
    read(&text, &[]).unwrap_or_else(|error| panic!("{lines} is read: {error}")).runner
}

/// The whole of an error as a user sees it.
pub fn shown(error: &ConfigError) -> String {
    match error.hint() {
        Some(hint) => format!("{error}\n  hint: {hint}"),
        None => error.to_string(),
    }
}

/// All that a run would ask of a cube: `--image` and `--claims` ask for those, `--task=` binds.
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

/// `a0: <first>`, then `a1` made of `a0`, and so on; `name` is the last.
pub fn tower(first: &str, floors: usize, floor: impl Fn(usize) -> String) -> String {
    let floors: String =
        (1..floors).map(|index| format!("a{index}: {}\n", floor(index - 1))).collect();
    format!("a0: {first}\n{floors}tasks: {{}}\n")
}
