//! The parts of a Pod that a cube may set: resources, node selector, tolerations. They are checked,
//! then kept as JSON in the form that the API server takes.

use super::fields::text_fields;
use crate::k8s::{self, Quantity};
use crate::yaml::{ConfigError, Node, typed};
use serde_json::{Map, Value};

/// `limits`, `requests` and `claims`, with quantities as text.
pub fn resources(label: &str, node: &Node) -> Result<Value, ConfigError> {
    let map = typed::map(label, node)?;
    typed::known_keys(label, map, &["limits", "requests", "claims"])?;
    let mut resources = Map::new();
    for entry in map.iter().filter(|entry| !entry.value.is_null()) {
        let label = format!("{label}: `{}`", entry.key);
        let value = match &*entry.key {
            "claims" => resource_claims(&label, &entry.value)?,
            _ => quantities(&label, &entry.value)?,
        };
        resources.insert(entry.key.to_string(), value);
    }
    Ok(Value::Object(resources))
}

fn quantities(label: &str, node: &Node) -> Result<Value, ConfigError> {
    let mut quantities = Map::new();
    for entry in typed::map(label, node)?.iter() {
        k8s::resource_name(&entry.key).map_err(|why| typed::invalid(label, &entry.value, why))?;
        let label = format!("{label}: `{}`", entry.key);
        quantities.insert(entry.key.to_string(), Value::from(quantity(&label, &entry.value)?));
    }
    Ok(Value::Object(quantities))
}

/// A quantity, as it was typed.
pub fn quantity(label: &str, node: &Node) -> Result<String, ConfigError> {
    let text = node.as_typed().unwrap_or_default();
    if Quantity::parse(text).is_ok() {
        return Ok(text.to_owned());
    }
    let error = typed::wrong(label, node, "a quantity");
    Err(error.with_hint(
        "write a number with a suffix of Kubernetes, such as `500m`, `4`, `4Gi` or `4G`",
    ))
}

/// The name of an image.
pub fn image(label: &str, node: &Node) -> Result<String, ConfigError> {
    let image = typed::text(label, node)?;
    k8s::image(image).map_err(|why| typed::invalid(label, node, why))?;
    Ok(image.to_owned())
}

fn resource_claims(label: &str, node: &Node) -> Result<Value, ConfigError> {
    typed::list(label, node)?
        .iter()
        .map(|item| text_fields(label, item, &["name", "request"], &["name"]))
        .collect()
}

/// A mapping from the keys of labels to their values.
pub fn node_selector(label: &str, node: &Node) -> Result<Map<String, Value>, ConfigError> {
    let entries = typed::map(label, node)?.iter().map(|entry| {
        k8s::key(&entry.key).map_err(|why| typed::invalid(label, &entry.value, why))?;
        let label = format!("{label}: `{}`", entry.key);
        typed::plain_text(&label, &entry.value)
            .map(|text| (entry.key.to_string(), Value::from(text)))
    });
    entries.collect()
}

/// A list of tolerations.
pub fn tolerations(label: &str, node: &Node) -> Result<Vec<Value>, ConfigError> {
    typed::list(label, node)?.iter().map(|item| toleration(label, item)).collect()
}

fn toleration(label: &str, node: &Node) -> Result<Value, ConfigError> {
    let known = ["key", "operator", "value", "effect", "tolerationSeconds"];
    let toleration = text_fields(label, node, &known, &[])?;
    let map = typed::map(label, node)?;
    if let Some(operator) = map.value("operator") {
        typed::one_of(&format!("{label}: `operator`"), operator, &["Exists", "Equal"])?;
    }
    if let Some(effect) = map.value("effect") {
        typed::one_of(
            &format!("{label}: `effect`"),
            effect,
            &["NoSchedule", "PreferNoSchedule", "NoExecute"],
        )?;
    }
    let exists = map.value("operator").and_then(Node::as_text) == Some("Exists");
    if map.value("key").is_none() && !exists {
        let why = "a toleration needs a `key`, or `operator: Exists` for all taints";
        return Err(typed::invalid(label, node, why));
    }
    match map.value("value") {
        Some(value) if exists => {
            Err(typed::invalid(label, value, "`operator: Exists` takes no `value`"))
        }
        _ => Ok(toleration),
    }
}
