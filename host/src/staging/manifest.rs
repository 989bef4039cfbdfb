//! The manifest: what staging put on a claim. It lies on the claim, where everybody can change it.

use super::{Digest, is_claim_path, is_own};
use crate::text::visible;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// The version of the format.
const VERSION: u64 = 1;
/// The most bytes of a manifest that are read or written.
const LARGEST: usize = 64 << 20;
/// The bytes of a file's line beside its path, mostly.
const LINE: usize = 128;

/// What staging put on a claim, by path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    /// The files.
    pub files: BTreeMap<String, Noted>,
    /// The symbolic links.
    pub links: BTreeSet<String>,
}

/// A file as staging left it on the claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Noted {
    /// The size in bytes.
    pub size: u64,
    /// The time of the last change, in whole seconds since 1970.
    pub mtime: i64,
    /// The SHA-256 of its content.
    #[serde(rename = "sha256")]
    pub digest: Digest,
}

/// Why a manifest is not understood. The message is a sentence without its end.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ManifestError {
    /// A later version of this program wrote it.
    #[error("expected a manifest of version {VERSION}, found version {0}")]
    Newer(u64),
    /// It is damaged, or something else.
    #[error("invalid manifest: {0}")]
    Broken(String),
}

/// What every version has.
#[derive(Deserialize)]
struct Head {
    version: u64,
}

#[derive(Deserialize)]
struct Body {
    files: BTreeMap<String, Noted>,
    #[serde(default)]
    links: BTreeSet<String>,
}

impl Manifest {
    /// Read the file on the claim.
    pub fn parse(bytes: &[u8]) -> Result<Self, ManifestError> {
        if bytes.len() > LARGEST {
            let size = bytes.len();
            let why = format!("the file has {size} bytes; at most {LARGEST} are read");
            return Err(ManifestError::Broken(why));
        }
        let broken = |error: serde_json::Error| ManifestError::Broken(visible(&error.to_string()));
        let Head { version } = serde_json::from_slice(bytes).map_err(broken)?;
        match version {
            VERSION => {}
            newer if newer > VERSION => return Err(ManifestError::Newer(newer)),
            other => return Err(ManifestError::Broken(format!("there is no version {other}"))),
        }
        let Body { files, links } = serde_json::from_slice(bytes).map_err(broken)?;
        let is_strange = |path: &&String| !is_claim_path(path) || is_own(path);
        if let Some(path) = files.keys().chain(&links).find(is_strange) {
            let why = format!("`{}` is not a path of staged data", visible(path));
            return Err(ManifestError::Broken(why));
        }
        Ok(Self { files, links })
    }

    /// The file on the claim: JSON with a line for each path. What would make it larger than what is
    /// read is left out, which costs no more than reading those files on the claim once again.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.to_bytes_within(LARGEST)
    }

    fn to_bytes_within(&self, largest: usize) -> Vec<u8> {
        let (middle, end) = ("\n],\"files\":{", "\n}}\n");
        let largest = largest.saturating_sub(middle.len() + end.len());
        // Text that grows takes twice its size in between.
        let lines = self.files.keys().chain(&self.links).map(|path| path.len() + LINE);
        let mut text = String::with_capacity(lines.sum::<usize>().min(largest) + 2 * LINE);
        text.push_str(&format!("{{\"version\":{VERSION},\"links\":["));
        add_lines(&mut text, largest, self.links.iter().map(|path| json!(path).to_string()));
        text.push_str(middle);
        let file = |(path, Noted { size, mtime, digest }): (&String, &Noted)| {
            let noted = json!({"size": size, "mtime": mtime, "sha256": digest.to_string()});
            format!("{}:{noted}", json!(path))
        };
        add_lines(&mut text, largest, self.files.iter().map(file));
        text.push_str(end);
        text.into_bytes()
    }
}

