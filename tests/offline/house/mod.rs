//! The house rules that a machine can check: which room imports which, and where foreign crates
//! come in.

/// Where the imports of a file lead.
mod imports;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use imports::{Code, Import};

/// A folder of `host/src`, and its rooms from left to right: each uses only those before it.
type House = (&'static str, &'static [&'static str]);

/// All houses. The rooms of a folder are its files and folders but `mod.rs`; a folder that is not
/// here has no order.
const HOUSES: &[House] = &[
    (
        "",
        &[
            "text",
            "k8s",
            "yaml",
            "omegaconf",
            "cube",
            "job",
            "outcome",
            "diagnosis",
            "staging",
            "event",
            "files",
            "policy",
            "cluster",
            "journal",
            "error",
            "exit",
            "cli",
            "plan",
            "console",
            "commands",
            "main",
        ],
    ),
    // The base first, then the life of a policy: from bytes to code, a guest, a loaded policy, a
    // chain, a recording.
    (
        "policy",
        &[
            "cluster_query",
            "description",
            "grants",
            "limits",
            "error",
            "source",
            "artifact",
            "guest",
            "load",
            "chain",
            "record",
        ],
    ),
];
/// The one room in which a foreign crate is used.
const DOORS: [(&str, &[&str]); 20] = [
    ("wasmtime", &["policy"]),
    ("wasmparser", &["policy"]),
    ("wit_component", &["policy"]),
    ("xxhash_rust", &["policy"]),
    ("kube", &["cluster"]),
    ("http", &["cluster"]),
    ("hyper", &["cluster"]),
    ("hyper_timeout", &["cluster"]),
    ("hyper_util", &["cluster"]),
    ("indicatif", &["console"]),
    ("ipnet", &["cluster"]),
    ("pem", &["cluster"]),
    ("percent_encoding", &["cluster"]),
    ("rustls", &["cluster"]),
    ("secrecy", &["cluster"]),
    ("tower", &["cluster"]),
    ("clap", &["cli"]),
    ("clap_complete", &["cli"]),
    ("clap_mangen", &["cli"]),
    ("granit_parser", &["yaml"]),
];
/// Rooms that know neither files nor time nor tasks.
const PURE: [&str; 10] =
    ["text", "k8s", "yaml", "omegaconf", "cube", "job", "outcome", "diagnosis", "staging", "event"];
const IMPURE: [&str; 6] =
    ["std::fs", "std::net", "std::process", "std::thread", "tokio::", "async fn"];
/// How files are read and written anywhere but in the room `files`, and the room's own name.
const FILES: (&str, [&str; 7]) = (
    "files",
    [
        "fs::read(",
        "read_to_string(",
        "fs::write(",
        "fs::rename(",
        "File::open(",
        "File::create(",
        "OpenOptions",
    ],
);
/// The story, which fits on one screen: a file and its longest.
const STORY: (&str, usize) = ("commands/run.rs", 90);
/// The longest file of the host, and the longest of the tests.
const LONGEST: [(&str, usize); 2] = [("host/src", 300), ("tests", 400)];

#[test]
fn rooms_import_to_the_left() {
    let host = host();
    let wrong: Vec<String> = HOUSES.iter().flat_map(|house| wrong_turns(*house, &host)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is wrong with the rooms of a house, and with the imports in them.
fn wrong_turns((folder, rooms): House, host: &[Code]) -> Vec<String> {
    let house: Vec<String> =
        folder.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect();
    let inside = host.iter().filter_map(|code| Some((code.room_in(&house)?, code)));
    let mut wrong = Vec::new();
    let (mut known, mut found) = (BTreeSet::from_iter(rooms.iter().copied()), BTreeSet::new());
    // What a folder's own file re-exports is of the room from which it comes.
    let exports = host
        .iter()
        .find(|code| code.module == house)
        .map(|code| code.exports(rooms))
        .unwrap_or_default();
    for (here, code) in inside {
        found.insert(here);
        let Some(place) = rooms.iter().position(|room| *room == here) else {
            wrong.push(format!("`{}` is in no room of `host/src/{folder}`", code.path.display()));
            continue;
        };
        for Import { line, path } in &code.imports {
            let below = path.strip_prefix(&house[..]).and_then(|below| below.first());
            let there = below.map(|name| exports.get(name.as_str()).copied().unwrap_or(name));
            let there = there.and_then(|there| rooms.iter().position(|room| *room == there));
            if let Some(there) = there.filter(|there| *there > place) {
                let (path, file, room) = (path.join("::"), code.path.display(), rooms[there]);
                wrong.push(format!("{file}:{line}: `{here}` uses `{path}`, which is of `{room}`, a room to the right"));
            }
        }
    }
    known.retain(|room| !found.contains(*room));
    wrong.extend(known.into_iter().map(|room| format!("`host/src/{folder}` has no room `{room}`")));
    wrong
}

#[test]
fn foreign_crates_have_one_door() {
    let mut wrong = Vec::new();
    for (room, path, line) in lines() {
        for (name, doors) in DOORS {
            let is_used =
                line.contains(&format!("{name}::")) && !line.contains(&format!("_{name}::"));
            if is_used && !doors.contains(&room.as_str()) {
                wrong.push(format!("{}: {}", path.display(), line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn pure_rooms_are_pure() {
    let impure = lines().into_iter().filter(|(room, _, line)| {
        PURE.contains(&room.as_str()) && IMPURE.iter().any(|word| line.contains(word))
    });
    let impure: Vec<_> =
        impure.map(|(_, path, line)| format!("{}: {}", path.display(), line.trim())).collect();
    assert!(impure.is_empty(), "{}", impure.join("\n"));
}

#[test]
fn files_are_read_and_written_through_one_door() {
    let (door, words) = FILES;
    let past = lines().into_iter().filter(|(room, path, line)| {
        let is_test = path.iter().any(|part| part == "tests" || part == "tests.rs");
        let follows = |at: usize| line[..at].ends_with(|c: char| c.is_alphanumeric());
        let has = |word: &str| line.match_indices(word).any(|(at, _)| !follows(at));
        room != door && !is_test && words.iter().any(|word| has(word))
    });
    let past: Vec<_> =
        past.map(|(_, path, line)| format!("{}: {}", path.display(), line.trim())).collect();
    assert!(past.is_empty(), "{}", past.join("\n"));
}

#[test]
fn files_stay_small_and_open_with_a_word() {
    let mut wrong = Vec::new();
    for (folder, longest) in LONGEST {
        for path in files(&crate::support::workspace().join(folder)) {
            let text = fs::read_to_string(&path).expect("a source file is text");
            let count = text.lines().count();
            if count > longest {
                wrong.push(format!("{} has {count} lines", path.display()));
            }
            if !text.starts_with("//!") {
                wrong.push(format!("{} does not say what it owns", path.display()));
            }
        }
    }
    let story =
        fs::read_to_string(source().join(STORY.0)).expect("there is a story").lines().count();
    if story > STORY.1 {
        wrong.push(format!("{} has {story} lines and is no longer one screen", STORY.0));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Wrong turns are found by every way to write an import.
#[test]
fn wrong_turns_are_found() {
    const ROOMS: House = ("house", &["left", "middle", "right"]);
    let rows: [(&str, &str, bool); 12] = [
        ("house/left.rs", "use crate::house::right::X;", true),
        ("house/left.rs", "use super::right;", true),
        ("house/left.rs", "use super::{middle::X, Y};", true),
        ("house/left.rs", "use super::{\n    Y,\n    middle::{self, X},\n};", true),
        ("house/left/deep.rs", "use super::super::right::X;", true),
        ("house/left/deep.rs", "use super::right::X;", false),
        ("house/left/mod.rs", "fn f() -> super::right::X {}", true),
        ("house/left.rs", "use crate::house::Exported;", true),
        ("house/left.rs", "mod tests {\n    use super::right::X;\n}\n", false),
        ("house/left.rs", "// use super::right;", false),
        ("house/right.rs", "use super::{left::X, middle::Y};", false),
        ("other.rs", "use crate::house::right::X;", false),
    ];
    crate::support::rows::each(rows.map(|row| (row.1, row)), |(file, text, is_wrong)| {
        let code = |file: &str, text: &str| Code::new(Path::new(file), text);
        let own = code("house/mod.rs", "pub use right::{Exported, Other};");
        let others =
            ["left", "middle", "right"].map(|room| code(&format!("house/{room}/file.rs"), ""));
        let host: Vec<Code> = [own, code(file, text)].into_iter().chain(others).collect();
        let found = wrong_turns(ROOMS, &host);
        assert_eq!(found.is_empty(), !is_wrong, "{found:?}");
    });
}

/// Every file of the host.
fn host() -> Vec<Code> {
    let code = |path: PathBuf| {
        let text = fs::read_to_string(&path).expect("a source file is text");
        Code::new(path.strip_prefix(source()).expect("a file of the host"), &text)
    };
    let host: Vec<Code> = files(&source()).into_iter().map(code).collect();
    let imports: usize = host.iter().map(|code| code.imports.len()).sum();
    assert!(host.len() > 50 && imports > 200, "the host was not found");
    host
}

/// Every line of code of the host that is no comment, with its room and file.
fn lines() -> Vec<(String, PathBuf, String)> {
    let mut all = Vec::new();
    for path in files(&source()) {
        let below = path.strip_prefix(source()).expect("a file of the host").to_owned();
        let first = below
            .components()
            .next()
            .expect("a file has a name")
            .as_os_str()
            .to_string_lossy()
            .into_owned();
        let room = first.trim_end_matches(".rs").to_owned();
        let text = fs::read_to_string(&path).expect("a source file is text");
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        all.extend(code.map(|line| (room.clone(), below.clone(), line.to_owned())));
    }
    assert!(all.len() > 1000, "the host was not found");
    all
}

/// Every Rust file below a folder, but those of the demo and of built things.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder of sources").flatten() {
            let path = entry.path();
            match path.is_dir() {
                true if path.ends_with("target") || path.ends_with("node_modules") => {}
                true => folders.push(path),
                false if path.extension().is_some_and(|ending| ending == "rs") => files.push(path),
                false => {}
            }
        }
    }
    files
}

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}
