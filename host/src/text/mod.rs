//! Foreign text, of cubes and of policies, made safe to print. Invariant: the result stays on its
//! line, does nothing to a terminal, and shows everything that it contains.

mod amount;
mod cut;
mod path;
mod prose;
mod shell;
mod width;

pub use amount::bytes;
pub use cut::{cut, cut_beside};
pub use path::{below, within};
pub use prose::{lines, sentence};
pub use shell::shell_word;
pub use width::{padded, width};

use std::str::Utf8Chunk;

/// Text whose harmful characters are written as escapes, so that they can be read: `\u{1b}`.
pub fn visible(text: &str) -> String {
    let mut visible = String::with_capacity(text.len());
    for c in text.chars() {
        if is_harmless(c) {
            visible.push(c);
        } else {
            visible.extend(escaped(c));
        }
    }
    visible
}

/// Bytes of a text, shown as [`visible`] shows it; what is not UTF-8 is written as `\xff`.
pub fn visible_bytes(bytes: &[u8]) -> String {
    let chunk = |chunk: Utf8Chunk<'_>| {
        let others = chunk.invalid().iter().map(|byte| format!("\\x{byte:02x}"));
        visible(chunk.valid()) + &others.collect::<String>()
    };
    bytes.utf8_chunks().map(chunk).collect()
}

/// Text whose harmful characters are replaced by U+FFFD, cut after `limit` bytes.
pub fn clean(text: &str, limit: usize) -> String {
    if text.len() <= limit && text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return text.to_owned();
    }
    let (kept, missing) = beginning(text, limit);
    let mut clean = replaced(kept);
    if missing > 0 {
        clean.push('…');
    }
    clean
}

/// The beginning of a text within `limit` bytes, and the number of bytes that are missing.
fn beginning(text: &str, limit: usize) -> (&str, usize) {
    let kept = &text[..text.floor_char_boundary(limit)];
    (kept, text.len() - kept.len())
}

/// Text with U+FFFD in place of harmful characters.
fn replaced(text: &str) -> String {
    text.chars().map(|c| if is_harmless(c) { c } else { '\u{fffd}' }).collect()
}

/// JSON in which harmful characters are written as JSON escapes. Outside strings JSON is plain, and
/// serializers escape line breaks within them, so those that are left lay it out.
pub fn json(text: &str) -> String {
    if text.chars().all(|c| c == '\n' || is_harmless(c)) {
        return text.to_owned();
    }
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if c == '\n' || is_harmless(c) {
            escaped.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                escaped.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    escaped
}

/// Whether a character is neither a control character nor one that breaks a line, is invisible, or
/// changes the direction of the text.
pub fn is_harmless(c: char) -> bool {
    if matches!(c, ' '..='~') {
        return true;
    }
    let breaks = matches!(c, '\u{2028}' | '\u{2029}');
    // What Unicode lets programs ignore, marks of direction among it; and annotations.
    let hides = matches!(
        c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
    );
    let is_none = matches!(c, '\u{fdd0}'..='\u{fdef}') || u32::from(c) & 0xfffe == 0xfffe;
    !(c.is_control() || breaks || hides || is_none)
}

/// The escape of a character: `\n` if there is a short form, else the number.
fn escaped(c: char) -> Vec<char> {
    match c {
        '\t' | '\r' | '\n' | '\0' => c.escape_debug().collect(),
        c => c.escape_unicode().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_act_on_a_terminal_is_shown_or_replaced() {
        let rows = [
            ("plain – ü ✓ 漢", "plain – ü ✓ 漢", "plain – ü ✓ 漢"),
            ("a\u{1b}[2Jb", "a\\u{1b}[2Jb", "a\u{fffd}[2Jb"),
            ("a\u{9b}2J", "a\\u{9b}2J", "a\u{fffd}2J"),
            ("a\tb\r\n\0", "a\\tb\\r\\n\\0", "a\u{fffd}b\u{fffd}\u{fffd}\u{fffd}"),
            (
                "a\u{202e}b\u{2028}c\u{200b}d",
                "a\\u{202e}b\\u{2028}c\\u{200b}d",
                "a\u{fffd}b\u{fffd}c\u{fffd}d",
            ),
            (
                "a\u{200d}b\u{fe0f}\u{3164}",
                "a\\u{200d}b\\u{fe0f}\\u{3164}",
                "a\u{fffd}b\u{fffd}\u{fffd}",
            ),
            ("\u{e0041}\u{7f}", "\\u{e0041}\\u{7f}", "\u{fffd}\u{fffd}"),
        ];
        for (text, shown, replaced) in rows {
            assert_eq!(
                (visible(text).as_str(), clean(text, 1000).as_str()),
                (shown, replaced),
                "{text:?}"
            );
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_shown_as_numbers() {
        assert_eq!(visible_bytes(b"caf\xe9\n\xc3\xa9\xff\xfe"), "caf\\xe9\\né\\xff\\xfe");
    }

    #[test]
    fn json_keeps_its_meaning() {
        let rows = [
            (r#"{"a": "ü ✓ 漢"}"#.to_owned(), r#"{"a": "ü ✓ 漢"}"#),
            (
                "{\n  \"a\u{9b}\": \"\u{202e}\u{7f}\"\n}".into(),
                "{\n  \"a\\u009b\": \"\\u202e\\u007f\"\n}",
            ),
            ("\"\u{e0041}\"".into(), r#""\udb40\udc41""#),
        ];
        for (text, expected) in rows {
            assert_eq!(json(&text), expected);
        }
    }

    #[test]
    fn text_is_cut_between_characters() {
        let rows = [("äbc", 4, "äbc"), ("äbc", 3, "äb…"), ("äbc", 1, "…"), ("", 0, "")];
        for (text, limit, expected) in rows {
            assert_eq!(clean(text, limit), expected, "{text} {limit}");
        }
    }
}
