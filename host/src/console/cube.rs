//! The output of a cube: its tasks as a table or as JSON, and the runner's view of it. Fields are
//! only ever added.

use super::columns::{aligned, cell};
use crate::cube::{Access, Cube, Deferred, Direction, Kind, Parameter, Task};
use crate::text::visible;
use serde_json::{Value, json};

/// The content of an empty cell.
const NONE: &str = "-";
/// The content of the cell of a default that cannot be used; a warning says why.
const UNUSABLE: &str = "?";

/// The tasks as aligned columns, under the name and the description.
pub fn table(cube: &Cube) -> String {
    let mut lines = vec![cell(&cube.name)];
    let description = cube.description.iter().flat_map(|text| text.lines());
    lines.extend(description.map(|line| format!("  {}", visible(line)).trim_end().to_owned()));
    lines.push(String::new());
    let has_entrypoint = cube.tasks.iter().any(|task| task.entrypoint.is_some());
    let mut rows = vec![
        ["TASK", "PARAMETER", "DIRECTION", "TYPE", "ACCESS", "DEFAULT", "ENTRYPOINT"]
            .map(str::to_owned),
    ];
    rows.extend(cube.tasks.iter().flat_map(rows_of));
    let columns = if has_entrypoint { 7 } else { 6 };
    let rows: Vec<&[String]> = rows.iter().map(|row| &row[..columns]).collect();
    if cube.tasks.is_empty() {
        lines.push("no tasks".to_owned())
    } else {
        lines.extend(aligned(&rows))
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// A row for each parameter; the task is named in the first.
fn rows_of(task: &Task) -> Vec<[String; 7]> {
    let entrypoint = task.entrypoint.as_ref().map_or_else(
        || NONE.to_owned(),
        |words| words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" "),
    );
    let mut rows: Vec<[String; 7]> = task.parameters().map(row_of).collect();
    if rows.is_empty() {
        rows.push([(); 7].map(|()| NONE.to_owned()));
    }
    rows[0][0] = cell(&task.name);
    rows[0][6] = entrypoint;
    rows
}

fn row_of(parameter: &Parameter) -> [String; 7] {
    let default =
        parameter.default.ok().map_or_else(|| UNUSABLE.to_owned(), |default| cell(default));
    let words =
        [parameter.direction.word(), kind(parameter.kind), access(parameter)].map(str::to_owned);
    let [direction, kind, access] = words;
    [String::new(), cell(&parameter.name), direction, kind, access, default, String::new()]
}

/// A word, in quotes if it has blanks.
fn quoted(word: &str) -> String {
    let word = cell(word);
    if word.contains(char::is_whitespace) { format!("\"{word}\"") } else { word }
}

/// The description as JSON.
pub fn description(cube: &Cube) -> Value {
    let authors = cube.authors.iter();
    json!({
        "name": cube.name,
        "description": cube.description,
        "authors": authors
            .map(|author| json!({"name": author.name, "email": author.email, "org": author.organisation}))
            .collect::<Vec<_>>(),
        "platform": cube.platform.raw,
        "tasks": cube.tasks.iter().map(task).collect::<Vec<_>>(),
    })
}

fn task(task: &Task) -> Value {
    let parameter = |parameter: &Parameter| {
        json!({
            "name": parameter.name,
            "direction": parameter.direction.word(),
            "type": kind(parameter.kind),
            "access": access(parameter),
            "default": parameter.default.ok(),
        })
    };
    json!({
        "name": task.name,
        "entrypoint": task.entrypoint,
        "parameters": task.parameters().map(parameter).collect::<Vec<_>>(),
    })
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::File => "file",
        Kind::Directory => "directory",
        Kind::Unknown => "unknown",
    }
}

/// The access as declared, else the default of the direction.
fn access(parameter: &Parameter) -> &'static str {
    let usual =
        if parameter.direction == Direction::Input { Access::ReadOnly } else { Access::ReadWrite };
    parameter.access.unwrap_or(usual).word()
}

/// The runner's view of a cube; null for a value that is not set or cannot be used.
pub fn inspection(cube: &Cube) -> Value {
    fn text<T: ToString>(value: &Deferred<T>) -> Option<String> {
        value.ok().map(T::to_string)
    }
    let runner = &cube.runner;
    let image = text(&runner.image);
    let hash = image.as_deref().and_then(|image| image.split_once('@')).map(|(_, digest)| digest);
    json!({
        "name": cube.name,
        "image": image,
        "hash": hash,
        "claims": {"input": text(&runner.claims.input), "output": text(&runner.claims.output)},
        "workspace": runner.workspace.to_string(),
        "namespace": runner.namespace.as_ref().map(ToString::to_string),
        "accelerators": cube.platform.accelerator_count,
        "tasks": cube.tasks.iter().map(|task| &task.name).collect::<Vec<_>>(),
    })
}
