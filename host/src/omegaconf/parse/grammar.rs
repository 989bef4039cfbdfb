//! Interpolations: text around them, paths, and the names of calls.

use super::cursor::Cursor;
use crate::omegaconf::syntax::{Interpolation, Key, Part, Target};
use crate::yaml::quote;

/// The characters that end a key.
const KEY_ENDS: [char; 13] = ['\\', '{', '}', '(', ')', '[', ']', ':', '.', ' ', '\t', '\'', '"'];

impl Cursor<'_> {
    /// Read text with interpolations, to the end or to the quote that closes it.
    pub fn parts(&mut self, quote: Option<char>) -> Result<Vec<Part>, String> {
        let mut parts = Vec::new();
        let mut text = String::new();
        loop {
            let slashes = self.count('\\');
            let after = &self.rest()[slashes..];
            let closes = quote.is_some_and(|quote| after.starts_with(quote));
            if !closes && !after.starts_with("${") {
                // Backslashes mean something only before `${` and before the closing quote.
                text.push_str(self.skip(slashes));
                match self.next() {
                    Some(c) => text.push(c),
                    None if quote.is_some() => return Err("a quote is not closed".to_owned()),
                    None => break,
                }
                continue;
            }
            text.push_str(&"\\".repeat(slashes / 2));
            self.skip(slashes);
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

    /// Read one `${…}`.
    pub fn interpolation(&mut self) -> Result<Interpolation, String> {
        let start = self.position();
        let target = self.inner(Self::target)?;
        Ok(Interpolation { target, source: self.since(start).to_owned() })
    }

    /// Read a path such as `a.b[0]` with its leading dots.
    pub fn path(&mut self) -> Result<(usize, Vec<Key>), String> {
        let dots = self.take_all('.');
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

    fn target(&mut self) -> Result<Target, String> {
        self.take("${");
        let start = self.position();
        self.blanks();
        let (dots, keys) = self.path()?;
        self.blanks();
        if self.take("}") {
            return Ok(Target::Path { dots, keys });
        }
        let written = self.since(start);
        if !self.take(":") {
            return Err(self.unexpected());
        }
        let Some(resolver) = resolver_name(dots, &keys, written) else {
            return Err(format!("`{}` is not the name of a resolver", quote(written.trim())));
        };
        Ok(Target::Call { resolver, arguments: self.arguments()? })
    }

    fn bracket(&mut self) -> Result<Key, String> {
        let key = self.key()?;
        if self.take("]") { Ok(key) } else { Err(self.unexpected()) }
    }

    fn key(&mut self) -> Result<Key, String> {
        if self.rest().starts_with("${") {
            return Ok(Key::Interpolation(Box::new(self.interpolation()?)));
        }
        let length = self.rest().find(KEY_ENDS).unwrap_or(self.rest().len());
        if length == 0 {
            return Err(if self.rest().is_empty() {
                self.unexpected()
            } else {
                "expected a key".to_owned()
            });
        }
        let name = self.skip(length);
        if name.ends_with('$') && self.rest().starts_with('{') {
            return Err("an interpolation inside it must stand for a whole key, as in `${a.${b}}`"
                .to_owned());
        }
        Ok(Key::Name(name.to_owned()))
    }
}

fn flush(parts: &mut Vec<Part>, text: &mut String) {
    if !text.is_empty() {
        parts.push(Part::Text(std::mem::take(text)));
    }
}

fn resolver_name(dots: usize, keys: &[Key], written: &str) -> Option<String> {
    let is_plain =
        dots == 0 && !written.contains('[') && keys.iter().all(|key| matches!(key, Key::Name(_)));
    is_plain.then(|| written.trim().to_owned())
}
