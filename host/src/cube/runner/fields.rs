//! Fields of Kubernetes' objects: names of objects, and mappings of which every key is known.

use crate::k8s;
use crate::yaml::{ConfigError, Node, typed};
use serde_json::{Map, Value};

/// The name of an object in the cluster.
pub fn object_name(label: &str, node: &Node) -> Result<String, ConfigError> {
    let name = typed::text(label, node)?;
    k8s::dns_subdomain(name).map_err(|why| typed::invalid(label, node, why))?;
    Ok(name.to_owned())
}

/// A mapping of known fields: all text, but for the few that Kubernetes types otherwise.
pub fn text_fields(
    label: &str,
    node: &Node,
    known: &[&str],
    required: &[&str],
) -> Result<Value, ConfigError> {
    let map = typed::map(label, node)?;
    typed::known_keys(label, map, known)?;
    if let Some(missing) = required.iter().find(|key| map.value(key).is_none()) {
        return Err(typed::missing(label, node, missing));
    }
    let mut fields = Map::new();
    for entry in map.iter() {
        let label = format!("{label}: `{}`", entry.key);
        let value = match &*entry.key {
            "optional" => Value::from(typed::boolean(&label, &entry.value)?),
            "tolerationSeconds" => Value::from(typed::number(&label, &entry.value, 0, u32::MAX)?),
            _ => Value::from(typed::plain_text(&label, &entry.value)?),
        };
        fields.insert(entry.key.to_string(), value);
    }
    Ok(Value::Object(fields))
}
