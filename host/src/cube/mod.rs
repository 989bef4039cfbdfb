//! A cube as it is meant: `mlcube.yaml`, overrides and system settings read into validated types.
//!
//! The room is pure. Texts come in already read, the environment comes in as a function, and out comes a [`Cube`] or one
//! [`ConfigError`]. In reading order: [`Request`] and [`Cube`] here, then the merge (`config`), the typed reading (`schema`,
//! `runner`), the values of one run (`bind`). YAML is the room `yaml`, and interpolation the room `omegaconf`.
//!
//! Invariant: whatever the texts say, reading ends, within the bounds of `limits`, and never panics.

mod bind;
mod config;
mod deferred;
mod env;
mod limits;
mod overrides;
mod parameters;
mod path;
mod pod;
mod runner;
mod schema;
mod section;
mod settings;
mod task;
mod words;

use std::path::PathBuf;

use serde_json::{Map, Value};

pub use bind::{BoundParameter, BoundTask};
pub use deferred::Deferred;
pub use path::{PathRule, RelativePath};
pub use runner::{Claims, PullPolicy, Runner};
pub use task::{Access, Direction, Kind, Parameter, Task};

use crate::omegaconf::Resolver;
use crate::yaml::{ConfigError, Fault, Node, Origin, quote};

/// A text file that was already read.
#[derive(Clone, Debug)]
pub struct Source {
    /// The path as the user should see it in messages.
    pub path: PathBuf,
    /// What the file holds.
    pub text: String,
}

/// All that the effective configuration depends on.
pub struct Request<'a> {
    /// The cube's own file.
    pub cube: Source,
    /// The system settings, if there is such a file.
    pub system: Option<Source>,
    /// The platform that was asked for by name.
    pub platform: Option<String>,
    /// `a.b.c=value`, as typed after `-P`.
    pub overrides: Vec<String>,
    /// The folder of the cube, absolute.
    pub root: PathBuf,
    /// The workspace that was asked for, absolute.
    pub workspace: Option<PathBuf>,
    /// The environment, for `${oc.env:…}`.
    pub env: &'a dyn Fn(&str) -> Option<String>,
}

/// An MLCube, ready to be run or described.
#[derive(Clone, Debug, PartialEq)]
pub struct Cube {
    /// The cube's name, as written.
    pub name: String,
    /// What the cube is for.
    pub description: Option<String>,
    /// Who wrote it.
    pub authors: Vec<Author>,
    /// What the cube wants of a machine.
    pub platform: Platform,
    /// The tasks in the order of the file.
    pub tasks: Vec<Task>,
    /// How the Job is made.
    pub runner: Runner,
    /// What is worth telling and stops nothing.
    pub warnings: Vec<String>,
    /// The effective configuration, for showing.
    pub config: Config,
}

/// One of the people behind a cube.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Author {
    /// The person.
    pub name: Option<String>,
    /// Where to write to.
    pub email: Option<String>,
    /// Where the person works.
    pub organisation: Option<String>,
}

/// The section `platform` of a cube.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Platform {
    /// How many accelerators a task needs.
    pub accelerator_count: u32,
    /// The whole section, resolved as far as possible.
    pub raw: Value,
}

/// The effective configuration as JSON.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// Merged, with its interpolations as written.
    pub written: Value,
    /// Merged and resolved; what cannot be resolved stays as written.
    pub resolved: Value,
    /// Why it cannot.
    pub faults: Vec<ConfigError>,
}

impl Cube {
    /// Reads the cube that the request describes.
    pub fn read(request: &Request<'_>) -> Result<Cube, ConfigError> {
        let tree = config::effective(request)?;
        let mut resolver = Resolver::new(&tree, request.env);
        let file = Origin::file(&request.cube.path).whole();
        let runner = section::read(&mut resolver, &file)?;
        let mut reader = schema::Reader { resolver: &mut resolver, file, warnings: Vec::new() };
        let name = reader.name()?;
        let description = reader.description();
        let authors = reader.authors();
        let platform = reader.platform()?;
        let tasks = reader.tasks()?;
        let warnings = reader.warnings;
        let config = Config::of(&tree, request);
        Ok(Cube { name, description, authors, platform, tasks, runner, warnings, config })
    }

    /// The task of a name; the error lists those there are, the nearest first.
    pub fn task(&self, name: &str) -> Result<&Task, ConfigError> {
        let found = self.tasks.iter().find(|task| task.name == name);
        found.ok_or_else(|| {
            let error = ConfigError::new(
                Fault::Unknown,
                format!("no task `{}` in the cube `{}`", quote(name), quote(&self.name)),
            );
            match self.tasks.len() {
                0 => error.with_hint("the cube declares no task"),
                _ => error.with_choices(name, self.tasks.iter().map(|task| task.name.as_str())),
            }
        })
    }
}

impl Config {
    /// Reads no more than the configuration: one that no cube can be made of can still be shown.
    pub fn read(request: &Request<'_>) -> Result<Config, ConfigError> {
        config::effective(request).map(|tree| Config::of(&tree, request))
    }

    /// Resolved with a budget of its own, so that showing takes nothing away from reading.
    fn of(tree: &Node, request: &Request<'_>) -> Config {
        let mut resolver = Resolver::new(tree, request.env);
        let mut faults = Vec::new();
        let resolved = resolver.outline(resolver.root(), &mut faults);
        Config { written: tree.to_json(), resolved, faults }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self { written: Value::Object(Map::new()), resolved: Value::Object(Map::new()), faults: Vec::new() }
    }
}
