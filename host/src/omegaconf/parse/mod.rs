//! Parsing of interpolated texts. `cursor` is a place in the text, `grammar` reads interpolations
//! and `arguments` what is passed in a call; an argument may hold interpolations again.

mod arguments;
mod cursor;
mod grammar;

use super::syntax::{Element, Key, Part};
use crate::yaml::quote;
use cursor::Cursor;

/// The parts of a text. The error is a sentence about the text.
pub fn text(text: &str) -> Result<Vec<Part>, String> {
    Cursor::new(text).parts(None)
}

/// The leading dots and the keys of a path such as `a.b[0]`, as `oc.select` takes it.
pub fn path(text: &str) -> Result<(usize, Vec<Key>), String> {
    let mut cursor = Cursor::new(text);
    let path = cursor.path()?;
    if cursor.rest().is_empty() {
        Ok(path)
    } else {
        Err(format!("`{}` is not a path", quote(text)))
    }
}

/// One argument and nothing else, as `oc.decode` reads it.
pub fn element(text: &str) -> Result<Element, String> {
    let mut cursor = Cursor::new(text);
    let element = cursor.element()?;
    cursor.blanks();
    if cursor.peek().is_none() { Ok(element) } else { Err(cursor.unexpected()) }
}
