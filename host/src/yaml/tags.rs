//! The tags of YAML's own types, such as `!!str 5`. A tag gives the type that it names, or is an
//! error.

use super::error::{ConfigError, Fault, Position};
use super::limits::quote;
use super::node::{Data, Typed};
use super::pyyaml;
use granit_parser::Tag;

/// The value of a text with a tag, which is not `!` alone.
pub fn tagged(text: &str, tag: &Tag, at: &Position) -> Result<Data, ConfigError> {
    let data = match tag.core_suffix() {
        Some("str") => Some(Data::Text(text.to_owned())),
        Some("null") => Some(Data::Null(Typed::default())),
        Some("bool") => pyyaml::boolean(text).map(|value| Data::Bool(value, text.into())),
        Some("int") => pyyaml::integer(text).map(|value| Data::Int(value, text.into())),
        Some("float") => pyyaml::float(text)
            .or_else(|| pyyaml::integer(text).map(|value| value as f64))
            .map(|value| Data::Float(value, text.into())),
        _ => return Err(unknown_tag(tag, at)),
    };
    data.ok_or_else(|| {
        let message = format!("`{}` is not a valid `{}`", quote(text), tag.original());
        ConfigError::new(Fault::Syntax, message).at(at)
    })
}

/// The tag `!` alone, which says nothing.
pub fn is_plain_tag(tag: &Tag) -> bool {
    tag.original() == "!"
}

/// The error for a tag that is none of YAML's own.
pub fn unknown_tag(tag: &Tag, at: &Position) -> ConfigError {
    let message = format!("unknown tag `{}`", quote(&tag.original()));
    ConfigError::new(Fault::Syntax, message)
        .at(at)
        .with_hint("leave the tag out: a configuration needs plain values only")
}
