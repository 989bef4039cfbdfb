//! Picking words out of the cluster's sentences, and putting ours together.

use crate::text::clean;

/// The longest name in a sentence, in bytes.
const LONGEST: usize = 120;

/// The text behind `start`, up to `end`.
pub fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    let rest = text.split_once(start)?.1;
    Some(rest.split_once(end)?.0)
}

/// The first word behind `start`, without the sign that ends it.
pub fn word_after<'a>(text: &'a str, start: &str) -> Option<&'a str> {
    let rest = text.split_once(start)?.1.trim_start();
    let end = |sign: char| sign.is_whitespace() || matches!(sign, ',' | ';' | ':' | '"' | '\'');
    Some(rest.split(end).next().unwrap_or(rest)).filter(|word| !word.is_empty())
}

/// Whether any of these words stands in a text, in whatever case.
pub fn has_any(text: &str, words: &[&str]) -> bool {
    let text = text.to_lowercase();
    words.iter().any(|word| text.contains(word))
}

/// A name in backticks.
pub fn quoted(name: &str) -> String {
    format!("`{}`", clean(name.trim(), LONGEST))
}

/// Names in backticks: `a`, `b` and `c`.
pub fn list(names: &[impl AsRef<str>]) -> String {
    let names: Vec<_> = names.iter().map(|name| quoted(name.as_ref())).collect();
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => names.concat(),
    }
}

/// Whether a name can stand in a shell's line as it is.
pub fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|c| c.is_ascii_alphanumeric() || b"-._/".contains(&c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_picked_and_put_together() {
        let text = "exceeded quota: team, requested: pods=1";
        assert_eq!(word_after(text, "exceeded quota: "), Some("team"));
        assert_eq!(between("secret \"a\" not found", "secret \"", "\""), Some("a"));
        assert_eq!(between("secret \"a", "secret \"", "\""), None);
        let rows: [(&[&str], &str); 4] = [
            (&[], ""),
            (&["a"], "`a`"),
            (&["a", "b"], "`a` and `b`"),
            (&["a", "b", "c"], "`a`, `b` and `c`"),
        ];
        for (names, expected) in rows {
            assert_eq!(list(names), expected);
        }
        assert!(is_plain("a-b.c/d") && !is_plain("a;b") && !is_plain(""));
    }
}
