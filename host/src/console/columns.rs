//! Text in columns.

use crate::text::visible;

/// Text as a cell that is never empty.
pub fn cell(text: &str) -> String {
    if text.is_empty() { "\"\"".to_owned() } else { visible(text) }
}

/// The rows as lines, each column as wide as its widest cell; without trailing blanks.
pub fn aligned(rows: &[&[String]]) -> Vec<String> {
    let columns = rows.first().map_or(0, |row| row.len());
    let width =
        |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let line = |row: &&[String]| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}
