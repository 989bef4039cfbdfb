//! Paths with slashes, whatever they are paths of.

/// The rest of a path below another, without the slashes between them; empty for that path itself.
pub fn below<'p>(path: &'p str, folder: &str) -> Option<&'p str> {
    let rest = path.strip_prefix(folder)?;
    (rest.is_empty() || rest.starts_with('/')).then(|| rest.trim_start_matches('/'))
}

/// The same where an empty folder holds every path.
pub fn within<'p>(path: &'p str, folder: &str) -> Option<&'p str> {
    if folder.is_empty() { Some(path) } else { below(path, folder) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_below_whole_parts() {
        let rows = [
            ("a/b", "a", Some("b"), Some("b")),
            ("a", "a", Some(""), Some("")),
            ("a//b", "a", Some("b"), Some("b")),
            ("ab", "a", None, None),
            ("b/a", "a", None, None),
            ("a/b", "", None, Some("a/b")),
            ("/a", "", Some("a"), Some("/a")),
        ];
        for (path, folder, is_below, is_within) in rows {
            assert_eq!(below(path, folder), is_below, "{path} below {folder}");
            assert_eq!(within(path, folder), is_within, "{path} within {folder}");
        }
    }
}
