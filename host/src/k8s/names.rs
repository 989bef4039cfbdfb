//! The names of objects, variables, keys of data, images and capabilities, and the paths and
//! numbers that are checked beside them.
//!
//! The rules are those of apimachinery:
//! <https://github.com/kubernetes/kubernetes/blob/master/staging/src/k8s.io/apimachinery/pkg/util/validation/validation.go>.

use crate::text::clean;
use std::fmt;
use std::str::FromStr;

/// The longest DNS label.
const LABEL: usize = 63;
/// The longest DNS subdomain. Its parts have no limit of their own.
const SUBDOMAIN: usize = 253;
/// Bytes of a text quoted in a sentence: more than the longest name, so that one is seen whole.
const QUOTED: usize = 300;

/// A name that Kubernetes would refuse, told in one sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidName(String);

/// The name of a namespace.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Namespace(String);

impl Namespace {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Namespace {
    type Err = InvalidName;

    fn from_str(name: &str) -> Result<Self, InvalidName> {
        dns_label(name).map(|()| Self(name.to_owned())).map_err(InvalidName)
    }
}

impl fmt::Display for Namespace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The name of a PersistentVolumeClaim.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ClaimName(String);

impl ClaimName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ClaimName {
    type Err = InvalidName;

    fn from_str(name: &str) -> Result<Self, InvalidName> {
        dns_subdomain(name).map(|()| Self(name.to_owned())).map_err(InvalidName)
    }
}

impl fmt::Display for ClaimName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A DNS label (`IsDNS1123Label`): the names of namespaces, containers and volumes.
pub fn dns_label(name: &str) -> Result<(), String> {
    if name.len() <= LABEL && is_dns_part(name) {
        return Ok(());
    }
    Err(format!(
        "{} is not a DNS label: expected 1 to {LABEL} of a-z, 0-9 and `-`, with a letter or digit \
         at both ends",
        quoted(name)
    ))
}

/// A DNS subdomain (`IsDNS1123Subdomain`): the names of most objects.
pub fn dns_subdomain(name: &str) -> Result<(), String> {
    if name.len() <= SUBDOMAIN && name.split('.').all(is_dns_part) {
        return Ok(());
    }
    Err(format!(
        "{} is not a DNS subdomain: expected at most {SUBDOMAIN} of a-z, 0-9, `-` and `.`, with a \
         letter or digit at both ends of every part",
        quoted(name)
    ))
}

/// The name of an environment variable as every version of Kubernetes takes it (`IsEnvVarName`):
/// a policy does not know which version it writes for.
pub fn env_name(name: &str) -> Result<(), String> {
    if is_data_key(name) && !name.starts_with(|c: char| c.is_ascii_digit()) {
        return Ok(());
    }
    Err(format!(
        "{} is not the name of an environment variable: expected letters, digits, `-`, `_` and \
         `.`, without a digit or `..` in front",
        quoted(name)
    ))
}

/// The name of an environment variable as Kubernetes takes it since 1.32
/// (`IsRelaxedEnvVarName`), but for blanks: a name with a blank is a slip. Who writes a cube or its
/// settings knows the cluster, so the newer names are allowed there.
pub fn any_env_name(name: &str) -> Result<(), String> {
    if !name.is_empty() && name.bytes().all(|c| c.is_ascii_graphic() && c != b'=') {
        return Ok(());
    }
    Err(format!(
        "{} is not the name of an environment variable: expected printable ASCII without blanks \
         and `=`",
        quoted(name)
    ))
}

/// A key in the data of a Secret or ConfigMap (`IsConfigMapKey`).
pub fn data_key(key: &str) -> Result<(), String> {
    if is_data_key(key) && key.len() <= SUBDOMAIN {
        return Ok(());
    }
    Err(format!(
        "{} is not a key of a Secret or ConfigMap: expected at most {SUBDOMAIN} letters, digits, \
         `-`, `_` and `.`",
        quoted(key)
    ))
}

/// A reference to an image: no registry takes an empty one or one with blanks. The rest is left to
/// the node that pulls it.
pub fn image(image: &str) -> Result<(), String> {
    if !image.is_empty() && !image.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Ok(());
    }
    Err(format!(
        "{} is not an image reference: it must not be empty or contain blanks",
        quoted(image)
    ))
}

