//! Typical mistakes and the whole of what is said about each, under `tests/cases/cubes/mistakes`.
//!
//! Rows are parted by `====`. In a row, lines with `>` are arguments (`\n` ends a line of the settings file), lines with
//! `<` are the error and its hint, and all others are the cube.

use crate::support::{cases, outcome, shown};

/// There are at least this many rows: a folder that is not found must not pass.
const AT_LEAST: usize = 100;

#[test]
fn every_mistake_is_told_as_written() {
    let mut rows = 0;
    let folder = std::fs::read_dir(cases().join("mistakes")).expect("the folder of mistakes is in the repository");
    for file in folder {
        let path = file.expect("the folder can be listed").path();
        let text = std::fs::read_to_string(&path).expect("a file of rows is text");
        for row in text.split("====\n") {
            check(row, &path);
            rows += 1;
        }
    }
    assert!(rows >= AT_LEAST, "only {rows} rows were found");
}

fn check(row: &str, path: &std::path::Path) {
    let marked = |mark: &str| row.lines().filter_map(|line| line.strip_prefix(mark)).collect::<Vec<_>>();
    let cube: String =
        row.lines().filter(|line| !line.starts_with(['<', '>'])).map(|line| format!("{line}\n")).collect();
    let arguments: Vec<String> = marked("> ").iter().map(|argument| argument.replace("\\n", "\n")).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let found = outcome(&cube, &arguments).map_or_else(|error| shown(&error), |()| "no error".to_owned());
    assert_eq!(found, marked("< ").join("\n"), "\nin {}:\n{row}", path.display());
}
