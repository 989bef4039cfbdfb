//! The tree of a configuration: values in the order written, each with its position.
//!
//! The keys of a map are unique, and a map finds a key in constant time however large it is.

use super::error::Position;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// One value and where it was written.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    pub data: Data,
    pub at: Position,
}

/// The text of a plain scalar, exactly as it was typed; empty for one that was not typed.
pub type Typed = Box<str>;

/// The values of YAML. A value that is not text keeps the text that it was read from: where text is
/// meant, `007` and `1.10` are that.
#[derive(Clone, Debug, PartialEq)]
pub enum Data {
    Null(Typed),
    Bool(bool, Typed),
    Int(i64, Typed),
    Float(f64, Typed),
    Text(String),
    List(Vec<Node>),
    Map(Map),
}

impl Node {
    pub fn new(data: Data, at: &Position) -> Self {
        Self { data, at: at.clone() }
    }

    pub fn text(text: impl Into<String>, at: &Position) -> Self {
        Self::new(Data::Text(text.into()), at)
    }

    /// Nothing, which nobody typed.
    pub fn null(at: &Position) -> Self {
        Self::new(Data::Null(Typed::default()), at)
    }

    /// A scalar as it was typed, whatever it means; none for one that was left out.
    pub fn as_typed(&self) -> Option<&str> {
        match &self.data {
            Data::Text(text) => Some(text),
            Data::Null(typed)
            | Data::Bool(_, typed)
            | Data::Int(_, typed)
            | Data::Float(_, typed) => Some(&**typed).filter(|typed| !typed.is_empty()),
            Data::List(_) | Data::Map(_) => None,
        }
    }

    pub fn as_text(&self) -> Option<&str> {
        match &self.data {
            Data::Text(text) => Some(text),
            _ => None,
        }
    }

    pub fn as_map(&self) -> Option<&Map> {
        match &self.data {
            Data::Map(map) => Some(map),
            _ => None,
        }
    }

    pub fn is_null(&self) -> bool {
        matches!(self.data, Data::Null(_))
    }

    /// OmegaConf's mark for a value that somebody else must give.
    pub fn is_missing(&self) -> bool {
        self.as_text() == Some("???")
    }

    /// The kind of value in words, with its article.
    pub fn kind(&self) -> &'static str {
        match &self.data {
            Data::Null(_) => "nothing",
            Data::Bool(..) => "a boolean",
            Data::Int(..) => "an integer",
            Data::Float(..) => "a float",
            Data::Text(_) => "text",
            Data::List(_) => "a list",
            Data::Map(_) => "a mapping",
        }
    }

    /// The value as JSON; a float that JSON does not have becomes text, as it was typed.
    pub fn to_json(&self) -> Value {
        match &self.data {
            Data::Null(_) => Value::Null,
            Data::Bool(value, _) => Value::from(*value),
            Data::Int(value, _) => Value::from(*value),
            Data::Float(value, _) if value.is_finite() => Value::from(*value),
            Data::Float(_, typed) => Value::from(&**typed),
            Data::Text(text) => Value::from(text.as_str()),
            Data::List(items) => items.iter().map(Node::to_json).collect(),
            Data::Map(map) => {
                map.iter().map(|entry| (entry.key.to_string(), entry.value.to_json())).collect()
            }
        }
    }
}

impl Node {
    /// The numbers and booleans in it as they were typed, such as `1.10` and `007`: from JSON pointer
    /// to text.
    pub fn typed_scalars(&self) -> BTreeMap<String, String> {
        let mut found = BTreeMap::new();
        self.collect_typed(String::new(), &mut found);
        found
    }

    fn collect_typed(&self, place: String, found: &mut BTreeMap<String, String>) {
        match &self.data {
            Data::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    item.collect_typed(pointer_to(&place, &index.to_string()), found);
                }
            }
            Data::Map(map) => {
                for entry in map.iter() {
                    entry.value.collect_typed(pointer_to(&place, &entry.key), found);
                }
            }
            Data::Bool(_, typed) | Data::Int(_, typed) | Data::Float(_, typed) => {
                found.insert(place, typed.to_string());
            }
            Data::Null(_) | Data::Text(_) => {}
        }
    }
}

/// The JSON pointer of a member below another.
pub fn pointer_to(place: &str, key: &str) -> String {
    format!("{place}/{}", key.replace('~', "~0").replace('/', "~1"))
}

/// A key, where it was written, and its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub key: Arc<str>,
    pub at: Position,
    pub value: Node,
}

/// Keys that are found by looking at each: an index would take more memory than they do.
const WITHOUT_INDEX: usize = 16;

/// A mapping that keeps the order of its keys.
#[derive(Clone, Debug, Default)]
pub struct Map {
    entries: Vec<Entry>,
    /// The index of each key, once there are many.
    #[expect(
        clippy::box_collection,
        reason = "most maps have none, and every value is as wide as a map"
    )]
    index: Option<Box<HashMap<Arc<str>, usize>>>,
}

impl PartialEq for Map {
    fn eq(&self, other: &Self) -> bool {
        self.entries == other.entries
    }
}

impl Map {
    pub fn get(&self, key: &str) -> Option<&Entry> {
        self.find(key).map(|index| &self.entries[index])
    }

    pub fn value(&self, key: &str) -> Option<&Node> {
        self.get(key).map(|entry| &entry.value)
    }

    pub fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        let index = self.find(key)?;
        Some(&mut self.entries[index].value)
    }

    /// The index of a key.
    pub fn find(&self, key: &str) -> Option<usize> {
        match &self.index {
            Some(index) => index.get(key).copied(),
            None => self.entries.iter().position(|entry| &*entry.key == key),
        }
    }

    pub fn nth(&self, index: usize) -> Option<&Entry> {
        self.entries.get(index)
    }

    /// Put an entry in; one of the same key is replaced in its place.
    pub fn insert(&mut self, entry: Entry) {
        match self.find(&entry.key) {
            Some(index) => self.entries[index] = entry,
            None => self.push(entry),
        }
    }

    fn push(&mut self, entry: Entry) {
        match &mut self.index {
            Some(index) => drop(index.insert(entry.key.clone(), self.entries.len())),
            None if self.entries.len() < WITHOUT_INDEX => {}
            None => {
                let keys = self.entries.iter().chain([&entry]).map(|entry| entry.key.clone());
                self.index = Some(Box::new(keys.enumerate().map(|(at, key)| (key, at)).collect()));
            }
        }
        self.entries.push(entry);
    }

    /// The value of a key; where it is absent one is made that says that it must be given.
    pub fn slot(&mut self, key: &str, at: &Position) -> &mut Node {
        let index = self.find(key).unwrap_or(self.entries.len());
        if index == self.entries.len() {
            self.set(key, Node::text("???", at));
        }
        &mut self.entries[index].value
    }

    /// Put a value in under a key; its place is that of the value.
    pub fn set(&mut self, key: &str, value: Node) {
        self.insert(Entry { key: key.into(), at: value.at.clone(), value });
    }

    pub fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter()
    }

    pub fn into_entries(self) -> Vec<Entry> {
        self.entries
    }

    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|entry| &*entry.key)
    }

    pub fn len(&self) -> usize {
        self.entries.len()
    }
}