/// A path below a folder: relative, without `..`.
pub fn relative_path(path: &str) -> Result<(), String> {
    if path.is_empty() || path.starts_with('/') || path.split('/').any(|part| part == "..") {
        return Err(format!(
            "{} is not a path below a folder: it must be relative and without `..`",
            quoted(path)
        ));
    }
    Ok(())
}

/// The path of a mount: absolute, below the root, without `:` and `..`.
pub fn mount_path(path: &str) -> Result<(), String> {
    let is_below_root = path.split('/').any(|part| !part.is_empty() && part != ".");
    let leads_out = path.split('/').any(|part| part == "..");
    if path.starts_with('/') && is_below_root && !leads_out && !path.contains(':') {
        return Ok(());
    }
    Err(format!("{} is not an absolute path below `/` without `:` and `..`", quoted(path)))
}

/// The name of a Linux capability as Kubernetes spells it.
pub fn capability(name: &str) -> Result<(), String> {
    let is_word = name.bytes().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == b'_');
    if is_word && !name.is_empty() && !name.starts_with("CAP_") {
        return Ok(());
    }
    Err(format!(
        "{} is not a capability like `NET_ADMIN` or `ALL`: expected capitals, without `CAP_`",
        quoted(name)
    ))
}

/// A number in a field of 32 bits.
pub fn int32(number: u32) -> Result<(), String> {
    match i32::try_from(number) {
        Ok(_) => Ok(()),
        Err(_) => Err(format!(
            "{number} is above {}, the largest number that Kubernetes takes here",
            i32::MAX
        )),
    }
}

/// A text in backticks for a sentence, on its line and of a bounded length.
pub(super) fn quoted(text: &str) -> String {
    format!("`{}`", clean(text, QUOTED))
}

/// Not empty, made of `inner` bytes, with an `end` byte first and last.
pub(super) fn has_ends(text: &str, inner: impl Fn(u8) -> bool, end: impl Fn(u8) -> bool) -> bool {
    let bytes = text.as_bytes();
    bytes.iter().all(|c| inner(*c))
        && bytes.first().is_some_and(|c| end(*c))
        && bytes.last().is_some_and(|c| end(*c))
}

/// Letters in lower case, digits and dashes, with no dash at an end; of any length.
fn is_dns_part(text: &str) -> bool {
    let end = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit();
    has_ends(text, |c| end(c) || c == b'-', end)
}

/// Letters, digits, `-`, `_` and `.`, and no way out of a folder: such a key may become a file.
fn is_data_key(name: &str) -> bool {
    let is_word =
        name.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_' | b'.'));
    is_word && !name.is_empty() && name != "." && !name.starts_with("..")
}

#[cfg(test)]
mod tests {
    use super::*;

    type Rule = fn(&str) -> Result<(), String>;

    #[test]
    fn names_are_those_of_kubernetes() {
        let label = "a".repeat(63);
        let part = "a".repeat(64);
        let subdomain = format!("{}.{}", "a".repeat(126), "b".repeat(126));
        let too_long = format!("{subdomain}b");
        let rows: [(Rule, &[&str], &[&str]); 4] = [
            (
                dns_label,
                &["a", "0", "a-b", &label],
                &["", "A", "-a", "a-", "a.b", "a_b", "é", &part],
            ),
            // A part of a subdomain is no label: it may be longer.
            (
                dns_subdomain,
                &["a", "a.b-c.0", &part, &subdomain],
                &["", ".", "a..b", "a.", "a.B", "-a.b", &too_long],
            ),
            (
                env_name,
                &["A", "a.b", "-x", "_1", ".a"],
                &["", "1A", ".", "..", "..A", "A B", "A=", "A:"],
            ),
            (any_env_name, &["A", "1A", "..", "A:/"], &["", "A B", "A=", "é", "A\t", "A\0"]),
        ];
        for (rule, right, wrong) in rows {
            for name in right {
                assert_eq!(rule(name), Ok(()), "{name}");
            }
            for name in wrong {
                assert!(rule(name).is_err(), "{name}");
            }
        }
    }

    #[test]
    fn a_name_is_quoted_on_its_line_and_bounded() {
        let error = "a\n\u{1b}[2J".parse::<Namespace>().expect_err("it has a line break");
        assert!(
            error.to_string().starts_with("`a\u{fffd}\u{fffd}[2J` is not a DNS label: "),
            "{error}"
        );
        let error = "a ".repeat(10_000).parse::<ClaimName>().expect_err("it is too long");
        assert!(error.to_string().len() < 500, "{error}");
    }
}
