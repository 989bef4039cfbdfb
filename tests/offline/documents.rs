//! The documentation is true: tables follow from the code, and whatever is typed on its pages can be
//! typed. `rows` runs what needs no cluster (`docs/`), `cluster` the transcript of the README.

use std::fs;
use std::path::{Path, PathBuf};

use mlcube_k8s::cli;
use mlcube_k8s::diagnosis::{Cause, Outlook};
use mlcube_k8s::exit::Code;
use mlcube_k8s::job::{GOVERNED, Governed};

use crate::support::policy::TABLE;
use crate::support::{cases, workspace};

/// Options in the text that are not of this program: of cargo and its helper, of tools that make
/// components, of docker, of other programs.
const FOREIGN: [&str; 29] = [
    "--accept",
    "--bin",
    "--exact",
    "--exclude",
    "--features",
    "--fmt",
    "--languages",
    "--lib",
    "--list",
    "--name",
    "--no-install",
    "--stub-wasi",
    "--sync",
    "--target",
    "--test",
    "--text",
    "--total",
    "--memory-reservation",
    "--cpus",
    "--cap-add",
    "--cap-drop",
    "--read-only",
    "--entrypoint",
    "--pull",
    "--ulimit",
    "--rm",
    "--privileged",
    "--device",
    "--security-opt",
];
/// Options that are on a page because other programs have them, or because they do not exist.
const TOLD_OF: [&str; 4] = ["--wait", "--image", "--shm-size", "--ipc"];

#[test]
fn the_limits_are_documented() {
    let row = |row: &mlcube_k8s::policy::Row| {
        format!("| `{}` | {} | {} |\n", row.key, row.unit.write(row.default), row.reason)
    };
    let table: String = TABLE.iter().map(row).collect();
    let text = read(&workspace().join("docs/policies.md"));
    assert!(text.contains(&table), "`docs/policies.md` has this table:\n{table}");
}

#[test]
fn the_causes_are_documented() {
    let outlook = |outlook: Outlook| match outlook {
        Outlook::Waits => "waits",
        Outlook::Retries => "retries",
        Outlook::Stuck => "stuck",
    };
    let row = |cause: &Cause| {
        let (name, meaning) = (cause.as_str(), cause.meaning());
        format!("| `{name}` | {meaning} | {} |\n", outlook(cause.outlook()))
    };
    let table: String = Cause::ALL.iter().map(row).collect();
    let text = read(&workspace().join("docs/diagnosis.md"));
    assert!(text.contains(&table), "`docs/diagnosis.md` has this table:\n{table}");
}

#[test]
fn the_exit_codes_are_documented() {
    let row = |code: &Code| format!("| {} | {} |\n", *code as u8, code.meaning());
    let table: String = Code::ALL.iter().map(row).collect();
    assert!(read(&workspace().join("README.md")).contains(&table), "the README has this:\n{table}");
}

#[test]
fn what_governs_labels_and_annotations_is_documented() {
    let row =
        |row: &Governed| format!("| {} | `{}` | {} |\n", row.shown(), row.by.as_str(), row.why);
    let table: String = GOVERNED.iter().map(row).collect();
    let text = fs::read_to_string(workspace().join("docs/policies.md"))
        .expect("the documentation is there");
    assert!(text.contains(&table), "`docs/policies.md` has this table:\n{table}");
    let ceilings = TABLE.map(|row| format!("`{}={}`", row.key, row.unit.write(row.ceiling)));
    let ceilings = ceilings.join(", ");
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains(&ceilings), "`docs/policies.md` has these ceilings: {ceilings}");
}

#[test]
fn the_small_cube_is_that_of_the_page() {
    let cube = read(&cases("wordcount/mlcube.yaml"));
    let (_, cube) = cube.split_once('\n').expect("a first line");
    assert!(read(&workspace().join("docs/cubes.md")).contains(cube), "{cube}");
}

/// The crate's documentation is compiled.
#[test]
fn the_example_of_validate_settings_is_that_of_the_crate() {
    let page = read(&workspace().join("docs/policies.md"));
    let code = page.split("```rust\n").find(|code| code.starts_with("fn validate_settings"));
    let (code, _) = code.and_then(|code| code.split_once("```")).expect("an example");
    let library = read(&workspace().join("guest-policies/sdk/src/lib.rs"));
    let documented = library.lines().filter_map(|line| line.trim().strip_prefix("/// "));
    let documented: String = documented.map(|line| format!("{line}\n")).collect();
    assert!(documented.contains(code), "the crate's documentation has this:\n{code}");
}

