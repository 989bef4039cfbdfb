//! What can lie on a claim, or in a local folder that mirrors it, and the paths by which it is
//! called.

/// The folder at the top of a claim that is this program's own: nothing of the user is staged
/// there.
pub const OWN_FOLDER: &str = ".mlcube-k8s";
/// The longest path that Linux takes, in bytes.
const LONGEST: usize = 4096;

/// Something below the root of a claim, or below a local workspace that mirrors it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The path from the root: `/`-separated, without empty, `.` or `..` parts, never empty.
    pub path: String,
    /// What lies there.
    pub what: What,
}

impl AsRef<Entry> for Entry {
    fn as_ref(&self) -> &Entry {
        self
    }
}

/// The kinds of entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// A regular file.
    File(Stat),
    /// A folder.
    Folder {
        /// The permissions, within `0o7777`.
        mode: u32,
        /// The time of the last change, in whole seconds since 1970.
        mtime: i64,
    },
    /// A symbolic link.
    Link {
        /// The path to which it leads; empty where that is not known.
        target: String,
    },
}

/// What is known of a file without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stat {
    /// The size in bytes.
    pub size: u64,
    /// The time of the last change, in whole seconds since 1970.
    pub mtime: i64,
    /// The permissions, within `0o7777`.
    pub mode: u32,
}

/// Whether a text is a path below the root of a claim, in its shortest form.
pub fn is_claim_path(path: &str) -> bool {
    let is_part = |part: &str| !matches!(part, "" | "." | "..");
    path.len() <= LONGEST && !path.contains('\0') && path.split('/').all(is_part)
}

/// Whether a path on a claim leads to the program's own folder, or below it.
pub fn is_own(path: &str) -> bool {
    path.split('/').next() == Some(OWN_FOLDER)
}

/// The folders above a path, from the innermost on: of `a/b/c` these are `a/b` and `a`.
pub fn ancestors(path: &str) -> impl Iterator<Item = &str> {
    path.rmatch_indices('/').map(|(end, _)| &path[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_normal_paths_below_the_root_are_paths_on_a_claim() {
        for path in ["a", "a/b", "-a", "a b/ü\n", "...", "a/.b", ".mlcube-k8s"] {
            assert!(is_claim_path(path), "{path:?}");
        }
        let long = "a/".repeat(LONGEST / 2) + "a";
        for path in ["", "/", "/a", "a/", "a//b", ".", "./a", "a/..", "../a", "a\0b", &long] {
            assert!(!is_claim_path(path), "{path:?}");
        }
    }

    #[test]
    fn the_own_folder_is_known_at_the_top_only() {
        let rows = [
            (OWN_FOLDER, true),
            (".mlcube-k8s/incoming/a", true),
            (".mlcube-k8sx", false),
            ("a/.mlcube-k8s", false),
        ];
        for (path, expected) in rows {
            assert_eq!(is_own(path), expected, "{path}");
        }
        assert_eq!(ancestors("a/b/c").collect::<Vec<_>>(), ["a/b", "a"]);
    }
}
