//! The keys and values of labels, annotations, taints and resources.
//!
//! A key is what Kubernetes calls a qualified name (`IsQualifiedName`):
//! <https://github.com/kubernetes/kubernetes/blob/master/staging/src/k8s.io/apimachinery/pkg/api/validate/content/kube.go>.

use super::names::{dns_subdomain, has_ends, quoted};

/// The longest name in a key, and the longest value of a label.
const LONGEST: usize = 63;

/// The key of a label, annotation, taint or condition: `team` or `example.org/team`. Its prefix is
/// a DNS subdomain.
pub fn key(key: &str) -> Result<(), String> {
    let (prefix, name) =
        key.rsplit_once('/').map_or((None, key), |(prefix, name)| (Some(prefix), name));
    if prefix.is_some_and(|prefix| dns_subdomain(prefix).is_err()) {
        return Err(format!("the part before `/` of {} is not a DNS subdomain", quoted(key)));
    }
    if is_name(name) {
        return Ok(());
    }
    Err(format!(
        "{} is not a qualified name: expected 1 to {LONGEST} letters, digits, `-`, `_` and `.`, \
         with a letter or digit at both ends",
        quoted(key)
    ))
}

/// The value of a label; it may be empty.
pub fn label_value(value: &str) -> Result<(), String> {
    if value.is_empty() || is_name(value) {
        return Ok(());
    }
    Err(format!(
        "{} is not a label value: expected at most {LONGEST} letters, digits, `-`, `_` and `.`, \
         with a letter or digit at both ends",
        quoted(value)
    ))
}

/// The name of a resource: `cpu`, `memory`, `nvidia.com/gpu`.
pub fn resource_name(name: &str) -> Result<(), String> {
    key(name).map_err(|_| {
        format!("{} is not a resource name like `memory` or `nvidia.com/gpu`", quoted(name))
    })
}

/// Whether a resource is an extended one (`IsExtendedResourceName`): counted in whole units, with
/// a domain outside Kubernetes.
/// <https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/core/v1/helper/helpers.go>
pub fn is_extended(resource: &str) -> bool {
    resource.split_once('/').is_some_and(|(domain, _)| !domain.ends_with("kubernetes.io"))
}

fn is_name(name: &str) -> bool {
    let inner = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_' | b'.');
    name.len() <= LONGEST && has_ends(name, inner, |c| c.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_values_are_those_of_kubernetes() {
        let long_prefix = format!("{}.{}/x", "a".repeat(64), "b".repeat(188));
        let long_name = "a".repeat(64);
        for text in ["team", "Team_1.x", "example.org/team", &long_prefix] {
            assert_eq!(key(text), Ok(()), "{text}");
        }
        for text in [
            "",
            "/",
            "/x",
            "a/",
            "a/b/c",
            "A.org/x",
            "a b",
            "-a",
            &long_name,
            &format!("a{long_prefix}"),
        ] {
            assert!(key(text).is_err() && resource_name(text).is_err(), "{text}");
        }
        let values = [("", true), ("a.B_c-1", true), ("a/b", false), ("-a", false)];
        for (text, is_value) in values.into_iter().chain([(long_name.as_str(), false)]) {
            assert_eq!(label_value(text).is_ok(), is_value, "{text}");
        }
        for (name, expected) in
            [("cpu", false), ("nvidia.com/gpu", true), ("x.kubernetes.io/y", false)]
        {
            assert_eq!(is_extended(name), expected, "{name}");
        }
    }
}
