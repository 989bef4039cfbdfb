//! Reading JSON by pointer, for the Job and for the settings. A pointer to nothing, or to another
//! type, gives none.

use crate::job::find;
use serde_json::Value;

pub fn text(json: &Value, pointer: &str) -> Option<String> {
    find(json, pointer)?.as_str().map(str::to_owned)
}

pub fn integer(json: &Value, pointer: &str) -> Option<i64> {
    find(json, pointer)?.as_i64()
}

pub fn number(json: &Value, pointer: &str) -> Option<f64> {
    find(json, pointer)?.as_f64()
}

pub fn flag(json: &Value, pointer: &str) -> Option<bool> {
    find(json, pointer)?.as_bool()
}

pub fn keys(json: &Value, pointer: &str) -> Vec<String> {
    let object = find(json, pointer).and_then(Value::as_object);
    object.map(|object| object.keys().cloned().collect()).unwrap_or_default()
}

pub fn length(json: &Value, pointer: &str) -> u32 {
    let items = find(json, pointer).and_then(Value::as_array).map_or(0, Vec::len);
    u32::try_from(items).unwrap_or(u32::MAX)
}

pub fn read(json: &Value, pointer: &str) -> Option<String> {
    find(json, pointer).map(Value::to_string)
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
    /// Answer with a value, and charge for it and for the argument.
    pub fn answer<T: Crossing>(&mut self, asked: &str, value: T) -> wasmtime::Result<T> {
        self.charge(asked.len() + value.bytes())?;
        Ok(value)
    }
}

/// The seven readers of an interface as methods of the evaluation, over the JSON that `$json`
/// gives.
macro_rules! readers {
    (|$self:ident| $json:expr) => {
        readers!(|$self| $json =>
            text: Option<String>, integer: Option<i64>, number: Option<f64>, flag: Option<bool>,
            keys: Vec<String>, length: u32, read: Option<String>);
    };
    (|$self:ident| $json:expr => $($name:ident: $type:ty),*) => {
        $(fn $name(&mut $self, pointer: String) -> wasmtime::Result<$type> {
            let value = $crate::policy::guest::interfaces::readers::$name($json, &pointer);
            $self.answer(&pointer, value)
        })*
    };
}
pub(super) use readers;
