//! Owns what rules look at: the parts of an answer by name.
//! Invariant: nothing here knows a rule.

use serde_json::{Map, Value, json};

pub fn claim(theirs: &Value) -> Option<String> {
    let volume = &theirs["job"]["spec"]["template"]["spec"]["volumes"][0];
    volume["persistentVolumeClaim"]["claimName"].as_str().map(str::to_owned)
}

pub fn image(theirs: &Value) -> Option<&str> {
    theirs["job"]["spec"]["template"]["spec"]["containers"][0]["image"].as_str()
}

pub fn arguments(theirs: &mut Value) -> impl Iterator<Item = &mut String> {
    let args = items(&mut theirs["job"]["spec"]["template"]["spec"]["containers"][0]["args"]);
    args.filter_map(|word| match word {
        Value::String(word) => Some(word),
        _ => None,
    })
}

pub fn any_task(theirs: &Value, fits: impl Fn(&Value) -> bool) -> bool {
    theirs["config"]["tasks"].as_object().is_some_and(|tasks| tasks.values().any(fits))
}

/// `fits` sees the name, the group and the parameter.
pub fn any_parameter(theirs: &Value, fits: impl Fn(&str, &str, &Value) -> bool) -> bool {
    any_task(theirs, |task| {
        ["inputs", "outputs"].into_iter().any(|group| {
            task["parameters"][group]
                .as_object()
                .is_some_and(|all| all.iter().any(|(name, it)| fits(name, group, it)))
        })
    })
}

pub fn has_parameter(theirs: &Value, task: &str, name: &str) -> bool {
    let parameters = &theirs["config"]["tasks"][task]["parameters"];
    ["inputs", "outputs"].into_iter().any(|group| parameters[group].get(name).is_some())
}

pub fn items(value: &mut Value) -> impl Iterator<Item = &mut Value> {
    value.as_array_mut().into_iter().flatten()
}

pub fn members(value: &mut Value) -> impl Iterator<Item = &mut Value> {
    value.as_object_mut().into_iter().flat_map(Map::values_mut)
}

pub fn make_mapping(value: &mut Value) {
    if value.is_null() {
        *value = json!({});
    }
}

pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

pub fn first(value: &str) -> &str {
    value.split('=').next().unwrap_or_default()
}
