//! The output of `policy inspect`: the description of a file, its capabilities, and its settings,
//! as a table or as JSON.

use super::columns::cell;
use super::json::capability_names;
use super::settings;
use crate::job::Capability;
use crate::policy::{Inspection, World};
use serde_json::{Value, json};

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
        lines.push(String::new());
        lines.extend(settings::table(described));
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
