//! Text in columns.

use crate::text::{padded, visible, width};

/// Text as a cell that is never empty.
pub fn cell(text: &str) -> String {
    if text.is_empty() { "\"\"".to_owned() } else { visible(text) }
}

/// The rows as lines, each column as wide as its widest cell; without trailing blanks.
pub fn aligned(rows: &[&[String]]) -> Vec<String> {
    let columns = rows.first().map_or(0, |row| row.len());
    let widest = |column: usize| rows.iter().map(|row| width(&row[column])).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(widest).collect();
    let line = |row: &&[String]| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| padded(cell, *width));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_below_each_other_in_every_script() {
        let rows = [["task", "a"], ["訓練", "b"], ["größe", "c"]].map(|row| row.map(str::to_owned));
        let rows: Vec<&[String]> = rows.iter().map(|row| row.as_slice()).collect();
        assert_eq!(aligned(&rows), ["task   a", "訓練   b", "größe  c"]);
    }
}
