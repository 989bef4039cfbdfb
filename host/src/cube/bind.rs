//! A task with the values of one run: the kind of each parameter, its path in the claim and its
//! access. Nothing is left to decide or to refuse; each value is a path inside its claim.

use super::model::Cube;
use super::path::RelativePath;
use super::task::{Access, Direction, Kind, Parameter, Task, ends_as_directory};
use crate::text;
use crate::yaml::{ConfigError, Fault, quote};
use std::collections::HashSet;

/// A task whose parameters have their final values.
#[derive(Clone, Debug, PartialEq)]
pub struct BoundTask {
    /// The name of the task.
    pub name: String,
    /// The words of the task's own entry point, the command first; without one the image's is used.
    pub entrypoint: Option<Vec<String>>,
    /// Inputs, then outputs, each in the order of the file: the order of the arguments.
    pub parameters: Vec<BoundParameter>,
    /// Faults that are worth telling and stop nothing.
    pub warnings: Vec<String>,
}

/// A parameter with its final value.
#[derive(Clone, Debug, PartialEq)]
pub struct BoundParameter {
    /// The name, which becomes `--name=…`.
    pub name: String,
    /// Whether the task reads it or writes it.
    pub direction: Direction,
    /// File or directory; never unknown.
    pub kind: Kind,
    /// The path relative to the workspace on the claim.
    pub value: RelativePath,
    /// The access with which its place is mounted.
    pub access: Access,
}

impl Cube {
    /// Bind several tasks to the values of one command line; a name that no chosen task has is an
    /// error.
    pub fn bind(
        &self,
        tasks: &[&str],
        values: &[(String, String)],
        mount: Option<Access>,
    ) -> Result<Vec<BoundTask>, ConfigError> {
        let tasks = tasks.iter().map(|name| self.task(name)).collect::<Result<Vec<_>, _>>()?;
        check_names(&tasks, values)?;
        tasks.into_iter().map(|task| bind(task, values, mount, &self.workspaces)).collect()
    }
}

impl Task {
    /// Bind the task to `name=value` pairs, of which the last of a name counts; `mount` overrides
    /// `opts` of the inputs.
    pub fn bind(
        &self,
        values: &[(String, String)],
        mount: Option<Access>,
    ) -> Result<BoundTask, ConfigError> {
        check_names(&[self], values)?;
        bind(self, values, mount, &[])
    }
}

fn check_names(tasks: &[&Task], values: &[(String, String)]) -> Result<(), ConfigError> {
    let known =
        || tasks.iter().flat_map(|task| task.parameters()).map(|parameter| parameter.name.as_str());
    let names: HashSet<&str> = known().collect();
    let Some((name, _)) = values.iter().find(|(name, _)| !names.contains(name.as_str())) else {
        return Ok(());
    };
    let names = tasks.iter().map(|task| format!("`{}`", task.name)).collect::<Vec<_>>().join(", ");
    let what = if tasks.len() == 1 { "task" } else { "tasks" };
    let mut seen = HashSet::new();
    let listed: Vec<&str> = known().filter(|name| seen.insert(*name)).collect();
    let error = ConfigError::new(
        Fault::Unknown,
        format!("no parameter `{}` in {what} {names}", quote(name)),
    );
    Err(if listed.is_empty() {
        error.with_hint("it takes no parameters")
    } else {
        error.with_choices(name, listed)
    })
}

fn bind(
    task: &Task,
    values: &[(String, String)],
    mount: Option<Access>,
    workspaces: &[String],
) -> Result<BoundTask, ConfigError> {
    let mut warnings = Vec::new();
    let mut parameters = Vec::new();
    for parameter in task.parameters() {
        parameters.push(bind_parameter(task, parameter, values, mount, workspaces)?);
    }
    widen(task, &mut parameters, &mut warnings);
    Ok(BoundTask {
        name: task.name.clone(),
        entrypoint: task.entrypoint.clone(),
        parameters,
        warnings,
    })
}