/// Add the members of a list or an object, until the text would become too large.
fn add_lines(text: &mut String, largest: usize, lines: impl Iterator<Item = String>) {
    let mut comma = "";
    for line in lines {
        if text.len() + ",\n".len() + line.len() > largest {
            return;
        }
        text.extend([comma, "\n", &line]);
        comma = ",";
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::{btree_map, btree_set};
    use proptest::prelude::*;

    const FILE: &str = r#"{"size": 1, "mtime": -2, "sha256": "DIGEST"}"#;

    fn text(rest: &str) -> String {
        rest.replace("FILE", FILE).replace("DIGEST", &"0a".repeat(32))
    }

    #[test]
    fn a_broken_manifest_is_told_from_a_newer_one() {
        let rows = [
            (r#"{"version": 1, "files": {"a": FILE}}"#, ""),
            (r#"{"version": 1, "files": {"a\nb": FILE}, "links": ["c"], "more": 1}"#, ""),
            (r#"{"version": 2, "files": []}"#, "expected a manifest of version 1, found version 2"),
            (r#"{"version": 0, "files": {}}"#, "there is no version 0"),
            (r#"{"version": 1}"#, "missing field `files`"),
            (r#"{"files": {}}"#, "missing field `version`"),
            (r#"{"version": 1, "files": {"#, "EOF while parsing"),
            ("", "EOF while parsing"),
            ("[1]", "invalid type"),
            (r#"{"version": 1, "files": {"/etc/passwd": FILE}}"#, "`/etc/passwd` is not a path"),
            (r#"{"version": 1, "files": {"a/../../b": FILE}}"#, "`a/../../b` is not a path"),
            (r#"{"version": 1, "files": {"": FILE}}"#, "`` is not a path"),
            (
                r#"{"version": 1, "files": {}, "links": ["a/\u001b//b"]}"#,
                r"`a/\u{1b}//b` is not a path",
            ),
            (r#"{"version": 1, "files": {".mlcube-k8s/lock": FILE}}"#, "`.mlcube-k8s/lock` is not"),
            (
                r#"{"version": 1, "files": {"a": {"size": -1, "mtime": 0, "sha256": "DIGEST"}}}"#,
                "expected u64",
            ),
            (
                r#"{"version": 1, "files": {"a": {"size": 1, "mtime": 0, "sha256": "0A"}}}"#,
                "expected 64 hexadecimal digits",
            ),
        ];
        for (given, expected) in rows {
            match Manifest::parse(text(given).as_bytes()) {
                Ok(manifest) => {
                    assert!(expected.is_empty() && !manifest.files.is_empty(), "{given}")
                }
                Err(error) => {
                    let told = error.to_string();
                    assert!(!expected.is_empty() && told.contains(expected), "{given}: {told}");
                }
            }
        }
        let large = vec![b' '; LARGEST + 1];
        assert!(matches!(Manifest::parse(&large), Err(ManifestError::Broken(_))));
    }

    #[test]
    fn what_does_not_fit_is_left_out() {
        let noted = Noted { size: 1, mtime: 2, digest: Digest::from([3; 32]) };
        let files = (0..10).map(|number| (format!("file-{number}"), noted)).collect();
        let manifest = Manifest { files, links: ["a".to_owned()].into() };
        let whole = manifest.to_bytes();
        for largest in 100..=whole.len() + 100 {
            let bytes = manifest.to_bytes_within(largest);
            assert!(bytes.len() <= largest, "{largest}");
            let read = Manifest::parse(&bytes).expect("a manifest");
            assert!(read.files.len() == 10 || largest < whole.len() + 50, "{largest}");
            assert!(read.files.keys().eq(manifest.files.keys().take(read.files.len())));
        }
    }

    /// A path on a claim, with characters that mean something to JSON or to a shell.
    fn path() -> impl Strategy<Value = String> {
        "[-a\"\\\\\n ü]{1,6}(/[-a\"\\\\\n ü]{1,6}){0,3}"
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(
            files in btree_map(path(), (any::<u64>(), any::<i64>(), any::<[u8; 32]>()), 0..9),
            links in btree_set(path(), 0..5),
        ) {
            let noted = |(size, mtime, digest)| Noted { size, mtime, digest: Digest::from(digest) };
            let files = files.into_iter().map(|(path, file)| (path, noted(file))).collect();
            let manifest = Manifest { files, links };
            prop_assert_eq!(Manifest::parse(&manifest.to_bytes()), Ok(manifest));
        }

        #[test]
        fn any_bytes_are_a_manifest_or_refused(
            bytes in any::<Vec<u8>>(),
            at in any::<prop::sample::Index>(),
        ) {
            let _ = Manifest::parse(&bytes);
            let whole = text(r#"{"version": 1, "files": {"a": FILE}, "links": ["c"]}"#).into_bytes();
            let at = at.index(whole.len());
            let damaged = [&whole[..at], &bytes, &whole[at..]].concat();
            if let Ok(manifest) = Manifest::parse(&damaged) {
                prop_assert!(manifest.files.keys().all(|path| is_claim_path(path)));
            }
        }
    }
}
