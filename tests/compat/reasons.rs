//! Owns what shows why one side refuses.
//! Invariant: a reason is found in the other side's answer.

use serde_json::{Map, Value};

use crate::parts::{any_parameter, any_task, text};
use crate::rules::Asked;

pub fn has_two_claims(_: &Asked<'_>, ours: &Value) -> bool {
    let pvc = &ours["config"]["runner"]["pvc"];
    pvc["input"].is_string() || pvc["output"].is_string()
}

/// Any setting besides those of the reference.
pub fn has_pod_settings(_: &Asked<'_>, ours: &Value) -> bool {
    let known = ["runner", "pvc", "image", "namespace"];
    ours["config"]["runner"]
        .as_object()
        .is_some_and(|runner| runner.keys().any(|key| !known.contains(&key.as_str())))
}

pub fn is_platform(platform: &Value) -> bool {
    let count = &platform["accelerator_count"];
    platform.is_null()
        || (platform.is_object()
            && (count.is_null() || count.as_u64().is_some_and(|count| count < 1 << 31)))
}

/// A key of a task, of its parameters or of one of them that nothing reads.
pub fn has_unknown_keys(_: &Asked<'_>, theirs: &Value) -> bool {
    let others = |value: &Value, known: &[&str]| {
        value.as_object().is_some_and(|map| map.keys().any(|key| !known.contains(&key.as_str())))
    };
    any_task(theirs, |task| {
        others(task, &["parameters", "entrypoint"])
            || others(&task["parameters"], &["inputs", "outputs"])
    }) || any_parameter(theirs, |_, _, it| others(it, &["type", "default", "opts"]))
}

/// A value of the task that is no path inside a claim.
pub fn leaves_the_claim(asked: &Asked<'_>, theirs: &Value) -> bool {
    let parameters = &theirs["config"]["tasks"][&asked.case.task]["parameters"];
    let values = ["inputs", "outputs"]
        .into_iter()
        .filter_map(|group| parameters[group].as_object())
        .flat_map(Map::values);
    values.map(|it| text(&it["default"])).any(|value| {
        let leads_away =
            ["/", "\\", "~", "storage:", "C:"].iter().any(|start| value.starts_with(start));
        value.is_empty() || leads_away || ["..", "://", "$"].iter().any(|sign| value.contains(sign))
    })
}
