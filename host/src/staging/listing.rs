//! What the shell beside a claim prints: the names of `find`, what `stat` says of them, and the
//! lines of `sha256sum`.

use super::{Digest, Entry, Stat, What, is_claim_path};
use crate::text::{cut, visible_bytes};

/// The characters of a line that are shown in an error.
const SHOWN: usize = 200;
/// The part of a file's mode that says of which kind it is, and the kinds that can be staged.
const KIND: u32 = 0o170_000;
const FILE: u32 = 0o100_000;
const FOLDER: u32 = 0o040_000;
const LINK: u32 = 0o120_000;

/// What lies on a claim.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// Files, folders and links, by path; each once.
    pub entries: Vec<Entry>,
    /// What can be neither staged nor fetched.
    pub unusual: Vec<Unusual>,
}

/// Something that can be neither staged nor fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unusual {
    /// Its name, with harmful characters as escapes.
    pub name: String,
    /// The rest of a sentence that begins with the name.
    pub why: &'static str,
}

/// Why a listing is not understood. The message is a sentence without its end.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ListingError {
    /// Something came or went while the claim was listed, or one of the two was cut off.
    #[error("expected a line for each of {names} names, found {lines}")]
    Count {
        /// The names of `find`.
        names: usize,
        /// The lines of `stat`.
        lines: usize,
    },
    /// The last name or line has no end.
    #[error("the listing is cut off")]
    CutOff,
    /// A line of `stat` is something else.
    #[error("expected a size, a time and a mode, found `{0}`")]
    Line(String),
    /// A name is that of nothing below the claim.
    #[error("expected a path on the claim, found `{0}`")]
    Path(String),
}

/// The files, folders and links that `find PATHS -print0` and `stat -c '%s %Y %f'` tell of in the
/// same order, by path. The paths are relative to the root of the claim. Targets of links are not
/// known.
pub fn parse_listing(names: &[u8], stats: &[u8]) -> Result<Vec<Entry>, ListingError> {
    Ok(Listing::parse(names, stats)?.entries)
}

impl Listing {
    /// All that `find PATHS -print0` and `stat -c '%s %Y %f'` tell of, with what
    /// [`parse_listing`] leaves out.
    pub fn parse(names: &[u8], stats: &[u8]) -> Result<Self, ListingError> {
        let (names, stats) = (ended(names, 0)?, ended(stats, b'\n')?);
        if names.len() != stats.len() {
            return Err(ListingError::Count { names: names.len(), lines: stats.len() });
        }
        let mut listing = Self::default();
        for (name, stat) in names.into_iter().zip(stats) {
            let (stat, kind) = parse_stat(stat).ok_or_else(|| ListingError::Line(shown(stat)))?;
            let mut unusual =
                |why| listing.unusual.push(Unusual { name: visible_bytes(name), why });
            let Ok(path) = str::from_utf8(name) else {
                unusual("has a name that is not UTF-8");
                continue;
            };
            let what = match kind {
                FILE => What::File(stat),
                FOLDER => What::Folder { mode: stat.mode, mtime: stat.mtime },
                LINK => What::Link { target: String::new() },
                _ => {
                    unusual("is neither a file nor a folder nor a symbolic link");
                    continue;
                }
            };
            let path = path.strip_prefix("./").unwrap_or(path);
            match path.strip_suffix('/').unwrap_or(path) {
                // The root of the claim is no entry.
                "." | "" if !name.starts_with(b"/") => {}
                path if is_claim_path(path) => {
                    listing.entries.push(Entry { path: path.into(), what })
                }
                _ => return Err(ListingError::Path(shown(name))),
            }
        }
        listing.entries.sort_by(|a, b| a.path.cmp(&b.path));
        listing.entries.dedup_by(|a, b| a.path == b.path);
        Ok(listing)
    }
}

/// Parts that each end with a byte.
fn ended(bytes: &[u8], end: u8) -> Result<Vec<&[u8]>, ListingError> {
    match bytes.split_last() {
        None => Ok(Vec::new()),
        Some((last, parts)) if *last == end => Ok(parts.split(|byte| *byte == end).collect()),
        Some(_) => Err(ListingError::CutOff),
    }
}

