//! The format of MLCube's first versions, in which each task has a file of its own.

use crate::yaml::{ConfigError, Data, Fault, Map, Node, quote};

/// An error for a cube of that format.
pub fn check(tree: &Node) -> Result<(), ConfigError> {
    let Some(root) = tree.as_map() else { return Ok(()) };
    let Some((what, at)) = kind(root).or_else(|| files(root)) else { return Ok(()) };
    let message = format!(
        "this is written for MLCube's first versions ({what}), which had a file for each task"
    );
    Err(ConfigError::new(Fault::Schema, message).at(&at.at).with_hint(
        "write the tasks into one `mlcube.yaml`, as in `tasks: {train: {parameters: {inputs: {data: \
         data/}}}}`, and the image as `docker: {image: …}`; docs/cubes.md has a whole cube",
    ))
}

/// A `schema_type` of that format; no other file has one.
fn kind(root: &Map) -> Option<(String, &Node)> {
    let node = root.value("schema_type")?;
    let text = node
        .as_text()
        .filter(|text| ["mlcube", "mlbox"].iter().any(|name| text.starts_with(name)))?;
    Some((format!("`schema_type: {}`", quote(text)), node))
}

/// Tasks that are names of files.
fn files(root: &Map) -> Option<(String, &Node)> {
    let node = root.value("tasks")?;
    let Data::List(items) = &node.data else { return None };
    let is_file = |item: &Node| {
        item.as_text().is_some_and(|text| text.ends_with(".yaml") || text.ends_with(".yml"))
    };
    let is_old = root.get("schema_version").is_some() || items.iter().any(is_file);
    is_old.then(|| ("`tasks` is a list".to_owned(), node))
}
