//! The cube, read as a whole.

use super::config::{Config, Merged, merged};
use super::declared::{self, Author, Platform};
use super::docker::{Docker, SharedMemory, Wanted};
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
    /// The arguments of `docker run` that it declares.
    pub docker: Docker,
    /// The settings of the Job.
    pub runner: Runner,
    /// The workspace on this machine, as the configuration names it: absolute paths, which stand for
    /// the workspace on the claim.
    pub(super) workspaces: Vec<String>,
    /// Faults that are worth telling and stop nothing.
    pub warnings: Vec<String>,
    /// The effective configuration, for showing.
    pub config: Config,
}

impl Cube {
    /// Read the cube that the request describes.
    pub fn read(request: &Request<'_>) -> Result<Cube, ConfigError> {
        Self::of(&merged(request)?, request)
    }

    fn of(merged: &Merged, request: &Request<'_>) -> Result<Cube, ConfigError> {
        let tree = &merged.tree;
        declared::check_format(tree)?;
        let mut resolver = Resolver::new(tree, request.env);
        let file = Origin::file(&request.cube.path).whole();
        let runner = runner::read(&mut resolver, &file)?;
        let docker = Docker::read(&mut resolver);
        let workspaces = workspaces(&mut resolver);
        let mut reader = declared::Reader::new(&mut resolver, file);
        let name = reader.name()?;
        let description = reader.description();
        let authors = reader.authors();
        let platform = reader.platform()?;
        let tasks = reader.tasks()?;
        let mut warnings = reader.into_warnings();
        warnings.extend(merged.warnings.iter().cloned());
        warnings.extend(declared::unread_keys(tree));
        warnings.extend(runner.warnings.iter().cloned());
        let config = Config::of(tree, request);
        Ok(Cube {
            name,
            description,
            authors,
            platform,
            tasks,
            docker,
            runner,
            workspaces,
            warnings,
            config,
        })
    }

    /// The number of accelerators that a container gets, and what docker's arguments ask of it;
    /// `flag` is the number of the command line, which wins.
    pub fn accelerators(&self, flag: Option<u32>) -> Result<(u32, &Wanted), ConfigError> {
        let declared = flag.unwrap_or(self.platform.accelerator_count);
        let wanted = self.docker.wanted(declared)?;
        let asked = wanted.gpus.filter(|_| flag.is_none() && declared == 0);
        Ok((asked.unwrap_or(declared), wanted))
    }

    /// The shared memory of a container: the setting, or what docker's arguments ask for.
    pub fn shared_memory(&self, wanted: &Wanted) -> Option<SharedMemory> {
        let set = self.runner.shared_memory.clone().map(|size| SharedMemory { size: Some(size) });
        set.or_else(|| wanted.shared_memory.clone())
    }

    /// The workspace on this machine, an absolute path.
    pub fn workspace(&self) -> Option<&str> {
        self.workspaces.first().map(String::as_str)
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

impl Config {
    /// Read no more than the configuration: one that no cube can be made of can still be shown, and
    /// why none can be made is a warning.
    pub fn read(request: &Request<'_>) -> Result<Config, ConfigError> {
        let merged = merged(request)?;
        let refusal = match Cube::of(&merged, request) {
            Ok(Cube { config, warnings, .. }) => return Ok(Config { warnings, ..config }),
            Err(refusal) => refusal,
        };
        let mut warnings = merged.warnings;
        warnings.extend(declared::unread_keys(&merged.tree));
        warnings.push(refusal.sentence());
        Ok(Config { warnings, ..Config::of(&merged.tree, request) })
    }
}

/// `workspace` and `runtime.workspace`, as far as they are absolute paths.
fn workspaces(resolver: &mut Resolver<'_>) -> Vec<String> {
    let root = resolver.root();
    let inner = root.child("runtime").and_then(|runtime| runtime.child("workspace"));
    let both = [root.child("workspace"), inner].into_iter().flatten();
    let texts = both.filter_map(|spot| resolver.resolve(spot).ok()?.as_text().map(str::to_owned));
    texts.filter(|text| text.len() > 1 && text.starts_with('/')).collect()
}
