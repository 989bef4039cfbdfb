//! The output of `policy inspect`: the description of a file, its capabilities, and its settings,
//! as a table or as JSON.

use super::columns::{aligned, cell};
use super::json::capability_names;
use crate::job::Capability;
use crate::policy::{Inspection, World};
use crate::text::visible;
use serde_json::{Map, Value, json};

/// The depth to which a schema is shown.
const DEEPEST: usize = 6;

/// The inspection, one fact a line, and the settings as a table.
pub fn table(inspection: &Inspection) -> String {
    let Inspection { path, size, digest, is_core_module, world, described } = inspection;
    let form = if *is_core_module {
        "core module, turned into a component when it is loaded"
    } else {
        "component"
    };
    let mut facts = Vec::new();
    match described {
        Ok(described) => {
            facts.push(("policy", format!("{} {}", described.name, described.version)));
            facts.push(("", described.summary.clone()));
        }
        Err(why) => facts.push(("not a policy", why.clone())),
    }
    facts.push(("file", format!("{}, {size} bytes, {form}", path.display())));
    facts.push(("digest", digest.clone()));
    facts.extend(of_world(world));
    let mut lines: Vec<String> = facts
        .iter()
        .map(|(name, fact)| format!("{name:<10} {fact}").trim_end().to_owned())
        .collect();
    if let Ok(described) = described {
        let mut rows = vec![["SETTING", "TYPE", "DEFAULT", "DESCRIPTION"].map(str::to_owned)];
        settings(&described.settings_schema, "", DEEPEST, &mut rows);
        lines.push(String::new());
        match rows.len() {
            1 => lines.push("it has no settings".into()),
            _ => lines.extend(aligned(&rows.iter().map(|row| row.as_slice()).collect::<Vec<_>>())),
        }
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
}

fn of_world(world: &World) -> Vec<(&'static str, String)> {
    let World { is_policy, exports, reads, capabilities, wasi, foreign, is_async } = world;
    let list =
        |names: &[String]| names.iter().map(|name| cell(name)).collect::<Vec<_>>().join(", ");
    let (changes, asks) = powers(capabilities);
    let mut facts = vec![("may change", changes)];
    if asks {
        facts.push(("may query", "the cluster".into()));
    }
    if !reads.is_empty() {
        facts.push(("reads", reads.join(", ")));
    }
    if !wasi.is_empty() {
        facts.push(("stubbed", list(wasi)));
    }
    if !foreign.is_empty() {
        facts.push(("missing", list(foreign)));
    }
    if *is_async {
        facts.push(("calls", "asynchronous".into()));
    }
    if !is_policy {
        facts.push(("exports", if exports.is_empty() { "nothing".into() } else { list(exports) }));
    }
    facts
}

/// The capabilities that change the Job, as a list, and whether the cluster may be queried.
pub fn powers(capabilities: &[Capability]) -> (String, bool) {
    let changing = capabilities.iter().filter(|capability| capability.changes_the_job());
    let changes: Vec<_> = changing.map(|capability| capability.as_str()).collect();
    let asks = changes.len() < capabilities.len();
    (if changes.is_empty() { "nothing".into() } else { changes.join(", ") }, asks)
}

/// A row for every setting that the schema names, with its place as a dotted path.
fn settings(schema: &Value, place: &str, depth: usize, rows: &mut Vec<[String; 4]>) {
    let Some(depth) = depth.checked_sub(1) else { return };
    let below =
        |name: &str| if place.is_empty() { name.to_owned() } else { format!("{place}.{name}") };
    let required: Vec<&str> =
        schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let members =
        schema.get("properties").and_then(Value::as_object).into_iter().flat_map(Map::iter);
    let members =
        members.map(|(name, schema)| (below(name), schema, required.contains(&name.as_str())));
    let others = schema.get("additionalProperties").filter(|schema| schema.is_object());
    let items = schema.get("items").filter(|schema| schema.is_object());
    let more = others.map(|schema| (below("NAME"), schema, false)).into_iter();
    let more = more.chain(items.map(|schema| (format!("{place}[]"), schema, false)));
    for (place, schema, is_required) in members.chain(more).collect::<Vec<_>>() {
        let default = match schema.get("default") {
            Some(default) => default.to_string(),
            None if is_required => "required".into(),
            None => "-".into(),
        };
        let description = schema["description"].as_str().unwrap_or_default();
        rows.push([
            cell(&place),
            cell(&type_of(schema)),
            cell(&default),
            visible(&description.replace(['\n', '\t'], " ")),
        ]);
        settings(schema, &place, depth, rows);
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

/// The inspection as JSON.
pub fn json(inspection: &Inspection) -> Value {
    let Inspection { path, size, digest, is_core_module, world, described } = inspection;
    let World { is_policy, exports, reads, capabilities, wasi, foreign, is_async } = world;
    let policy = described.as_ref().map(|described| {
        json!({
            "name": described.name, "version": described.version, "summary": described.summary,
            "settingsSchema": described.settings_schema,
        })
    });
    json!({
        "path": path.display().to_string(), "bytes": size, "digest": digest,
        "coreModule": is_core_module,
        "policy": policy.as_ref().ok(), "problem": policy.as_ref().err(), "isPolicy": is_policy,
        "capabilities": capability_names(capabilities), "reads": reads, "wasi": wasi,
        "foreign": foreign, "exports": exports, "async": is_async,
    })
}
