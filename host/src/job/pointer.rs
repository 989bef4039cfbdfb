//! JSON pointers (RFC 6901) into a Job. A pointer built here is always well formed.

use std::fmt;

/// A JSON pointer: `/spec/template/spec/nodeSelector`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Pointer(String);

impl Pointer {
    /// The root of the document.
    pub fn root() -> Self {
        Self(String::new())
    }

    /// Take a pointer as RFC 6901 spells it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let is_escaped = text.split('~').skip(1).all(|rest| rest.starts_with(['0', '1']));
        match is_escaped && (text.is_empty() || text.starts_with('/')) {
            true => Ok(Self(text.to_owned())),
            false => Err(format!("`{text}` is no JSON pointer like `/spec/suspend`")),
        }
    }

    /// `/spec`, the Job's own.
    pub fn spec() -> Self {
        Self("/spec".into())
    }

    /// `/metadata`, the Job's own.
    pub fn metadata() -> Self {
        Self("/metadata".into())
    }

    /// `/spec/template/metadata`, the Pod's.
    pub fn pod_metadata() -> Self {
        Self("/spec/template/metadata".into())
    }

    /// `/spec/template/spec`, the Pod's.
    pub fn pod() -> Self {
        Self("/spec/template/spec".into())
    }

    /// The member of an object, escaped.
    pub fn key(&self, key: &str) -> Self {
        Self(format!("{}/{}", self.0, key.replace('~', "~0").replace('/', "~1")))
    }

    /// The item of a list.
    pub fn index(&self, index: usize) -> Self {
        Self(format!("{}/{index}", self.0))
    }

    /// The pointer as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The keys from the root, unescaped.
    pub fn tokens(&self) -> impl Iterator<Item = String> {
        self.0.split('/').skip(1).map(|token| token.replace("~1", "/").replace("~0", "~"))
    }

    /// Whether this is a place within another.
    pub fn is_below(&self, other: &Self) -> bool {
        self.0.strip_prefix(&other.0).is_some_and(|rest| rest.starts_with('/'))
    }

    /// The pointer to what holds this, and this one's last key; none for the root.
    pub fn split_last(&self) -> Option<(Self, String)> {
        let (parent, last) = self.0.rsplit_once('/')?;
        Some((Self(parent.to_owned()), last.replace("~1", "/").replace("~0", "~")))
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
