//! Typical mistakes and the whole of what is said about each, under `tests/cases/cube/mistakes`.
//!
//! Rows are parted by `====`. The first line of a row is `# ` and its name. Of the others, lines
//! with `>` are arguments (`\n` ends a line of the settings file), lines with `<` are the error and
//! its hint, and all others are the cube.

use std::fs;

use libtest_mimic::Trial;

use crate::support::cube::{outcome, shown};
use crate::support::{cases, files};
use crate::trials;

pub fn all() -> Vec<Trial> {
    let mut all = Vec::new();
    for (name, path) in files(&cases("cube/mistakes"), "txt") {
        let text = fs::read_to_string(path).expect("a file of rows is text");
        let rows: Vec<Row> = text.split("====\n").map(row).collect();
        all.extend(trials(&format!("cube/mistakes/{name}"), rows, |row| row.0.clone(), check));
    }
    all
}

/// A name, and the other lines.
type Row = (String, String);

fn row(text: &str) -> Row {
    let (name, lines) = text.split_once('\n').unwrap_or((text, ""));
    let name = name
        .strip_prefix("# ")
        .unwrap_or_else(|| panic!("a row begins with `# ` and its name, not with `{name}`"));
    (name.to_owned(), lines.to_owned())
}

fn check((_, row): Row) {
    let marked =
        |mark: &str| row.lines().filter_map(|line| line.strip_prefix(mark)).collect::<Vec<_>>();
    let cube: String = row
        .lines()
        .filter(|line| !line.starts_with(['<', '>']))
        .map(|line| format!("{line}\n"))
        .collect();
    let arguments: Vec<String> =
        marked("> ").iter().map(|argument| argument.replace("\\n", "\n")).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let found =
        outcome(&cube, &arguments).map_or_else(|error| shown(&error), |()| "no error".to_owned());
    assert_eq!(found, marked("< ").join("\n"), "\n{row}");
}
