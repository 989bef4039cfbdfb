//! What is done at a policy's word is counted before it is done: each step says what it will cost,
//! and ends where the meter says so. Every step takes time and memory in proportion to its cost.

use serde_json::Value;
use std::io::{self, Write};

/// The bytes of a value in a list or in an object, besides those that it points to.
pub(super) const VALUE: usize = size_of::<Value>();
/// The bytes of an object that is not empty, and of each key in it, besides its letters.
pub(super) const OBJECT: usize = 64;
pub(super) const KEY: usize = 48;
/// A value of so many bytes costs no more than the call or the operation that brings it.
const SMALL: usize = 1 << 10;
/// The cost of moving an item or a member that stands behind one that comes or goes.
const MOVED: usize = 8;

/// Counts work before it is done.
pub trait Meter {
    /// Work on so many bytes is to be done.
    fn work(&mut self, bytes: usize) -> Result<(), Spent>;

    /// A change is to be made: the values before and after have so many bytes as JSON.
    fn edit(&mut self, bytes: usize) -> Result<(), Spent>;

    /// A value is to be copied or compared.
    fn copy(&mut self, value: &Value) -> Result<(), Spent> {
        match weight(value) {
            0..=SMALL => Ok(()),
            bytes => self.work(bytes),
        }
    }

    /// So many items are to be moved.
    fn shift(&mut self, items: usize) -> Result<(), Spent> {
        match items.saturating_mul(MOVED) {
            0..=SMALL => Ok(()),
            bytes => self.work(bytes),
        }
    }
}

/// The work must end: the meter knows why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spent;

/// Why a change was not made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It cannot be made; a sentence. The Job is as it was.
    Refused(String),
    /// The meter ended it. The Job may be changed in part.
    Spent,
}

impl From<String> for Fault {
    fn from(why: String) -> Self {
        Self::Refused(why)
    }
}

impl From<Spent> for Fault {
    fn from(_: Spent) -> Self {
        Self::Spent
    }
}

/// The bytes that a value takes up in memory: the cost of a copy of it.
pub fn weight(value: &Value) -> usize {
    VALUE
        + match value {
            Value::String(text) => text.len(),
            Value::Array(items) => items.iter().map(weight).sum(),
            Value::Object(members) if !members.is_empty() => {
                let member = |(key, value): (&String, &Value)| KEY + key.len() + weight(value);
                OBJECT + members.iter().map(member).sum::<usize>()
            }
            _ => 0,
        }
}

/// The bytes of a value as JSON.
pub fn text_length(value: &Value) -> usize {
    let mut counted = Counted(0);
    serde_json::to_writer(&mut counted, value).expect("what counts bytes takes them all");
    counted.0
}

/// A writer that only counts.
struct Counted(usize);

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A meter that counts nothing, for changes by the program itself.
#[cfg(test)]
pub struct Unmetered;

#[cfg(test)]
impl Meter for Unmetered {
    fn work(&mut self, _: usize) -> Result<(), Spent> {
        Ok(())
    }

    fn edit(&mut self, _: usize) -> Result<(), Spent> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_are_measured() {
        let rows = [
            (json!(null), VALUE, 4),
            (json!("a\n"), VALUE + 2, 5),
            (json!([1, 2.5]), 3 * VALUE, 7),
            (json!({}), VALUE, 2),
            (json!({"ab": []}), 2 * VALUE + OBJECT + KEY + 2, 9),
        ];
        for (value, bytes, letters) in rows {
            assert_eq!((weight(&value), text_length(&value)), (bytes, letters), "{value}");
        }
    }
}
