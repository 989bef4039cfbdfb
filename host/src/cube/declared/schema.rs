//! The sections of a cube, read into types. The tasks that do not run are checked like those that
//! do; only a default that cannot be resolved waits until it is used.

use super::keys;
use super::reader::Reader;
use super::types::{Author, Platform};
use crate::cube::limits::ENTRYPOINT_BYTES;
use crate::cube::shell;
use crate::cube::task::{Direction, Task};
use crate::omegaconf::Spot;
use crate::yaml::{ConfigError, Data, Fault, Node, Position, quote, typed};

impl<'t> Reader<'_, 't> {
    /// The name.
    pub fn name(&mut self) -> Result<String, ConfigError> {
        let root = self.resolver.root();
        let Some(name) = self.value(&root, "name")? else {
            return Err(self.missing("name", "add a line such as `name: mnist`"));
        };
        typed::text("`name`", &name).map(str::to_owned)
    }

    /// The description; one that cannot be read is worth a warning and no more.
    pub fn description(&mut self) -> Option<String> {
        self.read_description().unwrap_or_else(|fault| {
            self.warnings.push(fault.to_string());
            None
        })
    }

    fn read_description(&mut self) -> Result<Option<String>, ConfigError> {
        let root = self.resolver.root();
        let Some(node) = self.value(&root, "description")? else { return Ok(None) };
        typed::text("`description`", &node).map(|text| Some(text.to_owned()))
    }

    /// The authors; entries of another shape than name, email and organisation are left out.
    pub fn authors(&mut self) -> Vec<Author> {
        let root = self.resolver.root();
        let Ok(Some(Node { data: Data::List(items), .. })) = self.value(&root, "authors") else {
            return Vec::new();
        };
        items.iter().filter_map(author).collect()
    }

    /// The section `platform`.
    pub fn platform(&mut self) -> Result<Platform, ConfigError> {
        let root = self.resolver.root();
        let Some(platform) = self.get(&root, "platform")? else { return Ok(Platform::default()) };
        typed::map("`platform`", platform.node())?;
        let accelerator_count = match self.value(&platform, "accelerator_count")? {
            Some(node) => typed::number("`platform.accelerator_count`", &node, 0, i32::MAX as u32)?,
            None => 0,
        };
        let raw = self.resolver.outline(platform, &mut Vec::new());
        Ok(Platform { accelerator_count, raw })
    }

    /// The tasks in the order of the file.
    pub fn tasks(&mut self) -> Result<Vec<Task>, ConfigError> {
        let root = self.resolver.root();
        let Some(tasks) = self.get(&root, "tasks")? else {
            let example =
                "add a mapping of task names, such as `tasks: {train: {parameters: {…}}}`";
            return Err(self.missing("tasks", example));
        };
        if tasks.node().as_map().is_none() {
            let error = typed::wrong("`tasks`", tasks.node(), "a mapping from task names to tasks");
            return Err(error.with_hint(
                "write `name:` with what belongs to the task indented below, not a list",
            ));
        }
        tasks.children().into_iter().map(|(name, at, spot)| self.task(&name, at, spot)).collect()
    }

    /// The error of a key that a cube must have.
    fn missing(&self, key: &str, example: &str) -> ConfigError {
        let error = ConfigError::new(Fault::Schema, format!("the cube has no `{key}`"));
        let root = self.resolver.root();
        match keys::misspelt(root.node(), key) {
            Some(entry) => {
                let written = quote(&entry.key);
                error.at(&entry.at).with_hint(format!("correct `{written}` to `{key}`"))
            }
            None => error.at(&self.file).with_hint(example),
        }
    }

    fn task(&mut self, name: &str, at: Position, spot: Spot<'t>) -> Result<Task, ConfigError> {
        let label = format!("task `{}`", quote(name));
        let spot = self.resolver.follow(spot)?;
        let mut task = Task {
            name: name.to_owned(),
            entrypoint: None,
            inputs: Vec::new(),
            outputs: Vec::new(),
            at,
        };
        if spot.node().is_null() {
            return Ok(task);
        }
        typed::map(&label, spot.node())?;
        let known = ["parameters", "entrypoint"];
        self.check_keys(&label, &spot, &known, &known)?;
        task.entrypoint = self.entrypoint(&label, &spot)?;
        let Some(parameters) = self.get(&spot, "parameters")? else { return Ok(task) };
        let parameters_label = format!("{label}: `parameters`");
        typed::map(&parameters_label, parameters.node())?;
        let known = ["inputs", "outputs"];
        self.check_keys(&parameters_label, &parameters, &known, &known)?;
        task.inputs = self.parameters(&label, &parameters, Direction::Input)?;
        task.outputs = self.parameters(&label, &parameters, Direction::Output)?;
        Ok(task)
    }

    fn entrypoint(
        &mut self,
        label: &str,
        task: &Spot<'t>,
    ) -> Result<Option<Vec<String>>, ConfigError> {
        let Some(child) = task.child("entrypoint") else { return Ok(None) };
        let node = self.resolver.resolve(child)?;
        let what = format!("{label}: `entrypoint`");
        let words: Vec<String> = match &node.data {
            Data::Null(_) => {
                self.warnings.push(format!(
                    "`{}`: {what} is empty and is ignored; the image's own entry point is used",
                    node.at
                ));
                return Ok(None);
            }
            Data::List(items) => {
                let words = items.iter().map(|item| typed::text(&what, item).map(str::to_owned));
                words.collect::<Result<_, _>>()?
            }
            Data::Text(text) if text.len() > ENTRYPOINT_BYTES => {
                let message = format!("{what} has more than {ENTRYPOINT_BYTES} bytes");
                return Err(ConfigError::new(Fault::Limit, message).at(&node.at));
            }
            _ => shell::split(typed::text(&what, &node)?).map_err(|why| {
                typed::invalid(&what, &node, format_args!("{} {why}", typed::shown(&node)))
            })?,
        };
        if words.is_empty() {
            return Err(typed::invalid(
                &what,
                &node,
                "expected at least the command, found an empty list",
            ));
        }
        Ok(Some(words))
    }
}

fn author(node: &Node) -> Option<Author> {
    let Some(map) = node.as_map() else {
        let name = node.as_typed()?.to_owned();
        return Some(Author { name: Some(name), ..Author::default() });
    };
    let text = |key: &str| map.value(key).and_then(Node::as_typed).map(str::to_owned);
    Some(Author { name: text("name"), email: text("email"), organisation: text("org") })
}
