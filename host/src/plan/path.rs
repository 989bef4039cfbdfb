//! Paths as people write them where no shell expands them: `~`, `$HOME` and `file://` are understood,
//! and what is no path is refused by what it is.

use crate::error::Error;
use crate::text::below;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

/// The scheme of a path as an address.
const FILE: &str = "file:";
/// The ways to write the home folder.
const HOME: [&str; 3] = ["~", "$HOME", "${HOME}"];

/// The path that is meant, for a file that `what` names.
pub fn path(typed: &Path, what: &str) -> Result<PathBuf, Error> {
    meant(typed, std::env::home_dir()).map_err(|(why, hint)| Error::Usage {
        what: format!("{what} `{}`: {why}", typed.display()),
        hint,
    })
}

/// The path that is meant; the error is a sentence and the remedy.
fn meant(typed: &Path, home: Option<PathBuf>) -> Result<PathBuf, (String, String)> {
    // What is not text is written by no person.
    let Some(text) = typed.to_str() else { return Ok(typed.to_owned()) };
    if let Some(address) = strip_prefix_of_any_case(text, FILE) {
        return of_address(address);
    }
    if let Some(below) = HOME.iter().find_map(|word| below(text, word)) {
        let home = home.ok_or_else(|| {
            (
                "there is no home folder".to_owned(),
                "set `HOME`, or give an absolute path".to_owned(),
            )
        })?;
        return Ok(home.join(below));
    }
    // A file may have any name.
    if typed.symlink_metadata().is_ok() {
        return Ok(typed.to_owned());
    }
    match foreign(text) {
        None => Ok(typed.to_owned()),
        Some((why, hint)) => Err((why.to_owned(), hint.to_owned())),
    }
}

/// What a text is, if it is no path of this machine, and the remedy.
fn foreign(text: &str) -> Option<(&'static str, &'static str)> {
    const FETCH: &str = "fetch the file, and give its path";
    if text.starts_with('~') {
        let hint = "give the folder by its path; `~/…` is your own";
        return Some(("the home folder of another user is not looked up", hint));
    }
    let is_variable = |rest: &str| {
        let first = rest.trim_start_matches('{').chars().next();
        first.is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
    };
    if text.match_indices('$').any(|(at, _)| is_variable(&text[at + 1..])) {
        let hint = "write the value in its place; only `$HOME` at the beginning is understood";
        return Some(("variables are not expanded in a path", hint));
    }
    if let Some((scheme, _)) = text.split_once("://")
        && is_scheme(scheme)
    {
        return Some(("expected the path of a file, found an address", FETCH));
    }
    let (first, rest) = text.split_once('/')?;
    let is_host = !first.starts_with('.') && first.contains(['.', ':']) || first == "localhost";
    let last = rest.rsplit('/').next().unwrap_or_default();
    let is_tagged = last.contains(':') || rest.contains("@sha256:");
    let is_there = || Path::new(first).symlink_metadata().is_ok();
    (is_host && (is_tagged || Path::new(last).extension().is_none()) && !is_there())
        .then_some(("expected the path of a file, found an address of a registry", FETCH))
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
}

/// The path of an address behind `file:`.
fn of_address(address: &str) -> Result<PathBuf, (String, String)> {
    let wrong = |why: &str| (why.to_owned(), "write `file:///` and the absolute path".to_owned());
    let path = match address.strip_prefix("//") {
        None => address,
        Some(rest) => {
            let rest = strip_prefix_of_any_case(rest, "localhost").unwrap_or(rest);
            if !rest.starts_with('/') {
                return Err(wrong(
                    "the address names another machine, or its path is not absolute",
                ));
            }
            rest
        }
    };
    if !path.starts_with('/') {
        return Err(wrong("the path of the address is not absolute"));
    }
    let bytes = decoded(path).ok_or_else(|| wrong("a `%` without two hexadecimal digits"))?;
    if bytes.contains(&0) {
        return Err(wrong("a path has no zero byte"));
    }
    Ok(PathBuf::from(OsString::from_vec(bytes)))
}

