//! One local path, and what is known of it: what is asked, and what follows. A letter of a content
//! is a mebibyte.

use super::model::BLOCK;
use crate::support::rows;
use mlcube_k8s::staging::{
    Answers, Difference, Digest, Entry, Manifest, Noted, Questions, Remote, Stat, What, ask, decide,
};

/// The path of the one file.
const FILE: &str = "d/f";
/// When the local file was changed.
const TIME: i64 = 5;

/// What lies where a local file of some content must go.
#[derive(Clone, Copy, Default)]
struct Row {
    local: &'static str,
    /// The local digest is known already.
    is_known: bool,
    /// At its place: the content, and the time of its last change.
    there: Option<(&'static str, i64)>,
    noted: Option<(&'static str, i64)>,
    /// What an earlier attempt left.
    left: Option<&'static str>,
    /// No question is answered.
    is_unreadable: bool,
}

#[test]
fn a_file_is_kept_moved_gone_on_with_or_sent() {
    let some = |content| Some((content, TIME));
    let row = Row { local: "aaaaaaaaa", ..Row::default() };
    let known = Row { is_known: true, ..row };
    let there = Row { there: some("aaaaaaaaa"), ..row };
    let rows: [(&str, Row, &str, &str); 24] = [
        ("nothing-there", row, "", "send 0"),
        ("as-noted", Row { noted: some("aaaaaaaaa"), ..there }, "here", "keep"),
        ("as-noted-and-known", Row { there: there.there, noted: there.there, ..known }, "", "keep"),
        (
            "as-noted-and-another",
            Row { there: some("aaaaaaaab"), noted: some("aaaaaaaab"), ..known },
            "",
            "send 0",
        ),
        ("not-noted", there, "there here", "keep"),
        ("not-noted-and-another", Row { there: some("aaaaaaaab"), ..row }, "there here", "send 0"),
        (
            "touched-since",
            Row { there: Some(("aaaaaaaaa", 9)), noted: there.there, ..known },
            "there",
            "keep adjust",
        ),
        (
            "changed-since",
            Row { there: Some(("aaaaaaaab", 9)), noted: there.there, ..known },
            "there",
            "send 0",
        ),
        ("noted-with-another-size", Row { noted: some("aaa"), ..there }, "there here", "keep"),
        (
            "of-another-size",
            Row { there: some("aaaaaaaa"), noted: some("aaaaaaaa"), ..row },
            "",
            "send 0",
        ),
        (
            "touched-here",
            Row { there: Some(("aaaaaaaaa", 4)), noted: Some(("aaaaaaaaa", 4)), ..known },
            "",
            "keep adjust",
        ),
        ("noted-but-gone", Row { noted: some("aaaaaaaaa"), ..known }, "", "send 0"),
        ("unreadable", Row { is_unreadable: true, ..there }, "there here", "send 0"),
        ("left-whole", Row { left: Some("aaaaaaaaa"), ..row }, "left 9 here", "arrived"),
        ("left-whole-and-known", Row { left: Some("aaaaaaaaa"), ..known }, "left 9", "arrived"),
        (
            "left-whole-but-wrong",
            Row { left: Some("aaaaabaaa"), ..row },
            "left 9 here",
            "send 0 stale",
        ),
        ("left-in-part", Row { left: Some("aaaaaaa"), ..row }, "left 4 first 4", "send 4"),
        (
            "left-in-whole-pieces",
            Row { left: Some("aaaaaaaa"), ..known },
            "left 8 first 8",
            "send 8",
        ),
        ("left-with-a-torn-end", Row { left: Some("aaaabbb"), ..row }, "left 4 first 4", "send 4"),
        (
            "left-in-part-but-wrong",
            Row { left: Some("baaaaaa"), ..row },
            "left 4 first 4",
            "send 0 stale",
        ),
        ("left-less-than-a-piece", Row { left: Some("aaa"), ..row }, "", "send 0 stale"),
        ("left-longer", Row { left: Some("aaaaaaaaaa"), ..row }, "", "send 0 stale"),
        (
            "left-and-there",
            Row { left: Some("aaaaaaaaa"), there: there.there, noted: there.there, ..known },
            "",
            "keep stale",
        ),
        (
            "left-unreadable",
            Row { left: Some("aaaaaaa"), is_unreadable: true, ..row },
            "left 4 first 4",
            "send 0 stale",
        ),
    ];
    rows::each(rows.map(|row| (row.0, row)), |(_, row, asked, expected)| {
        let local = [entry("d/"), file(FILE, row.local, TIME)];
        let known = [None, row.is_known.then(|| digest(row.local))];
        let there = row.there.map(|(content, mtime)| file(FILE, content, mtime));
        let note = |(content, mtime): (&str, i64)| {
            let noted = Noted { size: size(content), mtime, digest: digest(content) };
            (FILE.to_owned(), noted)
        };
        let remote = Remote {
            manifest: Manifest {
                files: row.noted.map(note).into_iter().collect(),
                ..Manifest::default()
            },
            there: [entry("d/")].into_iter().chain(there).collect(),
            incoming: row.left.map(|content| file(FILE, content, 0)).into_iter().collect(),
        };
        let questions = ask(&local, &known, &remote);
        assert_eq!(told(&questions), asked);
        let answers = if row.is_unreadable { Answers::default() } else { answer(&questions, row) };
        let difference = decide(&local, &known, &remote, &answers, false);
        assert_eq!(outcome(&difference), expected);
    });
}

/// The questions in words, with the mebibytes that count.
fn told(questions: &Questions) -> String {
    let mut words = Vec::new();
    words.extend(questions.remote.iter().map(|_| "there".to_owned()));
    words.extend(questions.incoming.iter().map(|(_, bytes)| format!("left {}", bytes / BLOCK)));
    words.extend(questions.local.iter().map(|_| "here".to_owned()));
    words.extend(
        questions.local_prefixes.iter().map(|(_, bytes)| format!("first {}", bytes / BLOCK)),
    );
    words.join(" ")
}

fn answer(questions: &Questions, row: Row) -> Answers {
    let first = |content: &str, bytes: u64| Some(digest(&content[..(bytes / BLOCK) as usize]));
    let left = row.left.unwrap_or_default();
    Answers {
        remote: questions.remote.iter().map(|_| Some(digest(row.there?.0))).collect(),
        incoming: questions.incoming.iter().map(|(_, bytes)| first(left, *bytes)).collect(),
        local: questions.local.iter().map(|_| Some(digest(row.local))).collect(),
        local_prefixes: questions.local_prefixes.iter().map(|it| first(row.local, it.1)).collect(),
    }
}

/// What becomes of the file, in words.
fn outcome(difference: &Difference) -> String {
    let sent: u64 = difference.send.iter().map(|send| send.from).sum();
    let total = difference.send.len() as u64 * 9 * BLOCK;
    assert_eq!(difference.bytes, total - sent);
    let mut words: Vec<String> =
        difference.send.iter().map(|send| format!("send {}", send.from / BLOCK)).collect();
    let kinds = [
        ("keep", difference.keep.len()),
        ("adjust", difference.adjust.len()),
        ("arrived", difference.arrived.len()),
        ("stale", difference.stale.len()),
        ("folders", difference.folders.len()),
    ];
    words.extend(kinds.iter().filter(|(_, count)| *count > 0).map(|(kind, _)| (*kind).to_owned()));
    words.join(" ")
}

/// Places: `d/` is a folder, `@l` a link, all else a file; `+` before it says that it is noted.
#[test]
fn what_stands_in_the_way_is_told_and_what_was_staged_is_pruned() {
    let rows = [
        ("nothing-is-removed-unasked", "d/ d/a", "d/ +d/b d/c", "", ""),
        ("what-was-staged-is-removed", "d/ d/a", "d/ +d/b d/c", "prune", "- d/b"),
        ("links-too", "d/", "d/ +@d/l @d/m", "prune", "- d/l"),
        (
            "with-its-folders",
            "d/",
            "d/ d/x/ d/x/y/ +d/x/y/a",
            "prune",
            "- d/x/y/a rmdir d/x/y rmdir d/x",
        ),
        ("but-not-those-of-others", "d/", "d/ d/x/ d/x/b +d/x/a d/e/", "prune", "- d/x/a"),
        ("nor-one-with-an-empty-folder", "d/", "d/ d/x/ d/x/e/ +d/x/a", "prune", "- d/x/a"),
        ("nor-the-staged-folder", "d/", "d/ +d/a", "prune", "- d/a"),
        ("nor-a-local-one", "d/ d/x/", "d/ d/x/ +d/x/a", "prune", "- d/x/a"),
        ("a-changed-kind-is-not-ours", "d/", "d/ d/a/ +d/a/", "prune", ""),
        ("a-file-where-a-folder-must-go", "d/ d/a/", "d/ +d/a", "", "1 a file"),
        ("which-was-staged", "d/ d/a/", "d/ +d/a", "prune", "- d/a"),
        ("which-was-not", "d/ d/a/", "d/ d/a", "prune", "1 a file"),
        ("a-link-where-a-folder-must-go", "d/ d/a/", "d/ @d/a", "prune", "1 a symbolic link"),
        ("a-link-that-was-staged", "d/ d/a/", "d/ +@d/a", "prune", "- d/a"),
        ("a-folder-where-a-file-must-go", "d/ d/a", "d/ d/a/ +d/a/x", "", "1 a folder"),
        (
            "which-holds-only-what-was-staged",
            "d/ d/a",
            "d/ d/a/ +d/a/x",
            "prune",
            "- d/a/x rmdir d/a",
        ),
        ("which-holds-more", "d/ d/a", "d/ d/a/ +d/a/x d/a/y", "prune", "1 a folder - d/a/x"),
        ("which-is-empty", "d/ d/a", "d/ d/a/", "prune", "1 a folder"),
        ("a-folder-where-a-link-must-go", "d/ @d/a", "d/ d/a/", "", "1 a folder"),
        ("a-file-where-a-link-must-go", "d/ @d/a", "d/ +d/a", "prune", ""),
        ("a-link-where-a-file-must-go", "d/ d/a", "d/ +@d/a", "prune", ""),
        ("the-whole-claim", "a", "a +b d/ +d/c", "prune", "- b - d/c rmdir d"),
        ("the-same-path-twice", "d/ d/a d/ d/a/", "d/ d/a", "", ""),
    ];
    rows::each(rows.map(|row| (row.0, row)), |(_, local, there, flag, expected)| {
        let local: Vec<Entry> = local.split(' ').map(entry).collect();
        let mut remote = Remote::default();
        for word in there.split(' ') {
            let entry = entry(word.trim_start_matches('+'));
            if word.starts_with('+') && word.contains('@') {
                remote.manifest.links.insert(entry.path.clone());
            } else if word.starts_with('+') {
                let noted = Noted { size: 0, mtime: TIME, digest: digest("") };
                remote.manifest.files.insert(entry.path.clone(), noted);
            }
            if !remote.there.contains(&entry) {
                remote.there.push(entry);
            }
        }
        let known = vec![Some(digest("")); local.len()];
        let difference = decide(&local, &known, &remote, &Answers::default(), flag == "prune");
        let mut words: Vec<String> = Vec::new();
        words.extend(difference.in_the_way.iter().map(|(index, what)| format!("{index} {what}")));
        words.extend(difference.remove.iter().map(|path| format!("- {path}")));
        words.extend(difference.emptied.iter().map(|path| format!("rmdir {path}")));
        assert_eq!(words.join(" "), expected);
    });
}

/// A cluster may add permissions of its own; what is missing is given.
#[test]
fn missing_permissions_are_given() {
    let rows = [
        ("the-same", 0o755, 0o755, ""),
        ("more-of-a-group", 0o700, 0o2770, ""),
        ("fewer", 0o755, 0o750, "folders"),
        ("a-sticky-one", 0o1777, 0o777, ""),
    ];
    rows::each(rows.map(|row| (row.0, row)), |(_, wanted, there, expected)| {
        let folder = |mode| Entry { path: "d".into(), what: What::Folder { mode, mtime: 0 } };
        let remote = Remote { there: vec![folder(there)], ..Remote::default() };
        let difference = decide(&[folder(wanted)], &[None], &remote, &Answers::default(), false);
        assert_eq!(outcome(&difference), expected);
    });
}

/// What an earlier attempt left is removed as high up as nothing of it is of use.
#[test]
fn what_is_of_no_use_is_removed_with_all_below_it() {
    let content = "aaaaa";
    let incoming = ["d/", "d/x/", "d/x/y/", "d/x-y", "@d/l", "e/", "e/f/", "e/f/g"].map(entry);
    let useful = [file("d/f", content, 0), file("d/x/y/z", content, 0), entry("d/x/y/old")];
    let remote =
        Remote { incoming: incoming.into_iter().chain(useful).collect(), ..Remote::default() };
    let local = [file("d/f", content, TIME), file("d/x/y/z", content, TIME)];
    let known = [Some(digest(content)); 2];
    let answers = Answers { incoming: vec![known[0]; 2], ..Answers::default() };
    let difference = decide(&local, &known, &remote, &answers, false);
    assert_eq!(difference.arrived, [0, 1]);
    assert_eq!(difference.stale, ["d/l", "d/x-y", "d/x/y/old", "e"]);
}

fn entry(word: &str) -> Entry {
    if let Some(path) = word.strip_suffix('/') {
        return Entry { path: path.into(), what: What::Folder { mode: 0o755, mtime: 0 } };
    }
    match word.strip_prefix('@') {
        Some(path) => Entry { path: path.into(), what: What::Link { target: String::new() } },
        None => file(word, "", TIME),
    }
}

fn file(path: &str, content: &str, mtime: i64) -> Entry {
    let stat = Stat { size: size(content), mtime, mode: 0o644 };
    Entry { path: path.into(), what: What::File(stat) }
}

fn size(content: &str) -> u64 {
    content.len() as u64 * BLOCK
}

/// A digest that no other content of these rows has.
fn digest(content: &str) -> Digest {
    let mut bytes = [0; 32];
    bytes[..content.len()].copy_from_slice(content.as_bytes());
    Digest::from(bytes)
}
