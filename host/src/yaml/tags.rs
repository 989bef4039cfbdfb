//! Tags: `!!str 5` and its kin; no others.
//!
//! Invariant: a tag either gives the type it names or is an error.

use granit_parser::Tag;

use super::error::{ConfigError, Fault, Position};
use super::limits::quote;
use super::node::Data;
use super::scalar;

/// What a text with a tag means, which is not `!` alone.
pub(crate) fn tagged(text: &str, tag: &Tag, at: &Position) -> Result<Data, ConfigError> {
    let data = match tag.core_suffix() {
        Some("str") => Some(Data::Text(text.to_owned())),
        Some("null") => Some(Data::Null),
        Some("bool") => scalar::boolean(text).map(Data::Bool),
        Some("int") => scalar::integer(text).map(Data::Int),
        Some("float") => {
            scalar::float(text).or_else(|| scalar::integer(text).map(|value| value as f64)).map(Data::Float)
        }
        _ => return Err(unknown_tag(tag, at)),
    };
    data.ok_or_else(|| {
        let message = format!("`{}` cannot be read as the `{}` that its tag asks for", quote(text), tag.original());
        ConfigError::new(Fault::Syntax, message).at(at)
    })
}

/// The tag `!` alone, which says nothing.
pub(crate) fn is_plain_tag(tag: &Tag) -> bool {
    tag.original() == "!"
}

pub(crate) fn unknown_tag(tag: &Tag, at: &Position) -> ConfigError {
    let message = format!("the tag `{}` is not known here", quote(&tag.original()));
    ConfigError::new(Fault::Syntax, message)
        .at(at)
        .with_hint("leave the tag out: a configuration needs plain values only")
}