/// The bytes of a text with `%41` for `A`.
fn decoded(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes().iter();
    while let Some(byte) = rest.next() {
        let digit = |byte: Option<&u8>| char::from(*byte?).to_digit(16);
        bytes.push(match byte {
            b'%' => u8::try_from(digit(rest.next())? * 16 + digit(rest.next())?).ok()?,
            byte => *byte,
        });
    }
    Some(bytes)
}

fn strip_prefix_of_any_case<'t>(text: &'t str, prefix: &str) -> Option<&'t str> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}

/// A name and a path of `NAME=FILE`, if the text has a name: what stands before the first `=`, but
/// for that of an address or a path.
pub fn named(typed: &str) -> (Option<&str>, &Path) {
    match typed.split_once('=') {
        Some((name, file)) if !name.contains(['/', ':']) => (Some(name), Path::new(file)),
        _ => (None, Path::new(typed)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_mean_what_people_write() {
        let rows = [
            ("p.wasm", Ok("p.wasm")),
            ("~/p.wasm", Ok("/home/me/p.wasm")),
            ("~", Ok("/home/me/")),
            ("~//p.wasm", Ok("/home/me/p.wasm")),
            ("$HOME/p.wasm", Ok("/home/me/p.wasm")),
            ("${HOME}/p.wasm", Ok("/home/me/p.wasm")),
            ("file:///a/p.wasm", Ok("/a/p.wasm")),
            ("file:/a/p.wasm", Ok("/a/p.wasm")),
            ("FILE://localhost/a%20b/p.wasm", Ok("/a b/p.wasm")),
            ("a:b/c", Err("an address of a registry")),
            ("./a.b/c:1", Ok("./a.b/c:1")),
            ("policies.d/p.wasm", Ok("policies.d/p.wasm")),
            ("cost$/p.wasm", Ok("cost$/p.wasm")),
            ("~other/p.wasm", Err("another user")),
            ("$HOMES/p.wasm", Err("variables are not expanded")),
            ("a/${POLICIES}/p.wasm", Err("variables are not expanded")),
            ("$policies", Err("variables are not expanded")),
            ("file://~/p.wasm", Err("another machine")),
            ("file://p.wasm", Err("another machine")),
            ("file:p.wasm", Err("not absolute")),
            ("file:///a%2", Err("hexadecimal digits")),
            ("file:///a%00", Err("zero byte")),
            ("oci://example.org/p:1", Err("found an address")),
            ("HTTPS://example.org/p.wasm", Err("found an address")),
            ("s3://bucket/p.wasm", Err("found an address")),
            ("example.org/team/p:1.0", Err("an address of a registry")),
            ("example.org/team/p", Err("an address of a registry")),
            ("localhost:5000/p:1", Err("an address of a registry")),
            ("example.org/p@sha256:00", Err("an address of a registry")),
        ];
        for (typed, expected) in rows {
            match (meant(Path::new(typed), Some("/home/me".into())), expected) {
                (Ok(path), Ok(expected)) => assert_eq!(path, Path::new(expected), "{typed}"),
                (Err((why, hint)), Err(expected)) => {
                    assert!(why.contains(expected) && !hint.is_empty(), "{typed}: {why}")
                }
                (found, _) => panic!("{typed}: {found:?}"),
            }
        }
        assert!(meant(Path::new("~/p.wasm"), None).is_err());
    }

    #[test]
    fn an_address_has_no_name() {
        let rows = [
            ("p=a.wasm", (Some("p"), "a.wasm")),
            ("p=~/a=b.wasm", (Some("p"), "~/a=b.wasm")),
            ("a.wasm", (None, "a.wasm")),
            ("oci://example.org/p?a=b", (None, "oci://example.org/p?a=b")),
            ("./a=b.wasm", (None, "./a=b.wasm")),
        ];
        for (typed, (name, path)) in rows {
            assert_eq!(named(typed), (name, Path::new(path)), "{typed}");
        }
    }
}
