//! Names that Kubernetes has rules for, each parsed once.
//!
//! Invariant: a name that was parsed is one that the API server accepts; it is never changed to become one.

use std::fmt;

/// The longest name of an object: a DNS-1123 subdomain.
const SUBDOMAIN: usize = 253;

/// The longest name of a namespace: a DNS-1123 label.
const LABEL: usize = 63;

/// The name of a PersistentVolumeClaim.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ClaimName(String);

impl ClaimName {
    /// Takes the name if Kubernetes would; the error is the rule in words.
    pub fn parse(name: &str) -> Result<Self, &'static str> {
        if is_subdomain(name) { Ok(Self(name.to_owned())) } else { Err(SUBDOMAIN_RULE) }
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ClaimName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The name of a namespace.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Namespace(String);

impl Namespace {
    /// Takes the name if Kubernetes would; the error is the rule in words.
    pub fn parse(name: &str) -> Result<Self, &'static str> {
        let valid = name.len() <= LABEL && is_label(name);
        if valid { Ok(Self(name.to_owned())) } else { Err(LABEL_RULE) }
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Namespace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

pub(crate) const SUBDOMAIN_RULE: &str = "a name has at most 253 lowercase letters, digits, `-` and `.`, and each part between dots begins and ends with a letter or digit";

const LABEL_RULE: &str =
    "a namespace has at most 63 lowercase letters, digits and `-`, and begins and ends with a letter or digit";

/// The rule for the names of most objects: claims, secrets, config maps, service accounts.
pub(crate) fn is_subdomain(name: &str) -> bool {
    name.len() <= SUBDOMAIN && name.split('.').all(is_label)
}

/// `domain/name`, as the keys of extended resources, labels and taints are written; the domain may be left out.
pub(crate) fn is_qualified(key: &str) -> bool {
    let (domain, name) = match key.split_once('/') {
        Some((domain, name)) => (Some(domain), name),
        None => (None, key),
    };
    let inner = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_' | b'.');
    domain.is_none_or(is_subdomain) && name.len() <= LABEL && has_ends(name, inner, |c| c.is_ascii_alphanumeric())
}

/// Letters in lower case, digits and dashes, with no dash at an end; of any length.
pub(crate) fn is_label(text: &str) -> bool {
    let end = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit();
    has_ends(text, |c| end(c) || c == b'-', end)
}

/// Not empty, made of `inner` bytes, with an `end` byte first and last.
pub(crate) fn has_ends(text: &str, inner: impl Fn(u8) -> bool, end: impl Fn(u8) -> bool) -> bool {
    let bytes = text.as_bytes();
    bytes.iter().all(|c| inner(*c)) && bytes.first().is_some_and(|c| end(*c)) && bytes.last().is_some_and(|c| end(*c))
}
