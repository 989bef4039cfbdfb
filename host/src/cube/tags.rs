//! Tags: `!!str 5` and its kin; no others.
//!
//! Invariant: a tag either gives the type it names or is an error.

use granit_parser::Tag;

use super::error::{CubeError, Fault, Position};
use super::limits::quote;
use super::node::Data;
use super::scalar;

pub(crate) fn tagged(text: &str, plain: bool, tag: &Tag, at: &Position) -> Result<Data, CubeError> {
    if is_plain_tag(tag) {
        return Ok(if plain { scalar::plain(text) } else { Data::Text(text.to_owned()) });
    }
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
        CubeError::new(Fault::Syntax, message).at(at)
    })
}

/// The tag `!` alone, which says nothing.
pub(crate) fn is_plain_tag(tag: &Tag) -> bool {
    tag.original() == "!"
}

pub(crate) fn unknown_tag(tag: &Tag, at: &Position) -> CubeError {
    let message = format!("the tag `{}` is not known here", quote(&tag.original()));
    CubeError::new(Fault::Syntax, message)
        .at(at)
        .with_hint("leave the tag out: a configuration needs plain values only")
}
