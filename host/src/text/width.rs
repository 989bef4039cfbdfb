//! How wide text is on a terminal: letters of East Asian scripts take two columns, marks on letters
//! none.

use unicode_width::UnicodeWidthStr;

/// The columns that a text takes.
pub fn width(text: &str) -> usize {
    text.width()
}

/// A text with blanks behind it up to a width.
pub fn padded(text: &str, columns: usize) -> String {
    format!("{text}{:missing$}", "", missing = columns.saturating_sub(width(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_as_wide_as_it_is_shown() {
        let rows =
            [("", 0), ("train", 5), ("größe", 5), ("訓練", 4), ("e\u{301}tude", 5), ("→", 1)];
        for (text, columns) in rows {
            assert_eq!(width(text), columns, "{text}");
            assert_eq!(width(&padded(text, 7)), 7, "{text}");
        }
        assert_eq!(padded("訓練", 3), "訓練");
    }
}
