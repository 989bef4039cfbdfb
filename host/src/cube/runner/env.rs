//! Environment variables of the container: literal, or from a Secret, a ConfigMap or a field. Each
//! comes out in the form of Kubernetes' `EnvVar`.

use super::fields::{object_name, text_fields};
use crate::k8s;
use crate::yaml::{ConfigError, Node, typed};
use serde_json::{Value, json};

/// Kubernetes' list of `{name, value}` and `{name, valueFrom}`, or a plain mapping from names to
/// values.
pub fn variables(label: &str, node: &Node) -> Result<Vec<Value>, ConfigError> {
    let Some(map) = node.as_map() else {
        return typed::list(label, node)?.iter().map(|item| listed(label, item)).collect();
    };
    let variables = map.iter().map(|entry| {
        check_name(label, &entry.key, &entry.value)?;
        let label = format!("{label}: `{}`", entry.key);
        match entry.value.as_map() {
            None => {
                Ok(json!({"name": &*entry.key, "value": typed::plain_text(&label, &entry.value)?}))
            }
            Some(map) => {
                typed::known_keys(&label, map, &["valueFrom"])?;
                let source = map
                    .value("valueFrom")
                    .ok_or_else(|| typed::wrong(&label, &entry.value, "text or `valueFrom`"))?;
                Ok(json!({"name": &*entry.key, "valueFrom": value_source(&label, source)?}))
            }
        }
    });
    variables.collect()
}

fn listed(label: &str, node: &Node) -> Result<Value, ConfigError> {
    let map = typed::map(label, node)?;
    typed::known_keys(label, map, &["name", "value", "valueFrom"])?;
    let name = map.value("name").ok_or_else(|| typed::missing(label, node, "name"))?;
    let name_text = typed::text(&format!("{label}: `name`"), name)?;
    check_name(label, name_text, name)?;
    let label = format!("{label}: `{name_text}`");
    match (map.value("value"), map.value("valueFrom")) {
        (Some(_), Some(_)) => {
            Err(typed::invalid(&label, node, "expected `value` or `valueFrom`, found both"))
        }
        (Some(value), None) => {
            Ok(json!({"name": name_text, "value": typed::plain_text(&label, value)?}))
        }
        (None, Some(source)) => {
            Ok(json!({"name": name_text, "valueFrom": value_source(&label, source)?}))
        }
        (None, None) => Err(typed::invalid(&label, node, "missing `value` or `valueFrom`")),
    }
}

fn check_name(label: &str, name: &str, at: &Node) -> Result<(), ConfigError> {
    k8s::any_env_name(name).map_err(|why| typed::invalid(label, at, why))
}

fn value_source(label: &str, node: &Node) -> Result<Value, ConfigError> {
    let map = typed::map(label, node)?;
    let known = ["secretKeyRef", "configMapKeyRef", "fieldRef", "resourceFieldRef"];
    typed::known_keys(&format!("{label}: `valueFrom`"), map, &known)?;
    let mut sources = map.iter();
    let (Some(source), None) = (sources.next(), sources.next()) else {
        let why = format!("expected exactly one source, found {}", map.len());
        return Err(typed::invalid(&format!("{label}: `valueFrom`"), node, why));
    };
    let label = format!("{label}: `{}`", source.key);
    let value = match &*source.key {
        "fieldRef" => {
            text_fields(&label, &source.value, &["fieldPath", "apiVersion"], &["fieldPath"])?
        }
        "resourceFieldRef" => text_fields(
            &label,
            &source.value,
            &["resource", "containerName", "divisor"],
            &["resource"],
        )?,
        _ => {
            let fields =
                text_fields(&label, &source.value, &["name", "key", "optional"], &["name", "key"])?;
            if let Some(name) = typed::map(&label, &source.value)?.value("name") {
                object_name(&format!("{label}: `name`"), name)?;
            }
            fields
        }
    };
    Ok(json!({ &*source.key: value }))
}
