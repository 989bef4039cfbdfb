//! The value of a keyword, read as what the keyword expects.

use super::message::quoted;
use super::node::Type;
use super::steps::SchemaError;
use crate::yaml::nearest;
use serde_json::{Map, Number, Value};

/// An error about a place in the schema.
pub fn wrong(place: &str, why: &str) -> SchemaError {
    let place = if place.is_empty() { "its root" } else { place };
    SchemaError::Wrong(format!("{}: {why}", quoted(place)))
}

/// Check the dialect that a schema names.
pub fn dialect(value: &Value, at: &str) -> Result<(), SchemaError> {
    let name = text(value, at)?.trim_end_matches('#');
    if name.contains("://json-schema.org/") {
        return Ok(());
    }
    Err(wrong(at, "expected a dialect of json-schema.org, such as 2020-12"))
}

/// The names of types.
pub fn types(value: &Value, at: &str) -> Result<Vec<Type>, SchemaError> {
    let known = |name: &Value| Type::ALL.iter().find(|(known, _)| name == known).map(|(_, t)| *t);
    let types = match value {
        Value::Array(names) => names.iter().map(known).collect(),
        name => known(name).map(|one| vec![one]),
    };
    types.ok_or_else(|| wrong(at, &nearest::expected(&Type::ALL.map(|(name, _)| name))))
}

/// A text.
pub fn text<'v>(value: &'v Value, at: &str) -> Result<&'v str, SchemaError> {
    value.as_str().ok_or_else(|| wrong(at, "expected text"))
}

/// A list of texts.
pub fn texts(value: &Value, at: &str) -> Result<Vec<String>, SchemaError> {
    list(value, at)?.iter().map(|item| text(item, at).map(str::to_owned)).collect()
}

/// A list.
pub fn list<'v>(value: &'v Value, at: &str) -> Result<&'v Vec<Value>, SchemaError> {
    value.as_array().ok_or_else(|| wrong(at, "expected a list"))
}

/// A mapping.
pub fn mapping<'v>(value: &'v Value, at: &str) -> Result<&'v Map<String, Value>, SchemaError> {
    value.as_object().ok_or_else(|| wrong(at, "expected a mapping"))
}

/// A boolean.
pub fn flag(value: &Value, at: &str) -> Result<bool, SchemaError> {
    value.as_bool().ok_or_else(|| wrong(at, "expected `true` or `false`"))
}

/// A number.
pub fn number(value: &Value, at: &str) -> Result<Number, SchemaError> {
    value.as_number().cloned().ok_or_else(|| wrong(at, "expected a number"))
}

/// A number above 0.
pub fn divisor(value: &Value, at: &str) -> Result<Number, SchemaError> {
    let number = number(value, at)?;
    if number.as_f64().is_some_and(|divisor| divisor > 0.0) {
        return Ok(number);
    }
    Err(wrong(at, "expected a number above 0"))
}

/// A number of characters, items or members.
pub fn count(value: &Value, at: &str) -> Result<usize, SchemaError> {
    let whole = value.as_u64().or_else(|| {
        value
            .as_f64()
            .filter(|float| *float >= 0.0 && float.fract() == 0.0)
            .map(|float| float as u64)
    });
    let count = whole.and_then(|whole| usize::try_from(whole).ok());
    count.ok_or_else(|| wrong(at, "expected a whole number that is not negative"))
}
