//! Reading JSON strictly. What is not there, or is null, is none; what is there and has another
//! type is an error, because a rule that reads it would be passed without a word.

use super::{DeadEnd, Job, Pointer, follow, index, is_well_formed};
use serde_json::{Number, Value};
use std::fmt;

/// A type that values are read as.
pub trait Readable<'v>: Sized {
    /// The type in words.
    const EXPECTED: &'static str;

    /// The value, if it has the type. The error is what was found.
    fn of(value: &'v Value) -> Result<Self, &'static str>;
}

impl<'v> Readable<'v> for &'v str {
    const EXPECTED: &'static str = "text";

    fn of(value: &'v Value) -> Result<Self, &'static str> {
        value.as_str().ok_or(kind(value))
    }
}

impl Readable<'_> for bool {
    const EXPECTED: &'static str = "true or false";

    fn of(value: &Value) -> Result<Self, &'static str> {
        value.as_bool().ok_or(kind(value))
    }
}

/// An integer may be written with a fraction of zero.
impl Readable<'_> for i64 {
    const EXPECTED: &'static str = "an integer";

    fn of(value: &Value) -> Result<Self, &'static str> {
        match value {
            Value::Number(number) => whole(number),
            _ => Err(kind(value)),
        }
    }
}

impl Readable<'_> for f64 {
    const EXPECTED: &'static str = "a number";

    fn of(value: &Value) -> Result<Self, &'static str> {
        value.as_f64().ok_or(kind(value))
    }
}

impl<'v> Readable<'v> for &'v [Value] {
    const EXPECTED: &'static str = "a list";

    fn of(value: &'v Value) -> Result<Self, &'static str> {
        value.as_array().map(Vec::as_slice).ok_or(kind(value))
    }
}

impl<'v> Readable<'v> for &'v serde_json::Map<String, Value> {
    const EXPECTED: &'static str = "an object";

    fn of(value: &'v Value) -> Result<Self, &'static str> {
        value.as_object().ok_or(kind(value))
    }
}

/// Anything.
impl<'v> Readable<'v> for &'v Value {
    const EXPECTED: &'static str = "a value";

    fn of(value: &'v Value) -> Result<Self, &'static str> {
        Ok(value)
    }
}

/// A value that cannot be read as what a reader expects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    place: String,
    why: String,
}

impl Unreadable {
    /// An error at a place.
    pub fn new(place: impl Into<String>, why: impl Into<String>) -> Self {
        Self { place: place.into(), why: why.into() }
    }

    /// The same error, where what was read lies below another place.
    pub fn below(self, base: &Pointer) -> Self {
        Self { place: format!("{base}{}", self.place), why: self.why }
    }

    fn wrong(place: &str, expected: &str, found: &str) -> Self {
        Self::new(place, format!("expected {expected}, found {found}"))
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.place.is_empty() {
            write!(f, "`{}`: ", self.place)?;
        }
        f.write_str(&self.why)
    }
}

/// The value at a pointer, read as a type.
pub fn read<'v, T: Readable<'v>>(json: &'v Value, pointer: &str) -> Result<Option<T>, Unreadable> {
    match follow(json, pointer) {
        Ok(Value::Null) => Ok(None),
        Ok(value) => {
            let read = T::of(value).map(Some);
            read.map_err(|found| Unreadable::wrong(pointer, T::EXPECTED, found))
        }
        Err(end) => nothing(pointer, &end).map(|()| None),
    }
}

/// The texts of a list at a pointer.
pub fn texts(json: &Value, pointer: &str) -> Result<Vec<String>, Unreadable> {
    let items: &[Value] = read(json, pointer)?.unwrap_or_default();
    let text = |(index, item)| {
        let place = || format!("{pointer}/{index}");
        let text = <&str>::of(item).map(str::to_owned);
        text.map_err(|found| Unreadable::wrong(&place(), "text", found))
    };
    items.iter().enumerate().map(text).collect()
}

/// An error if a pointer that leads to nothing is malformed, or leads through something that has no
/// members.
fn nothing(pointer: &str, end: &DeadEnd<'_, '_>) -> Result<(), Unreadable> {
    if !is_well_formed(pointer) {
        let expected = "expected a JSON pointer: `/` before every key, and in a key `~0` for `~` \
                        and `~1` for `/`";
        return Err(Unreadable::new(pointer, expected));
    }
    match end.value {
        Value::Null | Value::Object(_) => Ok(()),
        Value::Array(_) if index(end.token).is_some() => Ok(()),
        value => Err(Unreadable::wrong(end.place, "an object", kind(value))),
    }
}

/// The kind of a value in words. Values themselves stay out of messages: they may be secret.
fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

fn whole(number: &Number) -> Result<i64, &'static str> {
    if let Some(whole) = number.as_i64() {
        return Ok(whole);
    }
    if number.is_u64() {
        return Err("a number beyond 64 bits with a sign");
    }
    // Beyond this, floats skip integers.
    let most = 2_f64.powi(53);
    match number.as_f64() {
        Some(float) if float.fract() == 0.0 && float.abs() <= most => Ok(float as i64),
        Some(float) if float.abs() > most => Err("a number too large to be exact"),
        _ => Err("a fraction"),
    }
}

impl Job {
    /// The value at a place, read as a type.
    pub fn read<'v, T: Readable<'v>>(&'v self, pointer: &Pointer) -> Result<Option<T>, Unreadable> {
        read(self.json(), pointer.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn integers_are_integers_however_they_are_written() {
        let rows = [
            (json!(4), Ok(4)),
            (json!(4.0), Ok(4)),
            (json!(-0.0), Ok(0)),
            (json!(-9_007_199_254_740_992.0), Ok(-9_007_199_254_740_992)),
            (json!(i64::MIN), Ok(i64::MIN)),
            (json!(4.5), Err("a fraction")),
            (json!(1e300), Err("a number too large to be exact")),
            (json!(u64::MAX), Err("a number beyond 64 bits with a sign")),
            (json!("4"), Err("text")),
            (json!(true), Err("true or false")),
        ];
        for (value, expected) in rows {
            assert_eq!(i64::of(&value), expected, "{value}");
        }
    }

    const MALFORMED: &str = "`a/b`: expected a JSON pointer: `/` before every key, and in a key \
                             `~0` for `~` and `~1` for `/`";

    #[test]
    fn nothing_is_none_and_another_type_is_an_error() {
        let json = json!({"a": {"b": 4, "null": null}, "list": ["x", 5], "": "empty"});
        let rows = [
            ("/a/b", Ok(Some(4))),
            ("/a/c", Ok(None)),
            ("/a/null", Ok(None)),
            ("/a/null/deeper", Ok(None)),
            ("/list/2", Ok(None)),
            ("/list/0", Err("`/list/0`: expected an integer, found text")),
            ("/a", Err("`/a`: expected an integer, found an object")),
            ("/a/b/c", Err("`/a/b`: expected an object, found a number")),
            ("/list/b", Err("`/list`: expected an object, found a list")),
            ("/list/-", Err("`/list`: expected an object, found a list")),
            ("", Err("expected an integer, found an object")),
            ("a/b", Err(MALFORMED)),
        ];
        for (pointer, expected) in rows {
            let found = read::<i64>(&json, pointer).map_err(|error| error.to_string());
            assert_eq!(found, expected.map_err(str::to_owned), "{pointer}");
        }
        let error = texts(&json, "/list").expect_err("it is a number").below(&Pointer::spec());
        assert_eq!(error.to_string(), "`/spec/list/1`: expected text, found a number");
        assert!(read::<&Value>(&json, "/a~2b").is_err());
    }
}
