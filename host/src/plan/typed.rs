//! Values of flags that have a form, such as `NAME=FILE`.

use crate::error::Error;
use std::fmt;

/// The two sides of the `=` in the value of a flag.
pub fn parts<'a>(typed: &'a str, flag: &str, form: &str) -> Result<(&'a str, &'a str), Error> {
    typed.split_once('=').ok_or_else(|| usage(typed, flag, form))
}

/// The error of a value that is not of the flag's form.
pub fn usage(typed: &str, flag: &str, form: &str) -> Error {
    Error::Usage {
        what: format!("invalid value `{typed}` for `{flag}`"),
        hint: format!("write `{flag} {form}`"),
    }
}

/// The error of a value with a part that is wrong.
pub fn refused(typed: &str, flag: &str, why: impl fmt::Display) -> Error {
    Error::Usage { what: format!("`{flag} {typed}`: {why}"), hint: String::new() }
}
