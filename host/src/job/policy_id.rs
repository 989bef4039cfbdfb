//! The name under which a policy runs.

use crate::k8s;
use std::fmt;

/// The name under which a policy runs, unique in its chain.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PolicyId(String);

impl PolicyId {
    /// Parse a name: a DNS label, see [`k8s::dns_label`].
    pub fn parse(name: &str) -> Result<Self, String> {
        k8s::dns_label(name).map(|()| Self(name.to_owned()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PolicyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
