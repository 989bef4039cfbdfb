//! The cube as written, read into types: name, people, platform, tasks and their parameters.
//!
//! Invariant: what a task needs is checked for every task; a default that cannot be resolved waits until it is used.

use std::sync::Arc;

use super::limits::ENTRYPOINT_BYTES;
use super::task::{Direction, Task};
use super::words;
use super::{Author, Platform};
use crate::omegaconf::{Resolver, Spot};
use crate::yaml::{ConfigError, Data, Fault, Node, Position, quote, typed};

/// Reads one cube; warnings gather on the way.
pub(crate) struct Reader<'r, 't> {
    pub(crate) resolver: &'r mut Resolver<'t>,
    /// The file of the cube, for what is missing from it.
    pub(crate) file: Position,
    pub(crate) warnings: Vec<String>,
}

impl<'t> Reader<'_, 't> {
    /// The value of a key, followed; nothing when it is absent or null.
    pub(crate) fn get(&mut self, spot: &Spot<'t>, key: &str) -> Result<Option<Spot<'t>>, ConfigError> {
        let Some(child) = spot.child(key) else { return Ok(None) };
        let found = self.resolver.follow(child)?;
        Ok(if found.node().is_null() { None } else { Some(found) })
    }

    /// The value of a key, resolved as a whole; nothing when it is absent or null.
    pub(crate) fn value(&mut self, spot: &Spot<'t>, key: &str) -> Result<Option<Node>, ConfigError> {
        let Some(child) = spot.child(key) else { return Ok(None) };
        let node = self.resolver.resolve(child)?;
        Ok(if node.is_null() { None } else { Some(node) })
    }

    pub(crate) fn name(&mut self) -> Result<String, ConfigError> {
        let root = self.resolver.root();
        match self.value(&root, "name")? {
            Some(name) => typed::text("`name`", &name).map(str::to_owned),
            None => {
                let error = ConfigError::new(Fault::Schema, "the cube has no `name`").at(&self.file);
                Err(error.with_hint("add a line such as `name: mnist`"))
            }
        }
    }

    /// The description; one that cannot be read is worth a warning and no more.
    pub(crate) fn description(&mut self) -> Option<String> {
        let root = self.resolver.root();
        let read = self.value(&root, "description");
        let read =
            read.and_then(|node| node.map(|node| typed::text("`description`", &node).map(str::to_owned)).transpose());
        read.unwrap_or_else(|fault| {
            self.warnings.push(fault.to_string());
            None
        })
    }

    /// The authors; whatever has another shape than name, email and organisation is left out.
    pub(crate) fn authors(&mut self) -> Vec<Author> {
        let root = self.resolver.root();
        let Ok(Some(Node { data: Data::List(items), .. })) = self.value(&root, "authors") else {
            return Vec::new();
        };
        items.iter().filter_map(author).collect()
    }

    pub(crate) fn platform(&mut self) -> Result<Platform, ConfigError> {
        let root = self.resolver.root();
        let Some(platform) = self.get(&root, "platform")? else { return Ok(Platform::default()) };
        typed::map("`platform`", platform.node())?;
        let count = match self.value(&platform, "accelerator_count")? {
            Some(node) => typed::number("`platform.accelerator_count`", &node, 0, i32::MAX as u32)?,
            None => 0,
        };
        let raw = self.resolver.outline(platform, &mut Vec::new());
        Ok(Platform { accelerator_count: count, raw })
    }

    pub(crate) fn tasks(&mut self) -> Result<Vec<Task>, ConfigError> {
        let root = self.resolver.root();
        let Some(tasks) = self.get(&root, "tasks")? else {
            let error = ConfigError::new(Fault::Schema, "the cube has no `tasks`").at(&self.file);
            return Err(error.with_hint("add a mapping of task names, such as `tasks: {train: {parameters: {…}}}`"));
        };
        if tasks.node().as_map().is_none() {
            let error = typed::wrong("`tasks`", tasks.node(), "a mapping from task names to tasks is needed");
            return Err(error.with_hint("write `name:` with what belongs to the task indented below, not a list"));
        }
        tasks.children().into_iter().map(|(name, at, spot)| self.task(&name, at, spot)).collect()
    }

    fn task(&mut self, name: &Arc<str>, at: Position, spot: Spot<'t>) -> Result<Task, ConfigError> {
        let label = format!("task `{}`", quote(name));
        let spot = self.resolver.follow(spot)?;
        let mut task = Task { name: name.to_string(), entrypoint: None, inputs: Vec::new(), outputs: Vec::new(), at };
        if spot.node().is_null() {
            return Ok(task);
        }
        typed::map(&label, spot.node())?;
        self.warn(&label, &spot, &["parameters", "entrypoint"]);
        task.entrypoint = self.entrypoint(&label, &spot)?;
        let Some(parameters) = self.get(&spot, "parameters")? else { return Ok(task) };
        typed::map(&format!("{label}: `parameters`"), parameters.node())?;
        self.warn(&format!("{label}: `parameters`"), &parameters, &["inputs", "outputs"]);
        task.inputs = self.parameters(&label, &parameters, Direction::Input)?;
        task.outputs = self.parameters(&label, &parameters, Direction::Output)?;
        Ok(task)
    }

    fn entrypoint(&mut self, label: &str, task: &Spot<'t>) -> Result<Option<Vec<String>>, ConfigError> {
        let Some(child) = task.child("entrypoint") else { return Ok(None) };
        let node = self.resolver.resolve(child)?;
        let what = format!("{label}: `entrypoint`");
        let words = match &node.data {
            Data::Null => {
                self.warnings.push(format!(
                    "`{}`: {what} is empty and is ignored; the image's own entry point is used",
                    node.at
                ));
                return Ok(None);
            }
            Data::List(items) => {
                items.iter().map(|item| typed::text(&what, item).map(str::to_owned)).collect::<Result<_, _>>()?
            }
            Data::Text(text) if text.len() > ENTRYPOINT_BYTES => {
                let message = format!("{what} has more than {ENTRYPOINT_BYTES} bytes");
                return Err(ConfigError::new(Fault::Limit, message).at(&node.at));
            }
            _ => words::split(typed::text(&what, &node)?).map_err(|why| typed::wrong(&what, &node, why))?,
        };
        if words.is_empty() {
            return Err(typed::wrong(&what, &node, "at least the command is needed"));
        }
        Ok(Some(words))
    }

    pub(crate) fn warn(&mut self, label: &str, spot: &Spot<'_>, known: &[&str]) {
        let keys = spot.node().as_map().into_iter().flat_map(|map| map.iter()).map(|entry| (&*entry.key, &entry.at));
        typed::warn_of_keys(label, keys, known, &mut self.warnings);
    }
}

fn author(node: &Node) -> Option<Author> {
    let Some(map) = node.as_map() else {
        return node.as_text().map(|name| Author { name: Some(name.to_owned()), ..Author::default() });
    };
    let text = |key: &str| map.value(key).and_then(Node::as_text).map(str::to_owned);
    Some(Author { name: text("name"), email: text("email"), organisation: text("org") })
}