#[test]
fn commands_on_every_page_can_be_typed() {
    let (mut wrong, mut count) = (Vec::new(), 0);
    for page in pages() {
        let text = read(&page);
        for typed in in_blocks(&text) {
            count += 1;
            if let Err(why) = parse(&typed) {
                wrong.push(format!("{}: {typed}: {why}", page.display()));
            }
        }
        for typed in in_text(&text) {
            count += 1;
            if !fits(&typed) {
                wrong.push(format!("{}: `{typed}`", page.display()));
            }
        }
    }
    assert!(count > 60, "the commands were not found: {count}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whether what the text names can be typed; it may leave out the argument of an option or command.
fn fits(typed: &str) -> bool {
    let on = [
        "run",
        "render",
        "config",
        "attach",
        "logs",
        "policy lock",
        "policy precompile",
        "policy inspect x",
        "policy replay x",
    ];
    ["", " x"].into_iter().any(|more| match typed.starts_with('-') {
        true => on.iter().any(|on| parse(&format!("mlcube-k8s {on} {typed}{more}")).is_ok()),
        false => parse(&format!("{typed}{more}")).is_ok(),
    })
}

/// A page that shows a world and names one names the same.
#[test]
fn worlds_that_are_named_are_shown() {
    let mut count = 0;
    for page in pages() {
        let text = read(&page);
        let beside = page.with_file_name("wit/world.wit");
        let shown = text.clone() + &fs::read_to_string(beside).unwrap_or_default();
        for (at, option) in text.match_indices("--world ") {
            let world = text[at + option.len()..].split_whitespace().next().unwrap_or_default();
            assert!(shown.contains(&format!("world {world} {{")), "{}: {world}", page.display());
            count += 1;
        }
    }
    assert!(count >= 3, "{count}");
}

/// The README and every page of the documentation and of the policies.
fn pages() -> Vec<PathBuf> {
    let root = workspace();
    let mut pages = vec![root.join("README.md"), root.join("CONTRIBUTING.md")];
    for folder in ["docs", "guest-policies", "tests/guests"] {
        for entry in fs::read_dir(root.join(folder)).expect("a folder of pages").flatten() {
            let path = entry.path();
            let page = if path.is_dir() { path.join("README.md") } else { path };
            pages.extend(
                Some(page).filter(|page| {
                    page.extension().is_some_and(|end| end == "md") && page.is_file()
                }),
            );
        }
    }
    assert!(pages.len() > 10, "{pages:?}");
    pages
}

fn read(page: &Path) -> String {
    fs::read_to_string(page).unwrap_or_else(|error| panic!("{}: {error}", page.display()))
}

/// The command lines of this program in blocks of a page; in a transcript those behind `$`.
fn in_blocks(text: &str) -> Vec<String> {
    let blocks = text.split("\n```").skip(1).step_by(2);
    let mut found = Vec::new();
    for block in blocks {
        let (_, block) = block.split_once('\n').unwrap_or_default();
        let is_transcript = block.contains("$ ");
        let whole = block.replace("\\\n", " ");
        for line in whole.lines() {
            let line =
                line.strip_prefix("$ ").or((!is_transcript).then_some(line)).unwrap_or_default();
            let line = line.split(" #").next().unwrap_or_default();
            for part in line.split([';', '|', '>']).flat_map(|part| part.split("&&")) {
                if is_ours(part.trim()) {
                    found.push(part.trim().to_owned());
                }
            }
        }
    }
    found
}

/// The command lines and options of this program that the text names in backticks.
fn in_text(text: &str) -> Vec<String> {
    let outside = text.split("\n```").step_by(2).collect::<Vec<_>>().join("\n");
    let named = outside.split('`').skip(1).step_by(2).map(|typed| typed.replace('\n', " "));
    let named = named.map(|typed| typed.replace('…', "").trim().to_owned());
    named
        .filter(|typed| {
            let first = typed.split([' ', '=', '[']).next().unwrap_or_default();
            let is_foreign = FOREIGN.contains(&first) || TOLD_OF.contains(&first);
            let is_option = first.len() > 2 && first.starts_with("--") && !is_foreign;
            let of_others = TOLD_OF.iter().any(|option| typed.contains(option));
            let is_command =
                ["run ", "render ", "policy "].iter().any(|start| typed.starts_with(start));
            (is_option || is_command || is_ours(typed)) && !of_others
        })
        .collect()
}

fn is_ours(line: &str) -> bool {
    line.starts_with("mlcube-k8s ") || line.starts_with("kubectl mlcube ")
}

/// Whether a line can be typed; help and the version are answers.
fn parse(line: &str) -> Result<(), String> {
    let line =
        line.strip_prefix("kubectl mlcube").or(line.strip_prefix("mlcube-k8s")).unwrap_or(line);
    let words = ["mlcube-k8s".to_owned()].into_iter().chain(words(line));
    match cli::read(words.map(Into::into)) {
        Ok(_) => Ok(()),
        Err(error) if !error.use_stderr() => Ok(()),
        Err(error) => Err(error.to_string()),
    }
}

/// The words of a line, as a shell parts them.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut quote, mut is_open) = (Vec::<String>::new(), None, false);
    for c in line.chars() {
        match (c, quote) {
            (c, Some(open)) if c == open => quote = None,
            (' ', None) => is_open = false,
            _ => {
                if !is_open {
                    words.push(String::new());
                    is_open = true;
                }
                match (c, quote, words.last_mut()) {
                    ('\'' | '"', None, _) => quote = Some(c),
                    (c, _, Some(word)) => word.push(c),
                    (_, _, None) => {}
                }
            }
        }
    }
    words
}
