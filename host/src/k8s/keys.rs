//! The keys and values of labels, annotations, taints and resources.
//!
//! A key is what Kubernetes calls a qualified name (`IsQualifiedName`):
//! <https://github.com/kubernetes/kubernetes/blob/master/staging/src/k8s.io/apimachinery/pkg/api/validate/content/kube.go>.

use super::Quantity;
use super::names::{dns_subdomain, has_ends, quoted};

/// The longest name in a key, and the longest value of a label.
const LONGEST: usize = 63;
/// The end of the domains of resources that Kubernetes has itself.
const NATIVE: &str = "kubernetes.io/";
/// What a quota puts before the name of an extended resource, which must stay a key with it.
const QUOTA: &str = "requests.";

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

/// The name of a resource of a container: `cpu`, `memory`, `hugepages-2Mi`, `nvidia.com/gpu`.
pub fn resource_name(name: &str) -> Result<(), String> {
    let is_known = if name.contains('/') {
        key(name).is_ok() && (name.contains(NATIVE) || is_extended(name))
    } else {
        matches!(name, "cpu" | "memory" | "ephemeral-storage") || page_size(name).is_some()
    };
    if is_known {
        return Ok(());
    }
    Err(format!("{} is not a resource name like `memory` or `nvidia.com/gpu`", quoted(name)))
}

/// Whether a resource is an extended one (`IsExtendedResourceName`): counted in whole units, with
/// a domain outside Kubernetes.
/// <https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/core/v1/helper/helpers.go>
pub fn is_extended(resource: &str) -> bool {
    resource.contains('/')
        && !resource.contains(NATIVE)
        && !resource.starts_with(QUOTA)
        && key(&[QUOTA, resource].concat()).is_ok()
}

/// The size of the pages of a resource like `hugepages-2Mi`, in bytes.
pub fn page_size(resource: &str) -> Option<u128> {
    let size = Quantity::parse(resource.strip_prefix("hugepages-")?).ok()?;
    size.whole().filter(|size| *size > 0)
}

/// Whether a request of a resource may differ from its limit (`IsOvercommitAllowed`).
pub fn may_differ(resource: &str) -> bool {
    !is_extended(resource) && page_size(resource).is_none()
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
    }

    #[test]
    fn resources_are_those_of_kubernetes() {
        let long = format!("{}.example/gpu", "a".repeat(240));
        // The name, whether a container can have it, whether it is extended, and whether a request
        // may differ from its limit.
        let rows = [
            ("cpu", true, false, true),
            ("ephemeral-storage", true, false, true),
            ("gpu", false, false, true),
            ("storage", false, false, true),
            ("hugepages-2Mi", true, false, false),
            ("hugepages-", false, false, true),
            ("hugepages-0", false, false, true),
            ("nvidia.com/gpu", true, true, false),
            ("requests.nvidia.com/gpu", false, false, true),
            ("x.kubernetes.io/y", true, false, true),
            (&long, false, false, true),
        ];
        for (name, is_name, extended, differs) in rows {
            let found = (resource_name(name).is_ok(), is_extended(name), may_differ(name));
            assert_eq!(found, (is_name, extended, differs), "{name}");
        }
    }
}
