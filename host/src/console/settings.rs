//! The settings of a policy as a table: what its schema names, with the defaults that are filled in.

use super::columns::{aligned, cell};
use crate::job::escaped;
use crate::policy::Presentation;
use crate::text::visible;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The depth to which a schema is shown.
const DEEPEST: usize = 6;

/// A row for every setting that the schema names, with its place as a dotted path.
pub fn table(described: &Presentation) -> Vec<String> {
    let rows = vec![["SETTING", "TYPE", "DEFAULT", "DESCRIPTION"].map(str::to_owned)];
    let mut settings = Settings { defaults: &described.defaults, rows };
    settings.below(
        &Part {
            schema: &described.settings_schema,
            pointer: String::new(),
            place: String::new(),
            filled: described.defaults.get(""),
        },
        DEEPEST,
    );
    match settings.rows.as_slice() {
        [_] => vec!["it has no settings".into()],
        rows => aligned(&rows.iter().map(|row| row.as_slice()).collect::<Vec<_>>()),
    }
}

struct Settings<'s> {
    defaults: &'s BTreeMap<String, Value>,
    rows: Vec<[String; 4]>,
}

/// A part of the schema.
struct Part<'s> {
    schema: &'s Value,
    /// Where it stands in the schema.
    pointer: String,
    /// The settings that it describes, as a dotted path.
    place: String,
    /// What is filled in there where nothing is set.
    filled: Option<&'s Value>,
}

impl<'s> Part<'s> {
    /// The part that describes a member.
    fn member(&self, name: &str, schema: &'s Value) -> Self {
        let place = match self.place.as_str() {
            "" => name.to_owned(),
            place => format!("{place}.{name}"),
        };
        let pointer = format!("{}/properties/{}", self.pointer, escaped(name));
        Self { schema, pointer, place, filled: self.filled.and_then(|filled| filled.get(name)) }
    }
}

impl<'s> Settings<'s> {
    fn below(&mut self, part: &Part<'s>, depth: usize) {
        let Some(depth) = depth.checked_sub(1) else { return };
        let Part { schema, pointer, place, filled } = part;
        let required: Vec<&str> =
            schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let members = schema.get("properties").and_then(Value::as_object);
        for (name, schema) in members.into_iter().flat_map(Map::iter) {
            let member = part.member(name, schema);
            let default = member.filled.or(schema.get("default")).filter(|_| {
                // A mapping is shown by what is in it.
                schema.get("default").is_some() || schema.get("properties").is_none()
            });
            let default = match default {
                Some(default) => default.to_string(),
                None if required.contains(&name.as_str()) => "required".into(),
                None => "-".into(),
            };
            // A mapping that is left out has no defaults.
            let is_there = filled.is_some() || place.is_empty() || default == "-";
            let when = if is_there { String::new() } else { format!(" where `{place}` is set") };
            self.row(&member, &format!("{default}{when}"));
            self.below(&member, depth);
        }
        let name = if place.is_empty() { "NAME".to_owned() } else { format!("{place}.NAME") };
        for (keyword, place) in [("additionalProperties", name), ("items", format!("{place}[]"))] {
            let Some(schema) = schema.get(keyword).filter(|schema| schema.is_object()) else {
                continue;
            };
            let pointer = format!("{pointer}/{keyword}");
            let filled = self.defaults.get(&pointer);
            let part = Part { schema, pointer, place, filled };
            self.row(&part, "-");
            self.below(&part, depth);
        }
    }

    fn row(&mut self, part: &Part<'_>, default: &str) {
        let description = part.schema["description"].as_str().unwrap_or_default();
        self.rows.push([
            cell(&part.place),
            cell(&type_of(part.schema)),
            cell(default),
            visible(&description.replace(['\n', '\t'], " ")),
        ]);
    }
}

/// The allowed values, else the type.
fn type_of(schema: &Value) -> String {
    let words = |value: &Value| match value {
        Value::Array(items) => items
            .iter()
            .map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned))
            .collect::<Vec<_>>()
            .join(" | "),
        Value::String(word) => word.clone(),
        other => other.to_string(),
    };
    let said = schema.get("enum").or_else(|| schema.get("type"));
    said.map_or_else(|| "any".into(), words)
}
