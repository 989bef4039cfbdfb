//! Words of a command line, written so that a shell reads them as they are.

use std::borrow::Cow;

/// A word in the quotes that a POSIX shell needs, if it needs any.
pub fn shell_word(word: &str) -> Cow<'_, str> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "@%+=:,./_-".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.into();
    }
    format!("'{}'", word.replace('\'', r"'\''")).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_quoted_where_a_shell_needs_it() {
        let rows = [
            ("mlcube-digits-a1", "mlcube-digits-a1"),
            ("/home/a/.kube/config", "/home/a/.kube/config"),
            ("admin@prod:443", "admin@prod:443"),
            ("", "''"),
            ("my cluster", "'my cluster'"),
            ("it's", r"'it'\''s'"),
            ("$(reboot)", "'$(reboot)'"),
            ("a;b", "'a;b'"),
            ("~/config", "'~/config'"),
            ("größe", "'größe'"),
            ("!x", "'!x'"),
            ("#x", "'#x'"),
        ];
        for (word, quoted) in rows {
            assert_eq!(shell_word(word), quoted);
        }
    }
}
