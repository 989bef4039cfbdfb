//! The shape of an interpolated text: plain parts, `${a.b[0]}`, relative `${..x}`, nested `${a.${b}}` and calls `${oc.env:X}`.
//!
//! Invariant: parsing decides nothing about values; what was parsed can be evaluated without looking at the text again.

use super::element::{self, Element};
use super::limits;
use crate::yaml::quote;

/// A piece of an interpolated text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Part {
    Text(String),
    Interpolation(Interpolation),
}

/// One `${…}`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Interpolation {
    pub(crate) target: Target,
    /// As written, for messages.
    pub(crate) source: String,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Target {
    /// Another value: from the root, or with dots from the mapping around.
    Path { dots: usize, keys: Vec<Key> },
    /// What a resolver makes of its arguments.
    Call { resolver: String, arguments: Vec<Element> },
}

/// One step of a path.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Key {
    Name(String),
    Interpolation(Box<Interpolation>),
}

/// Whether a text has to be parsed at all.
pub(crate) fn is_interpolated(text: &str) -> bool {
    text.contains("${")
}

/// Writes a text so that parsing gives it back: for values that come from outside, such as paths.
pub(crate) fn escape(text: &str) -> String {
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

/// The parts of a text. The error is a sentence about the text.
pub(crate) fn parse(text: &str) -> Result<Vec<Part>, String> {
    let mut cursor = Cursor::new(text);
    let parts = cursor.parts(None)?;
    Ok(parts)
}

/// The keys of a path such as `a.b[0]`, with its leading dots, as `oc.select` takes it.
pub(crate) fn parse_path(text: &str) -> Result<(usize, Vec<Key>), String> {
    let mut cursor = Cursor::new(text);
    let (dots, keys) = cursor.path()?;
    if cursor.rest().is_empty() { Ok((dots, keys)) } else { Err(format!("`{}` is not a path", quote(text))) }
}

/// A place in the text, moved on by what is recognised.
pub(crate) struct Cursor<'t> {
    text: &'t str,
    pub(crate) at: usize,
    depth: usize,
}

impl<'t> Cursor<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        Self { text, at: 0, depth: 0 }
    }

    pub(crate) fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    pub(crate) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(crate) fn take(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        self.at += if found { token.len() } else { 0 };
        found
    }

    pub(crate) fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    pub(crate) fn blanks(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start_matches([' ', '\t']).len();
    }

    pub(crate) fn inner<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, String>) -> Result<T, String> {
        self.depth += 1;
        if self.depth > limits::GRAMMAR_DEPTH {
            return Err(format!("it nests deeper than {} levels", limits::GRAMMAR_DEPTH));
        }
        let result = read(self);
        self.depth -= 1;
        result
    }

    /// Text with interpolations, to the end or to the quote that closes it.
    pub(crate) fn parts(&mut self, quote: Option<char>) -> Result<Vec<Part>, String> {
        let mut parts = Vec::new();
        let mut text = String::new();
        loop {
            let slashes = self.rest().len() - self.rest().trim_start_matches('\\').len();
            let after = &self.rest()[slashes..];
            let closes = quote.is_some_and(|quote| after.starts_with(quote));
            if !closes && !after.starts_with("${") {
                // Backslashes mean something only before `${` and before the closing quote.
                text.push_str(&self.rest()[..slashes]);
                self.at += slashes;
                match self.next() {
                    Some(c) => text.push(c),
                    None if quote.is_some() => return Err("its quotes are not closed".to_owned()),
                    None => break,
                }
                continue;
            }
            text.push_str(&"\\".repeat(slashes / 2));
            self.at += slashes;
            if slashes % 2 == 1 {
                // Escaped: the sign stands for itself.
                text.extend(self.next());
            } else if closes {
                self.next();
                break;
            } else {
                flush(&mut parts, &mut text);
                parts.push(Part::Interpolation(self.interpolation()?));
            }
        }
        flush(&mut parts, &mut text);
        Ok(parts)
    }

    pub(crate) fn interpolation(&mut self) -> Result<Interpolation, String> {
        let start = self.at;
        let target = self.inner(Self::target)?;
        Ok(Interpolation { target, source: self.text[start..self.at].to_owned() })
    }

    fn target(&mut self) -> Result<Target, String> {
        let start = self.at;
        self.take("${");
        self.blanks();
        let (dots, keys) = self.path()?;
        self.blanks();
        if self.take("}") {
            return Ok(Target::Path { dots, keys });
        }
        let written = &self.text[start + 2..self.at];
        if !self.take(":") {
            return Err(self.unexpected());
        }
        let Some(resolver) = resolver_name(dots, &keys, written) else {
            return Err(format!("`{}` is not the name of a resolver", quote(written.trim())));
        };
        Ok(Target::Call { resolver, arguments: element::arguments(self)? })
    }

    fn path(&mut self) -> Result<(usize, Vec<Key>), String> {
        let dots = self.rest().len() - self.rest().trim_start_matches('.').len();
        self.at += dots;
        let mut keys = vec![if self.take("[") { self.bracket()? } else { self.key()? }];
        loop {
            if self.take(".") {
                keys.push(self.key()?);
            } else if self.take("[") {
                keys.push(self.bracket()?);
            } else {
                return Ok((dots, keys));
            }
        }
    }

    fn bracket(&mut self) -> Result<Key, String> {
        let key = self.key()?;
        if self.take("]") { Ok(key) } else { Err(self.unexpected()) }
    }

    fn key(&mut self) -> Result<Key, String> {
        if self.rest().starts_with("${") {
            return Ok(Key::Interpolation(Box::new(self.interpolation()?)));
        }
        let length = self.rest().find(['\\', '{', '}', '(', ')', '[', ']', ':', '.', ' ', '\t', '\'', '"']);
        let name = &self.rest()[..length.unwrap_or(self.rest().len())];
        if name.is_empty() {
            return Err(if self.rest().is_empty() { self.unexpected() } else { "a key is missing in it".to_owned() });
        }
        self.at += name.len();
        if name.ends_with('$') && self.rest().starts_with('{') {
            return Err("an interpolation inside it must stand for a whole key, as in `${a.${b}}`".to_owned());
        }
        Ok(Key::Name(name.to_owned()))
    }

    pub(crate) fn unexpected(&self) -> String {
        match self.peek() {
            Some(c) => format!("`{}` is not expected in it", c.escape_debug()),
            None => "it ends before it is closed".to_owned(),
        }
    }
}

fn flush(parts: &mut Vec<Part>, text: &mut String) {
    if !text.is_empty() {
        parts.push(Part::Text(std::mem::take(text)));
    }
}

fn resolver_name(dots: usize, keys: &[Key], written: &str) -> Option<String> {
    let plain = dots == 0 && !written.contains('[') && keys.iter().all(|key| matches!(key, Key::Name(_)));
    plain.then(|| written.trim().to_owned())
}
