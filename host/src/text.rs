//! Foreign text, of cubes and of policies, made safe to print. Invariant: the result stays on its
//! line, does nothing to a terminal, and shows everything that it contains.

/// Text whose harmful characters are written as escapes, so that they can be read: `\u{1b}`.
pub fn visible(text: &str) -> String {
    text.chars().flat_map(|c| if is_harmless(c) { vec![c] } else { escaped(c) }).collect()
}

/// Text whose harmful characters are replaced by U+FFFD, cut after `limit` bytes.
pub fn clean(text: &str, limit: usize) -> String {
    if text.len() <= limit && text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return text.to_owned();
    }
    let cut = text.floor_char_boundary(limit);
    let mut clean: String =
        text[..cut].chars().map(|c| if is_harmless(c) { c } else { '\u{fffd}' }).collect();
    if cut < text.len() {
        clean.push('…');
    }
    clean
}

/// Whether a character is neither a control character nor one that breaks a line, is invisible, or
/// changes the direction of the text.
fn is_harmless(c: char) -> bool {
    let breaks = matches!(c, '\u{2028}' | '\u{2029}');
    let hides = matches!(
        c,
        '\u{ad}' | '\u{180e}' | '\u{200b}' | '\u{2060}'..='\u{2064}' | '\u{feff}'
            | '\u{e0000}'..='\u{e007f}'
    );
    let turns = matches!(
        c,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{206f}'
    );
    !(c.is_control() || breaks || hides || turns)
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
    fn text_is_cut_between_characters() {
        let rows = [("äbc", 4, "äbc"), ("äbc", 3, "äb…"), ("äbc", 1, "…"), ("", 0, "")];
        for (text, limit, expected) in rows {
            assert_eq!(clean(text, limit), expected, "{text} {limit}");
        }
    }
}
