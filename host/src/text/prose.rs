//! Foreign prose: sentences and lines that somebody wrote for people.

use super::{beginning, replaced};

/// Foreign prose on one line: line breaks and tabs become spaces, other harmful characters U+FFFD. After
/// `limit` bytes it is cut, and what is missing is counted.
pub fn sentence(text: &str, limit: usize) -> String {
    let (kept, missing) = beginning(text, limit);
    if missing == 0 && text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return text.to_owned();
    }
    let words = kept.split(breaks_a_line).map(str::trim).filter(|line| !line.is_empty());
    told_as_cut(harmless(&words.collect::<Vec<_>>().join(" "), " "), missing)
}

/// Foreign prose of several lines: they stay, without empty ones at the ends and after each other. Tabs
/// become spaces, other harmful characters U+FFFD. After `limit` bytes it is cut, and what is missing is
/// counted together with the `missing` bytes that it lacks already.
pub fn lines(text: &str, limit: usize, missing: usize) -> String {
    let (kept, more) = beginning(text, limit);
    let kept = kept.replace("\r\n", "\n");
    let is_blank = |line: &str| line.trim().is_empty();
    let mut lines: Vec<&str> = kept.trim_matches(breaks_a_line).split(breaks_a_line).collect();
    lines.dedup_by(|line, before| is_blank(line) && is_blank(before));
    let lines: Vec<_> = lines.into_iter().map(|line| harmless(line, "    ")).collect();
    told_as_cut(lines.join("\n"), missing + more)
}

fn told_as_cut(mut text: String, missing: usize) -> String {
    match missing {
        0 => {}
        1 => text.push_str("… (1 more byte)"),
        _ => text.push_str(&format!("… ({missing} more bytes)")),
    }
    text
}

fn harmless(line: &str, tab: &str) -> String {
    replaced(&line.replace('\t', tab))
}

fn breaks_a_line(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_breaks_of_prose_become_spaces_or_stay() {
        let rows = [
            ("plain – ü", "plain – ü", "plain – ü"),
            ("a\nb", "a b", "a\nb"),
            ("a\r\n\r\n\n  b\n", "a b", "a\n\n  b"),
            ("good\rbad", "good bad", "good\nbad"),
            ("a\u{2028}b\u{85}c\u{2029}", "a b c", "a\nb\nc"),
            ("a\tb", "a b", "a    b"),
            ("\n\n\ta\n", "a", "    a"),
            ("a\0b\u{1b}[2J\nc", "a\u{fffd}b\u{fffd}[2J c", "a\u{fffd}b\u{fffd}[2J\nc"),
            ("\n", "", ""),
            ("a: \n", "a:", "a: "),
            ("", "", ""),
        ];
        for (text, one, several) in rows {
            let found = (sentence(text, 1000), lines(text, 1000, 0));
            assert_eq!(found, (one.to_owned(), several.to_owned()), "{text:?}");
        }
    }

    #[test]
    fn prose_that_is_cut_says_so() {
        let rows = [
            ("abc", 3, 0, "abc"),
            ("abc", 2, 0, "ab… (1 more byte)"),
            ("äbc", 1, 0, "… (4 more bytes)"),
            ("abc", 3, 7, "abc… (7 more bytes)"),
            ("abc\n", 3, 1, "abc… (2 more bytes)"),
        ];
        for (text, limit, missing, expected) in rows {
            assert_eq!(lines(text, limit, missing), expected, "{text:?} {limit}");
            if missing == 0 {
                assert_eq!(sentence(text, limit), expected, "{text:?} {limit}");
            }
        }
    }
}
