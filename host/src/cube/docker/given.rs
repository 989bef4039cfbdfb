//! One option of `docker run` as it was given: `--name=value`, `--name value`, `-nvalue`, `-it`.

use super::flags::{self, Takes};
use crate::yaml::{Position, quote};
use std::fmt;

/// An option with its value, which is empty where it takes none.
pub struct Given<'a> {
    /// The key that it stands in, in backticks.
    pub label: &'a str,
    /// Where that stands.
    pub at: &'a Position,
    /// The option as it was written.
    pub flag: &'a str,
    /// Its value.
    pub value: &'a str,
}

/// The option in backticks, as one would type it.
impl fmt::Display for Given<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let between = match (self.value, self.flag.starts_with("--")) {
            ("", _) => "",
            (_, true) => "=",
            (_, false) => " ",
        };
        write!(f, "`{}{between}{}`", quote(self.flag), quote(self.value))
    }
}

/// Tell each option in a list of words.
pub fn each(label: &str, at: &Position, words: &[String], mut tell: impl FnMut(&Given<'_>)) {
    let mut words = words.iter().map(String::as_str).peekable();
    while let Some(word) = words.next() {
        let mut tell = |flag: &str, value: &str| tell(&Given { label, at, flag, value });
        if let Some((flag, value)) = word.split_once('=').filter(|_| word.starts_with("--")) {
            tell(flag, value);
        } else if word.starts_with("--") || !word.starts_with('-') || word.len() < 2 {
            let value = match flags::takes(word) {
                Some(Takes::Value) => words.next(),
                // An option that nobody knows may have a value.
                None if word.starts_with('-') => words.next_if(|next| !next.starts_with('-')),
                _ => None,
            };
            tell(word, value.unwrap_or_default());
        } else {
            let mut rest = &word[1..];
            while let Some(c) = rest.chars().next() {
                rest = &rest[c.len_utf8()..];
                let flag = format!("-{c}");
                if flags::takes(&flag) == Some(Takes::Nothing) {
                    tell(&flag, "");
                    continue;
                }
                let attached = rest.strip_prefix('=').unwrap_or(rest);
                let value = if attached.is_empty() { words.next() } else { Some(attached) };
                tell(&flag, value.unwrap_or_default());
                break;
            }
        }
    }
}
