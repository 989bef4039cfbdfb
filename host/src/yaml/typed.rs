//! Resolved nodes read as the types that are expected, or refused with position, value and remedy.
//!
//! Nothing is converted silently: a number is not text, and text is not a number.

use super::error::{ConfigError, Fault, Position};
use super::limits::quote;
use super::nearest;
use super::node::{Data, Entry, Map, Node};
use std::fmt::Display;

/// A value for a message, with its kind unless it is text.
pub fn shown(node: &Node) -> String {
    match &node.data {
        Data::Text(text) => format!("`{}`", quote(text)),
        Data::Bool(_, typed) | Data::Int(_, typed) | Data::Float(_, typed) => {
            let kind = node.kind().split_once(' ').map_or("value", |(_, kind)| kind);
            format!("the {kind} `{}`", quote(typed))
        }
        _ => node.kind().to_owned(),
    }
}

/// A value of the wrong type: `expected` says which is right, and `what` is a label with backticks,
/// such as "runner setting `image`".
pub fn wrong(what: &str, node: &Node, expected: &str) -> ConfigError {
    invalid(what, node, format_args!("expected {expected}, found {}", shown(node)))
}

/// A mapping without a key that it must have.
pub fn missing(what: &str, node: &Node, key: &str) -> ConfigError {
    invalid(what, node, format_args!("missing `{key}`"))
}

/// A value that breaks a rule; `why` is the sentence of the rule.
pub fn invalid(what: &str, node: &Node, why: impl Display) -> ConfigError {
    ConfigError::new(Fault::Schema, format!("{what}: {why}")).at(&node.at)
}

/// A value that is not text where text is meant: a scalar would be, in quotes.
pub fn no_text(what: &str, node: &Node, expected: &str) -> ConfigError {
    let error = wrong(what, node, expected);
    let Some(typed) = node.as_typed() else { return error };
    match node.at.source().strip_prefix("-P ") {
        // The shell takes a pair of quotes away.
        Some(path) => {
            error.with_hint(format!("put quotes around it: `-P '{path}=\"{}\"'`", quote(typed)))
        }
        None => error.with_hint("put quotes around it"),
    }
}

/// Text that is not blank.
pub fn text<'n>(what: &str, node: &'n Node) -> Result<&'n str, ConfigError> {
    match &node.data {
        Data::Text(text) if text.trim().is_empty() => {
            Err(ConfigError::new(Fault::Schema, format!("{what} is blank")).at(&node.at))
        }
        Data::Text(text) => Ok(text),
        _ => Err(no_text(what, node, "text")),
    }
}

/// Text that may be empty. A number is refused: guessing how it was written would change it.
pub fn plain_text(label: &str, node: &Node) -> Result<String, ConfigError> {
    match &node.data {
        Data::Text(text) => Ok(text.clone()),
        _ => Err(no_text(label, node, "text")),
    }
}

/// A mapping.
pub fn map<'n>(what: &str, node: &'n Node) -> Result<&'n Map, ConfigError> {
    node.as_map().ok_or_else(|| wrong(what, node, "a mapping"))
}

/// A list.
pub fn list<'n>(what: &str, node: &'n Node) -> Result<&'n [Node], ConfigError> {
    match &node.data {
        Data::List(items) => Ok(items),
        _ => Err(wrong(what, node, "a list")),
    }
}

/// A whole number within bounds.
pub fn number(what: &str, node: &Node, least: u32, most: u32) -> Result<u32, ConfigError> {
    let value = match node.data {
        Data::Int(value, _) => u32::try_from(value).ok(),
        _ => None,
    };
    let error = || wrong(what, node, &format!("a whole number from {least} to {most}"));
    value.filter(|value| (least..=most).contains(value)).ok_or_else(error)
}

/// A boolean.
pub fn boolean(what: &str, node: &Node) -> Result<bool, ConfigError> {
    match node.data {
        Data::Bool(value, _) => Ok(value),
        _ => Err(wrong(what, node, "`true` or `false`")),
    }
}

/// One of a few words.
pub fn one_of<'k>(what: &str, node: &Node, known: &[&'k str]) -> Result<&'k str, ConfigError> {
    let word = node.as_text().unwrap_or_default();
    if let Some(known) = known.iter().find(|known| **known == word) {
        return Ok(known);
    }
    let expected = nearest::expected(known);
    Err(invalid(what, node, format_args!("{expected}, found {}", shown(node))))
}

/// Refuse the first key that is not known; `inside` says where, as in "runner setting
/// `resources`".
pub fn known_keys(inside: &str, map: &Map, known: &[&str]) -> Result<(), ConfigError> {
    match map.iter().find(|entry| !known.contains(&&*entry.key)) {
        None => Ok(()),
        Some(entry) => Err(unknown_key(inside, entry, known)),
    }
}

/// A key that is not known; `inside` says where.
pub fn unknown_key(inside: &str, entry: &Entry, known: &[&str]) -> ConfigError {
    let message = format!("{inside} has no key `{}`", quote(&entry.key));
    let error = ConfigError::new(Fault::Schema, message).at(&entry.at);
    error.with_choices(&entry.key, known.iter().copied())
}

/// Warn of the keys that are not known and are therefore ignored.
pub fn warn_of_keys<'n>(
    inside: &str,
    keys: impl Iterator<Item = (&'n str, &'n Position)>,
    known: &[&str],
    warnings: &mut Vec<String>,
) {
    for (key, at) in keys.filter(|(key, _)| !known.contains(key)) {
        let advice = nearest::advice(key, known.iter().copied())
            .map(|advice| format!("; {advice}"))
            .unwrap_or_default();
        warnings.push(format!(
            "`{at}`: {inside} has an unknown key `{}`, which is ignored{advice}",
            quote(key)
        ));
    }
}
