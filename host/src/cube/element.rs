//! The arguments of a resolver: bare words, numbers, quoted text, lists and mappings, each with interpolations inside.
//!
//! Invariant: a bare word is typed by OmegaConf's rules, which are not those of YAML (`yes` is a word, `007` too).

use super::grammar::{Cursor, Interpolation, Part};
use crate::yaml::Data;

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Element {
    /// A typed bare word.
    Scalar(Data),
    /// Quoted text, or bare text with interpolations: always text when evaluated.
    Text(Vec<Part>),
    /// One interpolation alone: keeps the type of its target.
    Interpolation(Interpolation),
    List(Vec<Element>),
    Map(Vec<(String, Element)>),
}

/// The arguments after the colon, up to and including the closing brace.
pub(crate) fn arguments(cursor: &mut Cursor<'_>) -> Result<Vec<Element>, String> {
    cursor.blanks();
    if cursor.take("}") {
        return Ok(Vec::new());
    }
    sequence(cursor, "}")
}

/// One element and nothing else, as `oc.decode` reads it.
pub(crate) fn single(text: &str) -> Result<Element, String> {
    let mut cursor = Cursor::new(text);
    let element = element(&mut cursor, false)?;
    cursor.blanks();
    if cursor.peek().is_none() { Ok(element) } else { Err(cursor.unexpected()) }
}

fn sequence(cursor: &mut Cursor<'_>, end: &str) -> Result<Vec<Element>, String> {
    let mut elements = Vec::new();
    loop {
        elements.push(element(cursor, false)?);
        cursor.blanks();
        if cursor.take(end) {
            return Ok(elements);
        }
        if !cursor.take(",") {
            return Err(cursor.unexpected());
        }
    }
}

fn element(cursor: &mut Cursor<'_>, key: bool) -> Result<Element, String> {
    cursor.blanks();
    match cursor.peek() {
        Some('[') if !key => cursor.inner(list),
        Some('{') if !key => cursor.inner(map),
        Some(quote @ ('\'' | '"')) if !key => {
            cursor.next();
            Ok(Element::Text(cursor.parts(Some(quote))?))
        }
        _ => bare(cursor, key),
    }
}

fn list(cursor: &mut Cursor<'_>) -> Result<Element, String> {
    cursor.next();
    cursor.blanks();
    if cursor.take("]") { Ok(Element::List(Vec::new())) } else { sequence(cursor, "]").map(Element::List) }
}

fn map(cursor: &mut Cursor<'_>) -> Result<Element, String> {
    cursor.next();
    cursor.blanks();
    let mut entries = Vec::new();
    if cursor.take("}") {
        return Ok(Element::Map(entries));
    }
    loop {
        cursor.blanks();
        let start = cursor.rest();
        element(cursor, true)?;
        let name = start[..start.len() - cursor.rest().len()].trim_end().to_owned();
        if name.is_empty() || !cursor.take(":") {
            return Err(cursor.unexpected());
        }
        entries.push((name, element(cursor, false)?));
        cursor.blanks();
        if cursor.take("}") {
            return Ok(Element::Map(entries));
        }
        if !cursor.take(",") {
            return Err(cursor.unexpected());
        }
    }
}

/// Words and interpolations up to a sign that ends an element; blanks around it are dropped.
fn bare(cursor: &mut Cursor<'_>, key: bool) -> Result<Element, String> {
    let mut parts = Vec::new();
    let (mut text, mut kept, mut escaped) = (String::new(), 0, false);
    while let Some(c) = cursor.peek() {
        if cursor.rest().starts_with("${") && !key {
            if !text.is_empty() {
                parts.push(Part::Text(std::mem::take(&mut text)));
            }
            parts.push(Part::Interpolation(cursor.interpolation()?));
            kept = 0;
            continue;
        }
        match c {
            ',' | '}' | ']' => break,
            ':' if key => break,
            '\\' => {
                cursor.next();
                let special = cursor.peek().filter(|c| "\\()[]{}:=, \t".contains(*c));
                text.push(special.unwrap_or('\\'));
                cursor.at += special.map_or(0, char::len_utf8);
                (escaped, kept) = (true, text.len());
            }
            ' ' | '\t' => text.extend(cursor.next()),
            c if c.is_alphanumeric() || "_/-+.$%*@?|:".contains(c) => {
                text.extend(cursor.next());
                kept = text.len();
            }
            _ => return Err(format!("`{}` must be quoted in it", c.escape_debug())),
        }
    }
    text.truncate(kept);
    Ok(match (parts.pop(), text) {
        (None, text) if escaped => Element::Text(vec![Part::Text(text)]),
        (None, text) => Element::Scalar(classify(text)),
        (Some(Part::Interpolation(alone)), text) if parts.is_empty() && text.is_empty() => {
            Element::Interpolation(alone)
        }
        (Some(last), text) => {
            parts.extend([last, Part::Text(text)]);
            Element::Text(parts)
        }
    })
}

fn classify(word: String) -> Data {
    let lower = word.to_ascii_lowercase();
    match lower.as_str() {
        "null" => return Data::Null,
        "true" => return Data::Bool(true),
        "false" => return Data::Bool(false),
        _ => {}
    }
    let unsigned = lower.strip_prefix(['+', '-']).unwrap_or(&lower);
    if is_integer(unsigned) {
        let digits = lower.replace('_', "");
        return digits.parse().map_or(Data::Text(word), Data::Int);
    }
    if is_float(unsigned) {
        return lower.replace('_', "").parse().map_or(Data::Text(word), Data::Float);
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
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))),
        None => (text, None),
    };
    let point = match mantissa.split_once('.') {
        Some((whole, "")) => is_integer(whole),
        Some((whole, fraction)) => (whole.is_empty() || is_integer(whole)) && is_digits(fraction),
        None => exponent.is_some() && is_integer(mantissa),
    };
    point && exponent.is_none_or(is_digits)
}