/// `SIZE MTIME MODE`: a file's size, time and permissions, and its kind.
fn parse_stat(line: &[u8]) -> Option<(Stat, u32)> {
    let mut words = str::from_utf8(line).ok()?.split(' ');
    let (size, mtime, mode) = (words.next()?, words.next()?, words.next()?);
    let mode = u32::from_str_radix(mode, 16).ok().filter(|_| words.next().is_none())?;
    let stat = Stat { size: size.parse().ok()?, mtime: mtime.parse().ok()?, mode: mode & 0o7777 };
    Some((stat, mode & KIND))
}

fn shown(bytes: &[u8]) -> String {
    cut(&visible_bytes(bytes), SHOWN)
}

/// The digests of a command that prints a line for each file, whatever becomes of it: `sha256sum`
/// over standard input, say. A line without a digest is that of a file that could not be read.
pub fn parse_sums(lines: &[u8]) -> Vec<Option<Digest>> {
    let lines = lines.strip_suffix(b"\n").unwrap_or(lines);
    if lines.is_empty() {
        return Vec::new();
    }
    lines.split(|byte| *byte == b'\n').map(|line| Some(sum(line)?.0)).collect()
}

/// The digests that `sha256sum NAMES` prints, in the order of the names; none for a file of which
/// it prints nothing, because it could not be read. A line counts only with the name of its file,
/// be it escaped as GNU's `sha256sum` does it, or not.
pub fn sums_of<'n>(output: &[u8], names: impl IntoIterator<Item = &'n str>) -> Vec<Option<Digest>> {
    let mut rest = output;
    let digest_of = |name: &str| {
        let (digest, after) = sum(rest)?;
        let plain = || after.strip_prefix(name.as_bytes())?.strip_prefix(b"\n");
        let escaped = || after.strip_prefix(escaped(name).as_bytes())?.strip_prefix(b"\n");
        rest = if rest.starts_with(b"\\") { escaped() } else { plain() }?;
        Some(digest)
    };
    names.into_iter().map(digest_of).collect()
}

/// The digest at the beginning of a line, and what follows the blanks after it.
fn sum(line: &[u8]) -> Option<(Digest, &[u8])> {
    let (digest, after) = line.strip_prefix(b"\\").unwrap_or(line).split_at_checked(64)?;
    let digest = Digest::from_hex(digest).ok()?;
    // The second blank is a star for a file that was read as binary.
    let marks = [&b"  "[..], b" *"];
    let after = marks.iter().find_map(|mark| after.strip_prefix(*mark)).unwrap_or(after);
    Some((digest, after))
}

