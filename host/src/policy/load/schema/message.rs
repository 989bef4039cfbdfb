//! Values and places in sentences, bounded whatever their size.

use super::node::Type;
use crate::job::escaped;
use crate::text::visible;
use serde_json::Value;
use std::fmt::{self, Write};

/// Bytes of a value that are shown.
const SHOWN: usize = 80;

/// A place in the settings, from the root.
#[derive(Clone, Copy)]
pub struct Path<'p> {
    parent: Option<&'p Path<'p>>,
    step: Step<'p>,
}

/// A step from a value to one within it.
#[derive(Clone, Copy)]
pub enum Step<'p> {
    /// The root itself.
    Root,
    /// A member of an object.
    Key(&'p str),
    /// An item of a list.
    Index(usize),
}

impl<'p> Path<'p> {
    /// The settings as a whole.
    pub const ROOT: Self = Self { parent: None, step: Step::Root };

    /// A place within this one.
    pub fn below(&'p self, step: Step<'p>) -> Self {
        Self { parent: Some(self), step }
    }

    /// A sentence about this place.
    pub fn says(&self, sentence: impl fmt::Display) -> String {
        match self.step {
            Step::Root => sentence.to_string(),
            _ => format!("`{self}`: {sentence}"),
        }
    }
}

/// A JSON pointer.
impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            parent.fmt(f)?;
        }
        match self.step {
            Step::Root => Ok(()),
            Step::Key(key) => {
                let key = &key[..key.floor_char_boundary(SHOWN)];
                write!(f, "/{}", escaped(&visible(key)))
            }
            Step::Index(index) => write!(f, "/{index}"),
        }
    }
}

/// A value in backticks, cut where it is long; the kind alone of a list or mapping.
pub fn shown(value: &Value) -> String {
    match value {
        Value::Array(_) => Type::Array.words().into(),
        Value::Object(_) => Type::Object.words().into(),
        Value::Null => "null".into(),
        Value::String(text) => quoted(text),
        other => format!("`{}`", Cut(other)),
    }
}

/// A text in backticks, cut where it is long.
pub fn quoted(text: &str) -> String {
    let cut = text.floor_char_boundary(SHOWN);
    let more = if cut < text.len() { "…" } else { "" };
    format!("`{}{more}`", visible(&text[..cut]))
}

/// Several values as choices.
pub fn choices(values: &[Value]) -> String {
    let mut all = String::new();
    for value in values {
        if all.len() > 4 * SHOWN {
            all.push_str(", …");
            break;
        }
        if !all.is_empty() {
            all.push_str(", ");
        }
        all.push_str(&shown(value));
    }
    all
}

/// A value as JSON, written no further than is shown.
struct Cut<'v>(&'v Value);

impl fmt::Display for Cut<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        // Numbers and booleans are short.
        write!(text, "{}", self.0)?;
        f.write_str(&text[..text.floor_char_boundary(SHOWN)])
    }
}
