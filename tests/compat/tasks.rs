//! Owns how the reference fills in `tasks`: its reading of parameters, said again to compare it
//! with ours as written. Invariant: what was filled in equals the reference's own, or the
//! difference stays.

use serde_json::{Value, json};

use crate::corpus::Case;
use crate::parts::{first, make_mapping, members};
use crate::rules::Asked;

/// The reference writes what it understood of the parameters into the configuration; ours stays as
/// the author wrote it.
pub fn tasks_as_written(asked: &Asked<'_>, theirs: &mut Value) {
    let Some(written) = asked.ours.built().map(|ours| ours["config"]["tasks"].clone()) else {
        return;
    };
    let mut filled = written.clone();
    fill(&mut filled, asked.case);
    if same(&filled, &theirs["config"]["tasks"]) {
        theirs["config"]["tasks"] = written;
    }
}

/// An interpolation that leads to a parameter finds the path as written, or what the reference made
/// of it.
fn same(filled: &Value, theirs: &Value) -> bool {
    match (filled, theirs) {
        (Value::Object(filled), Value::Object(theirs)) => {
            filled.len() == theirs.len()
                && filled
                    .iter()
                    .all(|(key, value)| theirs.get(key).is_some_and(|other| same(value, other)))
        }
        (Value::String(path), Value::Object(made)) => {
            made["default"] == path.as_str() && made.len() == 2
        }
        _ => filled == theirs,
    }
}

/// What the reference makes of `tasks`.
fn fill(tasks: &mut Value, case: &Case) {
    for task in members(tasks) {
        make_mapping(task);
        if task.get("entrypoint") == Some(&Value::Null) {
            task.as_object_mut().map(|task| task.remove("entrypoint"));
        }
        make_mapping(&mut task["parameters"]);
        for group in ["inputs", "outputs"] {
            let group = &mut task["parameters"][group];
            make_mapping(group);
            let names: Vec<String> =
                group.as_object().map(|map| map.keys().cloned().collect()).unwrap_or_default();
            for name in names {
                let parameter = &mut group[&name];
                if let Value::String(default) = parameter {
                    *parameter = json!({"default": default});
                }
                make_mapping(parameter);
                if parameter["default"].is_null() {
                    parameter["default"] = json!(name);
                }
                if parameter["type"].is_null() {
                    parameter["type"] = json!("unknown");
                }
                let given = case
                    .values
                    .iter()
                    .rev()
                    .find_map(|typed| typed.split_once('=').filter(|(to, _)| *to == name));
                let values = [
                    parameter["default"].as_str().map(str::to_owned),
                    given.map(|(_, value)| first(value).to_owned()),
                ];
                for value in values.into_iter().flatten() {
                    if parameter["type"] == "unknown" && value.ends_with(['/', '\\']) {
                        parameter["type"] = json!("directory");
                    }
                    parameter["default"] = json!(value);
                }
            }
        }
    }
}
