//! The parameters of a task as written: null, a path, or a mapping of `type`, `default` and `opts`.
//!
//! An unknown `type` or `opts` is refused for every task, a default only for the one that uses it.

use super::reader::Reader;
use crate::cube::deferred::Deferred;
use crate::cube::task::{Access, Direction, Kind, Parameter};
use crate::omegaconf::Spot;
use crate::yaml::{ConfigError, Fault, Node, Position, quote, typed};

impl<'t> Reader<'_, 't> {
    /// The parameters of one direction; `task` is the label of the task.
    pub(super) fn parameters(
        &mut self,
        task: &str,
        parameters: &Spot<'t>,
        direction: Direction,
    ) -> Result<Vec<Parameter>, ConfigError> {
        let key = match direction {
            Direction::Input => "inputs",
            Direction::Output => "outputs",
        };
        let Some(group) = self.get(parameters, key)? else { return Ok(Vec::new()) };
        let what = format!("{task}: `{key}`");
        if group.node().as_map().is_none() {
            let error = typed::wrong(&what, group.node(), "a mapping from names to parameters");
            return Err(
                error.with_hint("write `name: path` or `name: {type: file, default: path}`")
            );
        }
        let mut read = Vec::new();
        for (name, at, spot) in group.children() {
            let label = format!("parameter `{}` of {task}", quote(&name));
            if name.is_empty() || name.contains(|c: char| c == '=' || c.is_whitespace()) {
                let message = format!("{label} has a name that no argument can have");
                let error = ConfigError::new(Fault::Schema, message).at(&at);
                return Err(
                    error.with_hint("leave out blanks and `=`: the name becomes `--name=…`")
                );
            }
            read.push(self.parameter(&label, &name, at, spot, direction)?);
        }
        Ok(read)
    }

    fn parameter(
        &mut self,
        label: &str,
        name: &str,
        at: Position,
        spot: Spot<'t>,
        direction: Direction,
    ) -> Result<Parameter, ConfigError> {
        let mut parameter = Parameter {
            name: name.to_owned(),
            direction,
            kind: Kind::Unknown,
            default: Ok(name.to_owned()).into(),
            access: None,
            at,
        };
        match self.resolver.follow(spot) {
            Err(fault) => parameter.default = Err(fault).into(),
            Ok(spot) if spot.node().is_null() => {}
            Ok(spot) if spot.node().as_map().is_some() => {
                self.options(label, &mut parameter, &spot)?
            }
            Ok(spot) => parameter.default = Ok(default(label, spot.node())?).into(),
        }
        if let Some(value) = parameter.default.ok() {
            parameter.kind = parameter.kind.or_told_by(value);
        }
        Ok(parameter)
    }

    fn options(
        &mut self,
        label: &str,
        parameter: &mut Parameter,
        spot: &Spot<'t>,
    ) -> Result<(), ConfigError> {
        self.check_keys(label, spot, &["type", "default", "opts"], &["default"])?;
        if let Some(node) = self.value(spot, "type")? {
            let known = ["file", "directory", "unknown"];
            parameter.kind = match typed::one_of(&format!("{label}: `type`"), &node, &known)? {
                "file" => Kind::File,
                "directory" => Kind::Directory,
                _ => Kind::Unknown,
            };
        }
        if let Some(node) = self.value(spot, "opts")? {
            let word = typed::one_of(&format!("{label}: `opts`"), &node, &["ro", "rw"])?;
            parameter.access = Access::parse(word);
            if parameter.direction == Direction::Output
                && parameter.access == Some(Access::ReadOnly)
            {
                self.warnings.push(format!(
                    "`{}`: {label} is an output and asks to be mounted `ro`",
                    node.at
                ));
            }
        }
        let Some(child) = spot.child("default") else { return Ok(()) };
        parameter.default = match self.resolver.resolve(child) {
            Ok(node) if node.is_null() => return Ok(()),
            Ok(node) => Deferred::from(Ok(default(label, &node)?)),
            Err(fault) => Err(fault).into(),
        };
        Ok(())
    }
}

/// The default of a parameter: text, which may be empty here and is judged when it is used.
fn default(label: &str, node: &Node) -> Result<String, ConfigError> {
    match node.as_text() {
        Some(text) => Ok(text.to_owned()),
        None => Err(typed::no_text(label, node, "a path")),
    }
}
