//! The parts of an interpolated text: `${a.b[0]}`, relative `${..x}`, nested `${a.${b}}` and calls
//! such as `${oc.env:X}`. They can be evaluated without another look at the text.

use crate::yaml::Data;

/// A piece of an interpolated text.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// Text that stands for itself.
    Text(String),
    /// One `${…}`.
    Interpolation(Interpolation),
}

/// One `${…}`.
#[derive(Clone, Debug, PartialEq)]
pub struct Interpolation {
    /// The value that it stands for.
    pub target: Target,
    /// The text as written, for messages.
    pub source: String,
}

/// The value that an interpolation stands for.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// Another value: from the root, or with dots from the mapping around.
    Path { dots: usize, keys: Vec<Key> },
    /// The value that a resolver makes of its arguments.
    Call { resolver: String, arguments: Vec<Element> },
}

/// One step of a path.
#[derive(Clone, Debug, PartialEq)]
pub enum Key {
    /// A key or index as written.
    Name(String),
    /// A key that another value gives.
    Interpolation(Box<Interpolation>),
}

/// An argument of a call.
#[derive(Clone, Debug, PartialEq)]
pub enum Element {
    /// A typed bare word.
    Scalar(Data),
    /// Quoted text, or bare text with interpolations: always text when evaluated.
    Text(Vec<Part>),
    /// One interpolation alone: keeps the type of its target.
    Interpolation(Interpolation),
    /// `[a, b]`.
    List(Vec<Element>),
    /// `{a: 1, b: 2}`.
    Map(Vec<(String, Element)>),
}

/// Whether a text has to be parsed at all.
pub fn is_interpolated(text: &str) -> bool {
    text.contains("${")
}

/// Write a text so that parsing gives it back: for values that come from outside, such as paths.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        let before = &rest[..at];
        let slashes = before.len() - before.trim_end_matches('\\').len();
        escaped.push_str(before);
        escaped.push_str(&"\\".repeat(slashes + 1));
        escaped.push_str("${");
        rest = &rest[at + 2..];
    }
    escaped + rest
}