/// A name as GNU's `sha256sum` writes it in a line that begins with a backslash.
fn escaped(name: &str) -> String {
    name.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn file(path: &str, size: u64, mtime: i64, mode: u32) -> Entry {
        Entry { path: path.into(), what: What::File(Stat { size, mtime, mode }) }
    }

    #[test]
    fn names_and_lines_become_entries() {
        let names = b"./b\0.\0./\0-a\0data/\0data/x y\nz\0./b\0l\0caf\xe9\0pipe\0";
        let stats =
            b"5 -7 81a4\n0 0 41ed\n0 0 41ed\n0 9 89ff\n4096 1 43ff\n18446744073709551615 2 8180\n\
            5 -7 81a4\n1 1 a1ff\n1 1 81a4\n0 0 11a4\n";
        let listing = Listing::parse(names, stats).expect("a listing");
        let link = What::Link { target: String::new() };
        let expected = [
            file("-a", 0, 9, 0o4777),
            file("b", 5, -7, 0o644),
            Entry { path: "data".into(), what: What::Folder { mode: 0o1777, mtime: 1 } },
            file("data/x y\nz", u64::MAX, 2, 0o600),
            Entry { path: "l".into(), what: link },
        ];
        assert_eq!(listing.entries, expected);
        let unusual: Vec<String> =
            listing.unusual.iter().map(|it| format!("{} {}", it.name, it.why)).collect();
        let expected = [
            r"caf\xe9 has a name that is not UTF-8",
            "pipe is neither a file nor a folder nor a symbolic link",
        ];
        assert_eq!(unusual, expected);
        assert_eq!(parse_listing(names, stats), Ok(listing.entries));
        assert_eq!(parse_listing(b"", b""), Ok(Vec::new()));
    }

    #[test]
    fn a_listing_that_does_not_fit_is_refused() {
        let rows: [(&[u8], &[u8], &str); 11] = [
            (b"a\0b\0", b"1 1 81a4\n", "expected a line for each of 2 names, found 1"),
            (b"", b"1 1 81a4\n", "expected a line for each of 0 names, found 1"),
            (b"a\0b", b"1 1 81a4\n", "the listing is cut off"),
            (b"a\0", b"1 1 81", "the listing is cut off"),
            (b"a\0", b"1 1\n", "expected a size, a time and a mode, found `1 1`"),
            (b"a\0", b"1 1 81a4 1\n", "expected a size, a time and a mode, found `1 1 81a4 1`"),
            (b"a\0", b"-1 1 81a4\n", "expected a size, a time and a mode, found `-1 1 81a4`"),
            (b"a\0", b"\x1b\n", r"expected a size, a time and a mode, found `\u{1b}`"),
            (b"/a\0", b"1 1 81a4\n", "expected a path on the claim, found `/a`"),
            (b"/\0", b"1 1 41ed\n", "expected a path on the claim, found `/`"),
            (b"a/../b\0", b"1 1 81a4\n", "expected a path on the claim, found `a/../b`"),
        ];
        for (names, stats, expected) in rows {
            let told = parse_listing(names, stats).map_err(|error| error.to_string());
            assert_eq!(told, Err(expected.to_owned()));
        }
    }

    const ONE: &str = "1111111111111111111111111111111111111111111111111111111111111111";
    const TWO: &str = "2222222222222222222222222222222222222222222222222222222222222222";

    /// Numbers for the digests of which all digits are the same.
    fn digits(sums: Vec<Option<Digest>>) -> Vec<Option<u8>> {
        sums.into_iter().map(|sum| sum.map(|sum| sum.as_bytes()[0] & 15)).collect()
    }

    #[test]
    fn each_line_is_a_digest_or_a_failure() {
        let rows = [
            (String::new(), vec![]),
            (format!("{ONE}  -\n"), vec![Some(1)]),
            (format!("{ONE}\n{TWO}  a b\n"), vec![Some(1), Some(2)]),
            (format!("-\n{ONE}  -\n\n{TWO} *x"), vec![None, Some(1), None, Some(2)]),
            (format!("\\{ONE}  a\\nb\n"), vec![Some(1)]),
            (format!("{}  -\n{}é  -\n", &ONE[1..], &ONE[1..]), vec![None, None]),
        ];
        for (lines, expected) in rows {
            assert_eq!(digits(parse_sums(lines.as_bytes())), expected, "{lines:?}");
        }
    }

    #[test]
    fn a_digest_counts_only_with_the_name_of_its_file() {
        let names = ["a", "b\nc", r"d\e"];
        let evil = format!("x\n{ONE}  y");
        let rows = [
            (format!("{ONE}  a\n\\{TWO}  b\\nc\n\\{ONE}  d\\\\e\n"), [Some(1), Some(2), Some(1)]),
            (format!("{ONE}  a\n{TWO}  b\nc\n{ONE}  d\\e\n"), [Some(1), Some(2), Some(1)]),
            (format!("{TWO} *b\nc\n"), [None, Some(2), None]),
            (format!("{ONE}  d\\e\n"), [None, None, Some(1)]),
            (format!("{ONE}  a\n{TWO}  b\n"), [Some(1), None, None]),
            (format!("{ONE}  a"), [None, None, None]),
            ("sha256sum: a: No such file or directory\n".into(), [None, None, None]),
            (String::new(), [None, None, None]),
        ];
        for (output, expected) in rows {
            assert_eq!(digits(sums_of(output.as_bytes(), names)), expected, "{output:?}");
        }
        let output = format!("{TWO}  {evil}\n{TWO}  y\n");
        assert_eq!(digits(sums_of(output.as_bytes(), [evil.as_str(), "y"])), [Some(2), Some(2)]);
    }

    proptest! {
        #[test]
        fn any_output_is_read_or_refused(names in any::<Vec<u8>>(), stats in any::<Vec<u8>>()) {
            let _ = parse_listing(&names, &stats);
            let lines = parse_sums(&stats).len();
            prop_assert!(lines <= stats.len());
            prop_assert_eq!(sums_of(&stats, ["a", "b"]), [None, None]);
            let named = [&names[..], b"\0"].concat();
            if let Ok(entries) = parse_listing(&named, b"1 1 81a4\n") {
                prop_assert!(entries.iter().all(|entry| is_claim_path(&entry.path)));
            }
        }
    }
}
