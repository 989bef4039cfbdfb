//! JSON of others, read into no more memory than it may take: a short text can become a large
//! value.

use super::meter::{KEY, OBJECT, VALUE};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::cell::Cell;
use std::fmt;

/// Why a text was not read.
#[derive(Debug)]
pub enum Unread {
    /// It is not JSON.
    Damaged(serde_json::Error),
    /// The value would take more memory than it may.
    TooLarge,
}

/// Read JSON whose [`weight`](super::weight) is at most `most`.
pub fn read_bounded(text: &[u8], most: usize) -> Result<Value, Unread> {
    let room = Room(Cell::new(Some(most)));
    let mut reader = serde_json::Deserializer::from_slice(text);
    let read = room.deserialize(&mut reader).and_then(|value| reader.end().map(|()| value));
    read.map_err(|error| match room.0.get() {
        Some(_) => Unread::Damaged(error),
        None => Unread::TooLarge,
    })
}

/// The memory that is left; none if more was needed.
struct Room(Cell<Option<usize>>);

impl Room {
    fn take<E: Error>(&self, bytes: usize) -> Result<(), E> {
        self.0.set(self.0.get().and_then(|left| left.checked_sub(bytes)));
        self.0.get().map(drop).ok_or_else(|| E::custom("too large"))
    }

    fn simple<E: Error>(&self, value: impl Into<Value>) -> Result<Value, E> {
        self.take(VALUE).map(|()| value.into())
    }
}

impl<'de> DeserializeSeed<'de> for &Room {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for &Room {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        self.simple(())
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        self.simple(value)
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        self.simple(value)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        self.simple(value)
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        self.simple(value)
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        self.take(VALUE.saturating_add(value.len())).map(|()| value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Value, A::Error> {
        self.take(VALUE)?;
        let mut items = Vec::new();
        while let Some(item) = from.next_element_seed(self)? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Value, A::Error> {
        self.take(VALUE)?;
        let mut members = Map::new();
        while let Some(key) = from.next_key::<String>()? {
            let first = if members.is_empty() { OBJECT } else { 0 };
            self.take(first + KEY + key.len())?;
            members.insert(key, from.next_value_seed(self)?);
        }
        Ok(Value::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::weight;
    use serde_json::json;

    #[test]
    fn a_value_is_read_into_the_memory_that_it_weighs() {
        let value = json!({"a": [1, -2, 0.5, null, true, "é\n"], "b": {"c": {}, "": []}});
        let text = value.to_string();
        let most = weight(&value);
        assert!(matches!(read_bounded(text.as_bytes(), most), Ok(read) if read == value));
        let less = read_bounded(text.as_bytes(), most - 1);
        assert!(matches!(less, Err(Unread::TooLarge)), "{less:?}");
        for damaged in ["", "[1", "[1] 2", "{\"a\" 1}"] {
            let read = read_bounded(damaged.as_bytes(), most);
            assert!(matches!(read, Err(Unread::Damaged(_))), "{damaged}: {read:?}");
        }
    }
}
