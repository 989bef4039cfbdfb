//! The house rules that a machine can check: which room imports which, and where foreign crates come in.

use std::fs;
use std::path::{Path, PathBuf};

/// The rooms from left to right: each uses only those before it.
const ROOMS: [&str; 18] = [
    "text",
    "k8s",
    "yaml",
    "omegaconf",
    "cube",
    "job",
    "outcome",
    "event",
    "policy",
    "cluster",
    "error",
    "cli",
    "plan",
    "console",
    "run",
    "show",
    "toolbox",
    "main",
];
/// The one room in which a foreign crate is used.
const DOORS: [(&str, &[&str]); 7] = [
    ("wasmtime", &["policy"]),
    ("wasmparser", &["policy"]),
    ("wit_component", &["policy"]),
    ("xxhash_rust", &["policy"]),
    ("kube", &["cluster"]),
    ("clap", &["cli", "main"]),
    ("granit_parser", &["yaml"]),
];
/// Rooms that know neither files nor time nor tasks.
const PURE: [&str; 8] = ["text", "k8s", "yaml", "omegaconf", "cube", "job", "outcome", "event"];
const IMPURE: [&str; 6] = ["std::fs", "std::net", "std::process", "std::thread", "tokio::", "async fn"];

#[test]
fn rooms_import_to_the_left() {
    let mut wrong = Vec::new();
    for (room, path, line) in lines() {
        let here = place(&room);
        for (name, there) in ROOMS.iter().enumerate().map(|(there, name)| (name, there)) {
            let uses = [format!("crate::{name}::"), format!("crate::{name};"), format!("mlcube_k8s::{name}::")];
            if there > here && uses.iter().any(|import| line.contains(import.as_str())) {
                wrong.push(format!("{}: `{room}` uses `{name}`: {}", path.display(), line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn foreign_crates_have_one_door() {
    let mut wrong = Vec::new();
    for (room, path, line) in lines() {
        for (name, doors) in DOORS {
            let is_used = line.contains(&format!("{name}::")) && !line.contains(&format!("_{name}::"));
            if is_used && !doors.contains(&room.as_str()) {
                wrong.push(format!("{}: {}", path.display(), line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn pure_rooms_are_pure() {
    let impure = lines()
        .into_iter()
        .filter(|(room, _, line)| PURE.contains(&room.as_str()) && IMPURE.iter().any(|word| line.contains(word)));
    let impure: Vec<_> = impure.map(|(_, path, line)| format!("{}: {}", path.display(), line.trim())).collect();
    assert!(impure.is_empty(), "{}", impure.join("\n"));
}

#[test]
fn files_stay_small_and_open_with_a_word() {
    let mut wrong = Vec::new();
    for path in files() {
        let text = fs::read_to_string(&path).expect("a source file is text");
        let count = text.lines().count();
        if count > 300 {
            wrong.push(format!("{} has {count} lines", path.display()));
        }
        if !text.starts_with("//!") {
            wrong.push(format!("{} does not say what it owns", path.display()));
        }
    }
    let story = fs::read_to_string(source().join("run.rs")).expect("there is a story");
    if story.lines().count() > 90 {
        wrong.push(format!("run.rs has {} lines and is no longer one screen", story.lines().count()));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn place(room: &str) -> usize {
    ROOMS.iter().position(|known| *known == room).unwrap_or_else(|| usize::from(room != "lib") * ROOMS.len())
}

/// Every line of code of the host that is no comment, with its room and file.
fn lines() -> Vec<(String, PathBuf, String)> {
    let mut all = Vec::new();
    for path in files() {
        let below = path.strip_prefix(source()).expect("a file of the host");
        let first = below.components().next().expect("a file has a name").as_os_str().to_string_lossy().into_owned();
        let room = first.trim_end_matches(".rs").to_owned();
        assert!(room == "lib" || ROOMS.contains(&room.as_str()), "`{room}` is a room without a place in the house");
        let text = fs::read_to_string(&path).expect("a source file is text");
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        all.extend(code.map(|line| (room.clone(), below.to_owned(), line.to_owned())));
    }
    assert!(all.len() > 1000, "the host was not found");
    all
}

fn files() -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![source()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder of the host").flatten() {
            let path = entry.path();
            match path.is_dir() {
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
