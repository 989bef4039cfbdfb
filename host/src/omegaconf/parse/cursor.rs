//! A place in a text, moved on by what is recognised.

use crate::omegaconf::limits::GRAMMAR_DEPTH;

/// A place in a text.
pub struct Cursor<'t> {
    text: &'t str,
    at: usize,
    depth: usize,
}

impl<'t> Cursor<'t> {
    /// The beginning of a text.
    pub fn new(text: &'t str) -> Self {
        Self { text, at: 0, depth: 0 }
    }

    /// The number of bytes that were read.
    pub fn position(&self) -> usize {
        self.at
    }

    /// The text since a position.
    pub fn since(&self, start: usize) -> &'t str {
        &self.text[start..self.at]
    }

    /// The text that was not read yet.
    pub fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    /// The next character, left where it is.
    pub fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// Move over the next character.
    pub fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    /// Move over so many bytes, which end between characters.
    pub fn skip(&mut self, bytes: usize) -> &'t str {
        let skipped = &self.rest()[..bytes];
        self.at += bytes;
        skipped
    }

    /// Move over a token, if it is next.
    pub fn take(&mut self, token: &str) -> bool {
        let is_next = self.rest().starts_with(token);
        if is_next {
            self.at += token.len();
        }
        is_next
    }

    /// Move over all of the same character, and say how many there were.
    pub fn take_all(&mut self, c: char) -> usize {
        let count = self.count(c);
        self.at += count * c.len_utf8();
        count
    }

    /// The number of times that a character comes next.
    pub fn count(&self, c: char) -> usize {
        self.rest().chars().take_while(|next| *next == c).count()
    }

    /// Move over blanks.
    pub fn blanks(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start_matches([' ', '\t']).len();
    }

    /// Read what is nested, as long as it does not nest too deep.
    pub fn inner<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, String>,
    ) -> Result<T, String> {
        self.depth += 1;
        if self.depth > GRAMMAR_DEPTH {
            return Err(format!("it nests deeper than {GRAMMAR_DEPTH} levels"));
        }
        let result = read(self);
        self.depth -= 1;
        result
    }

    /// The sentence for a character that has no place here.
    pub fn unexpected(&self) -> String {
        match self.peek() {
            Some(c) => format!("unexpected `{}`", c.escape_debug()),
            None => "it is not closed".to_owned(),
        }
    }
}
