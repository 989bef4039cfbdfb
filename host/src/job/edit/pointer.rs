//! JSON pointers (RFC 6901) into a Job. A pointer built here is always well formed.

use serde_json::Value;
use std::borrow::Cow;
use std::fmt;

/// A JSON pointer: `/spec/template/spec/nodeSelector`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Pointer(Cow<'static, str>);

impl Pointer {
    /// The root of the document.
    pub const fn root() -> Self {
        Self::fixed("")
    }

    /// A pointer that is written in the program.
    pub(in crate::job) const fn fixed(text: &'static str) -> Self {
        Self(Cow::Borrowed(text))
    }

    /// Parse a pointer of RFC 6901.
    pub fn parse(text: &str) -> Result<Self, String> {
        if is_well_formed(text) {
            Ok(Self(text.to_owned().into()))
        } else {
            Err(format!("`{text}` is not a JSON pointer like `/spec/suspend`"))
        }
    }

    /// `/spec`, the Job's own.
    pub const fn spec() -> Self {
        Self::fixed("/spec")
    }

    /// `/metadata`, the Job's own.
    pub const fn metadata() -> Self {
        Self::fixed("/metadata")
    }

    /// `/spec/template/metadata`, the Pod's.
    pub const fn pod_metadata() -> Self {
        Self::fixed("/spec/template/metadata")
    }

    /// `/spec/template/spec`, the Pod's.
    pub const fn pod() -> Self {
        Self::fixed("/spec/template/spec")
    }

    /// The pointer to a member of an object; its key is escaped.
    pub fn key(&self, key: &str) -> Self {
        Self([&self.0, "/", &*escaped(key)].concat().into())
    }

    /// The pointer to an item of a list.
    pub fn index(&self, index: usize) -> Self {
        Self([&self.0, "/", &*index.to_string()].concat().into())
    }

    /// The pointer as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The keys from the root, unescaped.
    pub fn tokens(&self) -> impl Iterator<Item = String> {
        self.0.split('/').skip(1).map(|token| unescaped(token).into_owned())
    }

    /// The value at this pointer in a document.
    pub fn find<'a>(&self, document: &'a Value) -> Option<&'a Value> {
        find(document, &self.0)
    }

    /// The value at this pointer in a document, to be changed.
    pub fn find_mut<'a>(&self, document: &'a mut Value) -> Option<&'a mut Value> {
        self.0.split('/').skip(1).try_fold(document, |value, token| match value {
            Value::Object(object) => object.get_mut(&*unescaped(token)),
            Value::Array(items) => items.get_mut(index(token)?),
            _ => None,
        })
    }

    /// Whether this is a place within another.
    pub fn is_below(&self, other: &Self) -> bool {
        self.0.strip_prefix(&*other.0).is_some_and(|rest| rest.starts_with('/'))
    }

    /// The pointer to the parent, and the last key; none for the root.
    pub fn split_last(&self) -> Option<(Self, String)> {
        let (parent, last) = self.0.rsplit_once('/')?;
        Some((Self(parent.to_owned().into()), unescaped(last).into_owned()))
    }
}

/// Whether a text is a pointer of RFC 6901.
pub fn is_well_formed(text: &str) -> bool {
    let is_escaped = text.split('~').skip(1).all(|rest| rest.starts_with(['0', '1']));
    is_escaped && (text.is_empty() || text.starts_with('/'))
}

/// The value in a document at a pointer, which may not be well formed: then there is none.
pub fn find<'a>(document: &'a Value, pointer: &str) -> Option<&'a Value> {
    follow(document, pointer).ok()
}

/// How far a pointer leads that leads to nothing.
pub struct DeadEnd<'a, 'p> {
    /// The last value on the way.
    pub value: &'a Value,
    /// Its place: the beginning of the pointer.
    pub place: &'p str,
    /// The token behind it.
    pub token: &'p str,
}

/// The value in a document at a pointer, or how far the pointer leads.
pub fn follow<'a, 'p>(document: &'a Value, pointer: &'p str) -> Result<&'a Value, DeadEnd<'a, 'p>> {
    let first = token(pointer);
    if !first.is_empty() {
        return Err(DeadEnd { value: document, place: "", token: first });
    }
    let (mut value, mut length) = (document, 0);
    while let Some(rest) = pointer[length..].strip_prefix('/') {
        let token = token(rest);
        let below = match value {
            Value::Object(_) => member(value, &unescaped(token)),
            Value::Array(items) => index(token).and_then(|index| items.get(index)),
            _ => None,
        };
        value = below.ok_or(DeadEnd { value, place: &pointer[..length], token })?;
        length += 1 + token.len();
    }
    Ok(value)
}

/// The text up to a slash. A token is short: to look at its bytes takes less time than a search.
fn token(text: &str) -> &str {
    let end = text.bytes().position(|byte| byte == b'/');
    end.map_or(text, |end| &text[..end])
}

/// The member of an object.
pub fn member<'a>(value: &'a Value, key: &str) -> Option<&'a Value> {
    let object = value.as_object()?;
    match object.len() {
        // Comparing a few keys takes less time than hashing one.
        0..=8 => object.iter().find(|(known, _)| *known == key).map(|(_, value)| value),
        _ => object.get(key),
    }
}

/// The token of a key. It is borrowed unless it is escaped.
pub fn escaped(key: &str) -> Cow<'_, str> {
    if key.bytes().any(|byte| matches!(byte, b'~' | b'/')) {
        key.replace('~', "~0").replace('/', "~1").into()
    } else {
        key.into()
    }
}

/// The key of a token. It is borrowed unless it is escaped, because reviews follow many pointers
/// and hardly a key is escaped.
fn unescaped(token: &str) -> Cow<'_, str> {
    if token.bytes().any(|byte| byte == b'~') {
        token.replace("~1", "/").replace("~0", "~").into()
    } else {
        token.into()
    }
}

/// An index as RFC 6901 has it: digits without a leading zero.
pub fn index(token: &str) -> Option<usize> {
    let is_plain = token.bytes().all(|byte| byte.is_ascii_digit())
        && (token == "0" || !token.starts_with('0'));
    token.parse().ok().filter(|_| is_plain)
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_pointer_finds_what_serde_json_finds() {
        let document =
            json!({"a": [1, {"b/c": 2, "~1": 3, "": 4}], "0": {"01": 5}, "x~y": null, "é": [[6]]});
        let rows = [
            "",
            "/",
            "/a",
            "/a/0",
            "/a/1",
            "/a/2",
            "/a/00",
            "/a/01",
            "/a/+1",
            "/a/-",
            "/a/1/b~1c",
            "/a/1/b/c",
            "/a/1/~01",
            "/a/1/",
            "/0/01",
            "/0",
            "/x~0y",
            "/x~y",
            "/é/0/0",
            "/é/0/0/0",
            "/a/99999999999999999999",
            "/nothing",
            "a",
            "a/1",
        ];
        for text in rows {
            assert_eq!(find(&document, text), document.pointer(text), "`{text}`");
            if let Ok(pointer) = Pointer::parse(text) {
                let found = pointer.find_mut(&mut document.clone()).cloned();
                assert_eq!(found.as_ref(), document.pointer(text), "`{text}`");
            }
        }
    }
}
