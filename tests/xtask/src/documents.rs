//! The lines of the documentation that begin with `cargo xtask` can be typed.

use crate::Typed;
use clap::Parser;
use clap::error::ErrorKind;
use std::fs;
use std::path::{Path, PathBuf};

const COMMAND: &str = "cargo xtask ";

#[test]
fn commands_on_every_page_can_be_typed() {
    let (mut wrong, mut count) = (Vec::new(), 0);
    for page in pages() {
        let text = fs::read_to_string(&page).expect("a page is text");
        for typed in commands(&text) {
            count += 1;
            let words = typed.split_whitespace().filter(|word| *word != "…");
            // A page may name a command without its arguments.
            let is_fine = |kind| {
                use ErrorKind::{DisplayHelp, DisplayHelpOnMissingArgumentOrSubcommand};
                matches!(kind, DisplayHelp | DisplayHelpOnMissingArgumentOrSubcommand)
            };
            if let Err(error) = Typed::try_parse_from(words.skip(1))
                && !is_fine(error.kind())
            {
                wrong.push(format!("{}: {typed}: {error}", page.display()));
            }
        }
    }
    assert!(count > 30, "the commands were not found: {count}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Every page at the root, in `docs/` and in folders with a README.
fn pages() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut folders = vec![root.clone(), root.join("docs")];
    for place in ["guest-policies", "tests/guests", "tests/cases"] {
        let entries = fs::read_dir(root.join(place)).expect("a folder").flatten();
        folders.extend(entries.map(|entry| entry.path()).filter(|path| path.is_dir()));
    }
    let entries = folders.iter().flat_map(|folder| fs::read_dir(folder).expect("a folder"));
    let paths = entries.flatten().map(|entry| entry.path());
    paths.filter(|path| path.extension().is_some_and(|ending| ending == "md")).collect()
}

/// What is typed: lines of blocks up to a comment or the end of a `$(…)`, and what stands in
/// backticks.
fn commands(text: &str) -> Vec<String> {
    let mut commands = Vec::new();
    let mut is_block = false;
    let mut prose = String::new();
    for line in text.lines() {
        if line.starts_with("```") {
            is_block = !is_block;
        } else if !is_block {
            prose.push_str(line);
            prose.push(' ');
        } else if let Some(at) = line.find(COMMAND) {
            let end = line[at..].find([')', '#', '`']).unwrap_or(line.len() - at);
            commands.push(line[at..at + end].to_owned());
        }
    }
    let quoted = prose.split('`').skip(1).step_by(2).filter(|code| code.starts_with(COMMAND));
    commands.extend(quoted.map(str::to_owned));
    commands
}