fn bind_parameter(
    task: &Task,
    parameter: &Parameter,
    values: &[(String, String)],
    mount: Option<Access>,
    workspaces: &[String],
) -> Result<BoundParameter, ConfigError> {
    let given =
        values.iter().rev().find(|(name, _)| *name == parameter.name).map(|(_, value)| value);
    let value = match given {
        Some(value) => value,
        None => parameter.default.get().map_err(|fault| advise(fault, &parameter.name))?,
    };
    let label = format!("parameter `{}` of task `{}`", quote(&parameter.name), quote(&task.name));
    let refuse = |why: &str, hint: &str| {
        let shown =
            if value.is_empty() { "its value".to_owned() } else { format!("`{}`", quote(value)) };
        let error = ConfigError::new(Fault::Value, format!("{label}: {shown} {why}"));
        // A value of the command line has no line in a file to point at.
        let error = if given.is_none() { error.at(&parameter.at) } else { error };
        error.with_hint(hint)
    };
    let inside = workspaces.iter().find_map(|workspace| below(value, workspace));
    let value = inside.unwrap_or(value);
    let path = RelativePath::parse(value).map_err(|rule| refuse(rule.why, rule.hint))?;
    let kind = match parameter.kind.or_told_by(value) {
        // The workspace itself is no file.
        Kind::Unknown if path.is_here() => Kind::Directory,
        kind => kind,
    };
    if kind == Kind::File && (ends_as_directory(value) || path.is_here()) {
        return Err(refuse(
            "is a directory, and the parameter is a file",
            "drop the slash at the end, or declare `type: directory`",
        ));
    }
    if kind == Kind::Unknown && parameter.direction == Direction::Output {
        return Err(refuse(
            "may be a file or a directory, and an output must say which",
            "declare `type: file` or `type: directory`, or end the value with `/`",
        ));
    }
    let access = match parameter.direction {
        Direction::Input => mount.or(parameter.access).unwrap_or(Access::ReadOnly),
        Direction::Output => parameter.access.unwrap_or(Access::ReadWrite),
    };
    // The cluster cannot be asked for the kind of an input; a path that does not look like a
    // directory is passed on as a file.
    let kind = match kind {
        Kind::Unknown => Kind::File,
        known => known,
    };
    Ok(BoundParameter {
        name: parameter.name.clone(),
        direction: parameter.direction,
        kind,
        value: path,
        access,
    })
}

/// The rest of a path below the workspace, `.` for the workspace itself: `${workspace}/data` means
/// `data`, on the claim as well.
fn below<'v>(value: &'v str, workspace: &str) -> Option<&'v str> {
    let rest = text::below(value, workspace.trim_end_matches('/'))?;
    Some(if rest.is_empty() { "." } else { rest })
}

/// The fault of a default, with the advice to give a value: then the default does not matter.
fn advise(fault: ConfigError, name: &str) -> ConfigError {
    let advice = format!("give a value for this run: `{}=…`", quote(name));
    let hint = fault.hint().map_or_else(|| advice.clone(), |hint| format!("{hint}; or {advice}"));
    fault.with_hint(hint)
}

/// Make a place that is asked for both ways `rw`. Inputs and outputs may lie in different claims
/// and are not compared.
fn widen(task: &Task, parameters: &mut [BoundParameter], warnings: &mut Vec<String>) {
    let writable = parameters.iter().filter(|parameter| parameter.access == Access::ReadWrite);
    let writable: HashSet<_> =
        writable.map(|parameter| (parameter.direction, parameter.value.clone())).collect();
    for (bound, declared) in parameters.iter_mut().zip(task.parameters()) {
        if bound.access == Access::ReadWrite
            || !writable.contains(&(bound.direction, bound.value.clone()))
        {
            continue;
        }
        bound.access = Access::ReadWrite;
        if declared.access == Some(Access::ReadOnly) {
            let name = quote(&bound.name);
            let task = quote(&task.name);
            let message = format!(
                "parameter `{name}` of task `{task}` asks for `{}` as `ro`, another as `rw`; it \
                 becomes `rw`",
                bound.value
            );
            warnings.push(format!("`{}`: {message}", declared.at));
        }
    }
}
