//! Kubernetes' rules for names, keys and values
//! (<https://kubernetes.io/docs/concepts/overview/working-with-objects/names/>). Each rule answers with a sentence.

use crate::cube::{has_ends, is_label};

/// A DNS label (RFC 1123): container, volume and object names that become host names.
pub fn dns_label(name: &str) -> Result<(), String> {
    if is_dns_label(name) {
        return Ok(());
    }
    Err(format!("`{name}` is no DNS label: 1 to 63 of a-z, 0-9 and `-`, with a letter or digit at both ends"))
}

/// A DNS subdomain (RFC 1123): the names of most objects.
pub fn dns_subdomain(name: &str) -> Result<(), String> {
    if (1..=253).contains(&name.len()) && name.split('.').all(is_dns_label) {
        return Ok(());
    }
    Err(format!(
        "`{name}` is no object name: at most 253 of a-z, 0-9, `-` and `.`, with a letter or digit at both ends of every part"
    ))
}

/// The key of a label or annotation: `team` or `example.org/team`.
pub fn key(key: &str) -> Result<(), String> {
    let (prefix, name) = key.rsplit_once('/').map_or((None, key), |(prefix, name)| (Some(prefix), name));
    if let Some(prefix) = prefix {
        dns_subdomain(prefix).map_err(|_| format!("the part before `/` of `{key}` is no DNS subdomain"))?;
    }
    if (1..=63).contains(&name.len()) && is_qualified(name) {
        return Ok(());
    }
    Err(format!(
        "`{key}` is no key: the name is 1 to 63 letters, digits, `-`, `_` and `.`, with a letter or digit at both ends"
    ))
}

/// The value of a label; it may be empty.
pub fn label_value(value: &str) -> Result<(), String> {
    if value.is_empty() || (value.len() <= 63 && is_qualified(value)) {
        return Ok(());
    }
    Err(format!(
        "`{value}` is no label value: at most 63 letters, digits, `-`, `_` and `.`, with a letter or digit at both ends"
    ))
}

/// The name of a resource: `cpu`, `memory`, `nvidia.com/gpu`.
pub fn resource_name(name: &str) -> Result<(), String> {
    key(name).map_err(|_| format!("`{name}` is no resource name like `memory` or `nvidia.com/gpu`"))
}

/// Whether a resource is an extended one: counted in whole units, with a domain outside Kubernetes.
pub fn is_extended(resource: &str) -> bool {
    resource.split_once('/').is_some_and(|(domain, _)| !domain.ends_with("kubernetes.io"))
}

/// A path below a folder: relative, without `..`.
pub fn relative_path(path: &str) -> Result<(), String> {
    if path.is_empty() || path.starts_with('/') || path.split('/').any(|part| part == "..") {
        return Err(format!("`{path}` is no path below a folder: it must be relative and without `..`"));
    }
    Ok(())
}

/// A reference to an image, as far as Kubernetes itself looks at it.
pub fn image(image: &str) -> Result<(), String> {
    if !image.is_empty() && !image.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Ok(());
    }
    Err(format!("`{image}` is no image: it must not be empty or have spaces"))
}

/// The name of an environment variable, as every version of Kubernetes takes it.
pub fn env_name(name: &str) -> Result<(), String> {
    if is_data_key(name) && !name.starts_with(|c: char| c.is_ascii_digit()) {
        return Ok(());
    }
    Err(format!(
        "`{name}` is no name of an environment variable: letters, digits, `-`, `_` and `.`, without a digit or `..` in front"
    ))
}

/// A key in the data of a Secret or ConfigMap.
pub fn data_key(key: &str) -> Result<(), String> {
    if is_data_key(key) && key.len() <= 253 {
        return Ok(());
    }
    Err(format!("`{key}` is no key of a Secret or ConfigMap: at most 253 letters, digits, `-`, `_` and `.`"))
}

/// The name of a Linux capability as Kubernetes spells it.
pub fn capability(name: &str) -> Result<(), String> {
    let is_word = name.bytes().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == b'_');
    if is_word && !name.is_empty() && !name.starts_with("CAP_") {
        return Ok(());
    }
    Err(format!("`{name}` is no capability like `NET_ADMIN` or `ALL`: capitals, without `CAP_`"))
}

/// A number in a field of 32 bits.
pub fn int32(number: u32) -> Result<(), String> {
    match i32::try_from(number) {
        Ok(_) => Ok(()),
        Err(_) => Err(format!("{number} is above {}, the largest number that Kubernetes takes here", i32::MAX)),
    }
}

fn is_dns_label(name: &str) -> bool {
    name.len() <= 63 && is_label(name)
}

fn is_qualified(name: &str) -> bool {
    let inner = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_' | b'.');
    has_ends(name, inner, |c| c.is_ascii_alphanumeric())
}

/// Letters, digits, `-`, `_` and `.`, and no way out of a folder: such a key may become a file.
fn is_data_key(name: &str) -> bool {
    let is_word = name.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_' | b'.'));
    is_word && !name.is_empty() && name != "." && !name.starts_with("..")
}
