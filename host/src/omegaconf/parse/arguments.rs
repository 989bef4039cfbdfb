//! The arguments of a call: bare words, numbers, quoted text, lists and mappings, each with
//! interpolations inside. A bare word is typed by OmegaConf's rules, which are not those of YAML:
//! `yes` is a word, and so is `007`.

use super::cursor::Cursor;
use crate::omegaconf::syntax::{Element, Part};
use crate::yaml::Data;

/// The characters that a backslash may stand before.
const ESCAPABLE: &str = "\\()[]{}:=, \t";

/// The characters of a bare word besides letters and digits.
const BARE: &str = "_/-+.$%*@?|:";

impl Cursor<'_> {
    /// Read the arguments after the colon, up to and including the closing brace.
    pub fn arguments(&mut self) -> Result<Vec<Element>, String> {
        self.blanks();
        if self.take("}") {
            return Ok(Vec::new());
        }
        self.sequence("}")
    }

    /// Read one argument.
    pub fn element(&mut self) -> Result<Element, String> {
        self.blanks();
        match self.peek() {
            Some('[') => self.inner(Self::list),
            Some('{') => self.inner(Self::map),
            Some(quote @ ('\'' | '"')) => {
                self.next();
                self.parts(Some(quote)).map(Element::Text)
            }
            _ => self.bare(false),
        }
    }

    fn sequence(&mut self, end: &str) -> Result<Vec<Element>, String> {
        let mut elements = Vec::new();
        loop {
            elements.push(self.element()?);
            self.blanks();
            if self.take(end) {
                return Ok(elements);
            }
            if !self.take(",") {
                return Err(self.unexpected());
            }
        }
    }

    fn list(&mut self) -> Result<Element, String> {
        self.next();
        self.blanks();
        if self.take("]") {
            Ok(Element::List(Vec::new()))
        } else {
            self.sequence("]").map(Element::List)
        }
    }

    fn map(&mut self) -> Result<Element, String> {
        self.next();
        self.blanks();
        let mut entries = Vec::new();
        if self.take("}") {
            return Ok(Element::Map(entries));
        }
        loop {
            self.blanks();
            let start = self.position();
            self.bare(true)?;
            let name = self.since(start).trim_end().to_owned();
            if name.is_empty() || !self.take(":") {
                return Err(self.unexpected());
            }
            entries.push((name, self.element()?));
            self.blanks();
            if self.take("}") {
                return Ok(Element::Map(entries));
            }
            if !self.take(",") {
                return Err(self.unexpected());
            }
        }
    }

    /// Read words and interpolations up to a sign that ends an element; blanks around it are
    /// dropped. A key ends at a colon and holds no interpolation.
    fn bare(&mut self, is_key: bool) -> Result<Element, String> {
        let mut parts = Vec::new();
        let mut text = String::new();
        // So much of the text is not a blank at its end.
        let mut kept = 0;
        let mut is_escaped = false;
        while let Some(c) = self.peek() {
            if self.rest().starts_with("${") && !is_key {
                if !text.is_empty() {
                    parts.push(Part::Text(std::mem::take(&mut text)));
                }
                parts.push(Part::Interpolation(self.interpolation()?));
                kept = 0;
                continue;
            }
            match c {
                ',' | '}' | ']' => break,
                ':' if is_key => break,
                '\\' => {
                    self.next();
                    match self.peek().filter(|c| ESCAPABLE.contains(*c)) {
                        Some(_) => text.extend(self.next()),
                        None => text.push('\\'),
                    }
                    is_escaped = true;
                    kept = text.len();
                }
                ' ' | '\t' => text.extend(self.next()),
                c if c.is_alphanumeric() || BARE.contains(c) => {
                    text.extend(self.next());
                    kept = text.len();
                }
                _ => return Err(format!("`{}` must be quoted", c.escape_debug())),
            }
        }
        text.truncate(kept);
        Ok(match (parts.pop(), text) {
            (None, text) if is_escaped => Element::Text(vec![Part::Text(text)]),
            (None, text) => Element::Scalar(typed(text)),
            (Some(Part::Interpolation(alone)), text) if parts.is_empty() && text.is_empty() => {
                Element::Interpolation(alone)
            }
            (Some(last), text) => {
                parts.extend([last, Part::Text(text)]);
                Element::Text(parts)
            }
        })
    }
}

/// The value of a bare word.
fn typed(word: String) -> Data {
    let lower = word.to_ascii_lowercase();
    match lower.as_str() {
        "null" => return Data::Null(word.into()),
        "true" => return Data::Bool(true, word.into()),
        "false" => return Data::Bool(false, word.into()),
        _ => {}
    }
    let unsigned = lower.strip_prefix(['+', '-']).unwrap_or(&lower);
    if is_integer(unsigned) {
        let digits = lower.replace('_', "");
        return match digits.parse() {
            Ok(value) => Data::Int(value, word.into()),
            Err(_) => Data::Text(word),
        };
    }
    if is_float(unsigned) {
        return match lower.replace('_', "").parse::<f64>() {
            Ok(value) if value.is_finite() || !lower.contains(|c: char| c.is_ascii_digit()) => {
                Data::Float(value, word.into())
            }
            _ => Data::Text(word),
        };
    }
    Data::Text(word)
}

/// `0`, or digits that do not begin with `0`, with single underscores between them.
fn is_integer(text: &str) -> bool {
    text == "0" || (!text.starts_with('0') && is_digits(text))
}

fn is_digits(text: &str) -> bool {
    text.split('_').all(|group| !group.is_empty() && group.bytes().all(|c| c.is_ascii_digit()))
}

fn is_float(text: &str) -> bool {
    if matches!(text, "inf" | "nan") {
        return true;
    }
    let (mantissa, exponent) = match text.split_once('e') {
        Some((mantissa, exponent)) => {
            (mantissa, Some(exponent.strip_prefix(['+', '-']).unwrap_or(exponent)))
        }
        None => (text, None),
    };
    let is_mantissa = match mantissa.split_once('.') {
        Some((whole, "")) => is_integer(whole),
        Some((whole, fraction)) => (whole.is_empty() || is_integer(whole)) && is_digits(fraction),
        None => exponent.is_some() && is_integer(mantissa),
    };
    is_mantissa && exponent.is_none_or(is_digits)
}
