//! Reading JSON by pointer, for the Job and for the settings. A pointer to nothing gives none; to
//! another type it is an error that ends the call.

use crate::job::{Unreadable, read as find, text_length};
use serde_json::{Map, Value};

pub type Read<T> = Result<T, Unreadable>;

pub fn text(json: &Value, pointer: &str) -> Read<Option<String>> {
    Ok(find::<&str>(json, pointer)?.map(str::to_owned))
}

pub fn integer(json: &Value, pointer: &str) -> Read<Option<i64>> {
    find(json, pointer)
}

pub fn number(json: &Value, pointer: &str) -> Read<Option<f64>> {
    find(json, pointer)
}

pub fn flag(json: &Value, pointer: &str) -> Read<Option<bool>> {
    find(json, pointer)
}

pub fn keys(json: &Value, pointer: &str) -> Read<Vec<String>> {
    let object: Option<&Map<String, Value>> = find(json, pointer)?;
    Ok(object.map(|object| object.keys().cloned().collect()).unwrap_or_default())
}

pub fn length(json: &Value, pointer: &str) -> Read<u32> {
    let items: Option<&[Value]> = find(json, pointer)?;
    Ok(u32::try_from(items.map_or(0, <[Value]>::len)).unwrap_or(u32::MAX))
}

/// A value that crosses to the guest, with the bytes that it takes.
pub trait Crossing {
    fn bytes(&self) -> usize;
}

impl Crossing for String {
    fn bytes(&self) -> usize {
        self.len()
    }
}

impl<T: Crossing> Crossing for Option<T> {
    fn bytes(&self) -> usize {
        self.as_ref().map_or(0, T::bytes)
    }
}

impl<T: Crossing> Crossing for Vec<T> {
    fn bytes(&self) -> usize {
        self.iter().map(|item| item.bytes() + 8).sum()
    }
}

impl<A: Crossing, B: Crossing> Crossing for (A, B) {
    fn bytes(&self) -> usize {
        self.0.bytes() + self.1.bytes()
    }
}

macro_rules! plain {
    ($($type:ty),*) => {
        $(impl Crossing for $type {
            fn bytes(&self) -> usize {
                size_of::<$type>()
            }
        })*
    };
}
plain!(i64, f64, bool, u32);

impl crate::policy::guest::evaluation::Evaluation {
    /// Answer with what was read, and charge for it and for the argument. What cannot be read ends
    /// the call; `what` names the document.
    pub fn answer_read<T: Crossing>(
        &mut self,
        what: &str,
        asked: &str,
        value: Result<T, Unreadable>,
    ) -> wasmtime::Result<T> {
        match value {
            Ok(value) => self.answer(asked, value),
            Err(error) => Err(wasmtime::Error::msg(format!("cannot read the {what}: {error}"))),
        }
    }

    /// A value that was read, as JSON, if the text can be charged for.
    pub fn written(
        &self,
        asked: &str,
        found: Read<Option<&Value>>,
    ) -> wasmtime::Result<Read<Option<String>>> {
        let bytes = found.as_ref().map_or(0, |found| found.map_or(0, text_length));
        self.afford(asked.len() + bytes)?;
        Ok(found.map(|found| found.map(Value::to_string)))
    }

    /// The items of a list that was read, as JSON, if the texts can be charged for.
    pub fn all_written(
        &self,
        found: Read<Option<&[Value]>>,
    ) -> wasmtime::Result<Read<Vec<String>>> {
        let items = found.map(Option::unwrap_or_default);
        let bytes = |items: &&[Value]| items.iter().map(|item| text_length(item) + 8).sum();
        self.afford(items.as_ref().map_or(0, bytes))?;
        Ok(items.map(|items| items.iter().map(Value::to_string).collect()))
    }

    /// Answer with a value, and charge for it and for the argument.
    pub fn answer<T: Crossing>(&mut self, asked: &str, value: T) -> wasmtime::Result<T> {
        self.charge(asked.len() + value.bytes())?;
        Ok(value)
    }
}

/// The seven readers of an interface as methods of the evaluation, over the JSON that `$json`
/// gives; `$what` names it.
macro_rules! readers {
    (|$self:ident| $what:literal, $json:expr) => {
        readers!(|$self| $what, $json =>
            text: Option<String>, integer: Option<i64>, number: Option<f64>, flag: Option<bool>,
            keys: Vec<String>, length: u32);

        fn read(&mut $self, pointer: String) -> wasmtime::Result<Option<String>> {
            let found = $crate::job::read($json, &pointer);
            let text = $self.written(&pointer, found)?;
            $self.answer_read($what, &pointer, text)
        }
    };
    (|$self:ident| $what:literal, $json:expr => $($name:ident: $type:ty),*) => {
        $(fn $name(&mut $self, pointer: String) -> wasmtime::Result<$type> {
            let value = $crate::policy::guest::interfaces::readers::$name($json, &pointer);
            $self.answer_read($what, &pointer, value)
        })*
    };
}
pub(super) use readers;
