//! The English of messages: that of cargo, uv and kubectl.

use std::fs;
use std::path::PathBuf;

use crate::support::workspace;

/// Phrases that messages had once, each with what is said instead.
const OLD: [(&str, &str); 18] = [
    ("` is no ", "`x` is not a …"),
    ("` is none", "`x` is not a …"),
    ("it is no ", "it is not a …"),
    ("this is no ", "expected …, found …"),
    (" is needed", "expected …, found …"),
    (" are needed", "expected …, found …"),
    ("nown are ", "expected one of …"),
    (" are known", "expected one of …"),
    ("not known here", "unknown …"),
    ("in use are ", "expected one of …"),
    ("does nothing", "which is ignored"),
    ("means nothing", "is not supported"),
    (" wants ", "expects …, requires …"),
    ("stands here", "duplicate …"),
    ("stands there", "found …"),
    ("named by", "from …"),
    ("are refused: ", "invalid …"),
    ("describes itself wrongly", "has an invalid description"),
];

#[test]
fn messages_are_in_standard_english() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for file in sources() {
        let text = fs::read_to_string(&file).expect("a source file is text");
        for literal in literals(&text) {
            count += 1;
            for (old, new) in OLD {
                if literal.contains(old) {
                    wrong.push(format!("{}: {literal:?}: write `{new}`", file.display()));
                }
            }
        }
    }
    assert!(count > 1000, "the messages were not found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Old phrases are found in literals, and nowhere else.
#[test]
fn old_phrases_are_found() {
    let rows: [(&str, &[&str]); 6] = [
        (r#"f("a", "b c")"#, &["a", "b c"]),
        (r#"f("say \"a\"")"#, &["say \"a\""]),
        ("// not \"this\"\nf(\"that\")", &["that"]),
        ("f(\"in \\\n   two lines\")", &["in two lines"]),
        ("f('\"', \"after a character\")", &["after a character"]),
        (r##"f(r#"a "raw" one"#)"##, &["a \"raw\" one"]),
    ];
    for (text, expected) in rows {
        assert_eq!(literals(text), expected, "{text}");
    }
}

/// The files whose messages users read.
fn sources() -> Vec<PathBuf> {
    let shipped = ["sdk", "node-selector", "gpu-resources", "pvc-remap"];
    let mut folders = vec![workspace().join("host/src")];
    folders.extend(shipped.map(|name| workspace().join("guest-policies").join(name).join("src")));
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder of sources").flatten() {
            match entry.path() {
                path if path.is_dir() => folders.push(path),
                path => files.push(path),
            }
        }
    }
    files
}

/// The string literals of a Rust file, without those in comments.
fn literals(text: &str) -> Vec<String> {
    let mut literals = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['"', '\'', '/', 'r']) {
        let here = &rest[at..];
        let (literal, after) = if here.starts_with("//") {
            (None, here.split_once('\n').map_or("", |(_, after)| after))
        } else if let Some(raw) = here.strip_prefix("r#\"") {
            let (literal, after) = raw.split_once("\"#").expect("a raw literal is closed");
            (Some(literal.to_owned()), after)
        } else if let Some(length) = quote(here) {
            (None, &here[length..])
        } else if let Some(plain) = here.strip_prefix('"') {
            let (literal, after) = quoted(plain);
            (Some(literal), after)
        } else {
            (None, &here[1..])
        };
        literals.extend(literal);
        rest = after;
    }
    literals
}

/// The length of a character literal that is a quote.
fn quote(text: &str) -> Option<usize> {
    let literals = ["'\"'", "'\\\"'", "'\\''"];
    literals.iter().find(|literal| text.starts_with(**literal)).map(|literal| literal.len())
}

/// A literal from behind its first quote to its last, and what follows.
fn quoted(text: &str) -> (String, &str) {
    let mut literal = String::new();
    let mut rest = text;
    loop {
        let at = rest.find(['"', '\\']).expect("a literal is closed");
        literal.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix('"') {
            return (literal, after);
        }
        match rest.strip_prefix("\\\n") {
            Some(after) => rest = after.trim_start(),
            None => {
                literal.push_str(&rest[1..2]);
                rest = &rest[2..];
            }
        }
    }
}
