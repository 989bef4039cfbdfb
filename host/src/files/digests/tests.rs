//! What is remembered of files, and what is not.

use super::*;
use crate::files::scratch::Scratch;
use crate::files::{Kind, walk};
use std::fs::{File, FileTimes};
use std::os::unix::fs::{FileExt, symlink};
use std::time::{Duration, Instant, SystemTime};

/// A workspace, and a folder for its memory.
struct Folder(Scratch);

impl Folder {
    fn new() -> Self {
        let scratch = Scratch::new();
        fs::create_dir_all(scratch.join("ws")).expect("a folder");
        Self(scratch)
    }

    /// A local file with a content, as it is found.
    fn file(&self, name: &str, content: &str) -> LocalEntry {
        fs::write(self.0.join("ws").join(name), content).expect("a file");
        self.found(name)
    }

    fn found(&self, name: &str) -> LocalEntry {
        let found = walk(&self.0.join("ws"), name, name, Kind::File).expect("a file");
        found.into_iter().next().expect("it is found")
    }

    fn open(&self) -> Digests {
        Digests::open(Some(&self.0.join("cache/new")), &self.0.join("ws"))
    }

    fn memory(&self) -> PathBuf {
        self.open().file.expect("a file")
    }
}

/// The file as if its last change were longer ago than the clock is coarse.
fn settled(mut file: LocalEntry) -> LocalEntry {
    file.id.changed.0 -= 5;
    file.id.modified.0 -= 5;
    file
}

fn sha(text: &str) -> Digest {
    Digest::from(<[u8; 32]>::from(Sha256::digest(text)))
}

#[test]
fn a_file_is_known_until_anything_of_it_changes() {
    let folder = Folder::new();
    let file = settled(folder.file("a ü\n", "one"));
    let mut digests = folder.open();
    assert_eq!(digests.known(&file), None);
    digests.note(&file, sha("one"));
    digests.save().expect("saved");
    let digests = folder.open();
    assert_eq!(digests.known(&file), Some(sha("one")));
    let changes: [fn(&mut LocalEntry); 8] = [
        |file| file.id.size += 1,
        |file| file.id.modified.0 += 1,
        |file| file.id.modified.1 += 1,
        |file| file.id.changed.0 += 1,
        |file| file.id.changed.1 += 1,
        |file| file.id.device += 1,
        |file| file.id.inode += 1,
        |file| file.local.set_file_name("b"),
    ];
    for change in changes {
        let mut other = file.clone();
        change(&mut other);
        assert_eq!(digests.known(&other), None, "{other:?}");
    }
    assert_eq!(Digests::open(None, folder.0.path()).known(&file), None);
    let other = Digests::open(Some(&folder.0.join("cache/new")), folder.0.path());
    assert_eq!(other.known(&file), None, "of another workspace");
}

/// A program can set the time of the last change back, but not that at which it did.
#[test]
fn a_change_that_hides_shows() {
    let folder = Folder::new();
    let before = folder.file("a", "one");
    let mut digests = folder.open();
    digests.note(&settled(before.clone()), sha("one"));
    let file = File::options().write(true).open(&before.local).expect("a file");
    let (seconds, nanoseconds) = before.id.modified;
    let then = SystemTime::UNIX_EPOCH
        + Duration::new(seconds.unsigned_abs(), nanoseconds.unsigned_abs() as u32);
    let start = Instant::now();
    // The clock of the file system may stand still for some milliseconds.
    let after = loop {
        file.write_all_at(b"two", 0).expect("written");
        file.set_times(FileTimes::new().set_modified(then)).expect("times");
        let after = folder.found("a");
        if after.id.changed != before.id.changed {
            break after;
        }
        assert!(start.elapsed() < Duration::from_secs(20), "a change does not show");
    };
    assert_eq!(after.id.modified, before.id.modified);
    assert_eq!(digests.known(&settled(after)), None);
}

/// Times of a change within the last two seconds do not show the next one.
#[test]
fn what_has_just_changed_is_not_remembered() {
    let folder = Folder::new();
    let file = folder.file("a", "one");
    let mut future = settled(file.clone());
    future.id.modified.0 += 1_000_000;
    let mut digests = folder.open();
    for file in [&file, &future] {
        digests.note(file, sha("one"));
        assert_eq!(digests.known(file), None);
    }
    digests.save().expect("nothing to save");
    assert!(!folder.memory().exists());
}

#[test]
fn a_damaged_memory_is_none() {
    let folder = Folder::new();
    let file = settled(folder.file("a", "one"));
    let mut digests = folder.open();
    digests.note(&file, sha("one"));
    digests.save().expect("saved");
    let (memory, whole) = (folder.memory(), digests.text(10_000));
    let rows: [(Vec<u8>, bool); 8] = [
        (whole.clone().into_bytes(), true),
        (format!("{whole}[1,2]\nnothing\n").into_bytes(), true),
        (whole.replace(" 1\n", " 12\n").into_bytes(), false),
        (whole.as_bytes()[..whole.len() - 3].to_vec(), false),
        (whole.as_bytes()[1..].to_vec(), false),
        ([whole.as_bytes(), b"\xff\n"].concat(), false),
        (Vec::new(), false),
        (vec![b'x'; LARGEST as usize + 1], false),
    ];
    for (content, is_known) in rows {
        fs::write(&memory, &content).expect("written");
        let text = String::from_utf8_lossy(&content[..content.len().min(200)]).into_owned();
        assert_eq!(folder.open().known(&file).is_some(), is_known, "{text}");
    }
    fs::write(folder.0.join("elsewhere"), &whole).expect("written");
    fs::remove_file(&memory).expect("removed");
    symlink(folder.0.join("elsewhere"), &memory).expect("a link");
    assert_eq!(folder.open().known(&file), None, "a link is not followed");
}

#[test]
fn the_memory_is_bounded_and_keeps_what_is_new() {
    let folder = Folder::new();
    let file = settled(folder.file("a", "one"));
    let named = |name: &str| LocalEntry { local: file.local.with_file_name(name), ..file.clone() };
    let mut digests = folder.open();
    (10..60).for_each(|number| digests.note(&named(&format!("old-{number}")), sha("old")));
    digests.known.values_mut().for_each(|known| known.is_new = false);
    digests.note(&named("z-new"), sha("new"));
    let text = digests.text(2000);
    assert!(text.len() <= 2000 && text.len() > 1500, "{}", text.len());
    let known = parse(&text);
    assert!(known.keys().any(|path| path.ends_with("z-new")) && known.len() > 4, "{known:?}");
}

#[test]
fn a_file_is_digested_whole_or_in_part() {
    let folder = Folder::new();
    let content = "0123456789".repeat(250_000);
    let file = folder.file("a", &content);
    let rows = [
        (None, Some(content.as_str())),
        (Some(0), Some("")),
        (Some(7), Some("0123456")),
        (Some(2_100_000), Some(&content[..2_100_000])),
        (Some(2_500_000), Some(content.as_str())),
        (Some(2_500_001), None),
    ];
    for (length, expected) in rows {
        let found = digest_of(&file.local, length).ok();
        assert_eq!(found, expected.map(sha), "{length:?}");
    }
    symlink(&file.local, folder.0.join("link")).expect("a link");
    assert!(digest_of(&folder.0.join("link"), None).is_err());
    assert!(digest_of(folder.0.path(), None).is_err());
}
