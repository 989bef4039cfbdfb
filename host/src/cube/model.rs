//! The cube, read as a whole.

use super::config::{Config, merged};
use super::declared::{self, Author, Platform};
use super::request::Request;
use super::runner::{self, Runner};
use super::task::Task;
use crate::omegaconf::Resolver;
use crate::yaml::{ConfigError, Fault, Origin, quote};

/// An MLCube, ready to be run or described.
#[derive(Clone, Debug, PartialEq)]
pub struct Cube {
    /// The cube's name, as written.
    pub name: String,
    /// The purpose of the cube.
    pub description: Option<String>,
    /// The people who wrote it.
    pub authors: Vec<Author>,
    /// The demands on a machine.
    pub platform: Platform,
    /// The tasks in the order of the file.
    pub tasks: Vec<Task>,
    /// The settings of the Job.
    pub runner: Runner,
    /// Faults that are worth telling and stop nothing.
    pub warnings: Vec<String>,
    /// The effective configuration, for showing.
    pub config: Config,
}

impl Cube {
    /// Read the cube that the request describes.
    pub fn read(request: &Request<'_>) -> Result<Cube, ConfigError> {
        let tree = merged(request)?;
        let mut resolver = Resolver::new(&tree, request.env);
        let file = Origin::file(&request.cube.path).whole();
        let runner = runner::read(&mut resolver, &file)?;
        let mut reader = declared::Reader::new(&mut resolver, file);
        let name = reader.name()?;
        let description = reader.description();
        let authors = reader.authors();
        let platform = reader.platform()?;
        let tasks = reader.tasks()?;
        let warnings = reader.into_warnings();
        let config = Config::of(&tree, request);
        Ok(Cube { name, description, authors, platform, tasks, runner, warnings, config })
    }

    /// The task of a name; the error lists those there are, the nearest first.
    pub fn task(&self, name: &str) -> Result<&Task, ConfigError> {
        if let Some(task) = self.tasks.iter().find(|task| task.name == name) {
            return Ok(task);
        }
        let message = format!("no task `{}` in the cube `{}`", quote(name), quote(&self.name));
        let error = ConfigError::new(Fault::Unknown, message);
        if self.tasks.is_empty() {
            return Err(error.with_hint("the cube declares no task"));
        }
        Err(error.with_choices(name, self.tasks.iter().map(|task| task.name.as_str())))
    }
}
