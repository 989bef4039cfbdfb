//! A path inside a claim, which the value of a parameter must be on Kubernetes. Joined to the
//! folder of a claim it stays inside; it has no empty, `.` or `..` part.

use std::fmt;

/// The longest path that Linux takes.
const LONGEST: usize = 4096;

/// A relative path in its shortest form; empty for the folder itself.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RelativePath(String);

/// The rule that a value breaks as a path inside a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PathRule {
    /// The rest of a sentence that begins with the value.
    pub why: &'static str,
    /// The advice.
    pub hint: &'static str,
}

impl RelativePath {
    /// The folder itself.
    pub fn here() -> Self {
        Self(String::new())
    }

    /// Read `data`, `./data/` or `a/b.txt`; a path that would not stay inside the claim is refused.
    pub fn parse(value: &str) -> Result<Self, PathRule> {
        if let Some(rule) = broken_rule(value) {
            return Err(rule);
        }
        let parts =
            value.trim_end_matches('\\').split('/').filter(|part| !part.is_empty() && *part != ".");
        Ok(Self(parts.collect::<Vec<_>>().join("/")))
    }

    /// The path as text, without a slash at either end; empty for the folder itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is the folder itself.
    pub fn is_here(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for RelativePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "." } else { &self.0 })
    }
}

fn broken_rule(value: &str) -> Option<PathRule> {
    let rule = |why, hint| Some(PathRule { why, hint });
    let drive = value.as_bytes().get(1) == Some(&b':') && value.as_bytes()[0].is_ascii_alphabetic();
    if value.is_empty() {
        rule("is empty", "write `.` for the workspace itself")
    } else if value.len() > LONGEST {
        rule("is longer than a path may be", "give a shorter path")
    } else if value.contains(char::is_control) {
        rule("holds a control character", "give a path without it")
    } else if value.starts_with("storage:") || is_url(value) {
        rule(
            "is an address, not a path",
            "copy the data into the claim first and give its path there",
        )
    } else if value.starts_with('/') || value.starts_with('\\') || drive {
        rule(
            "is an absolute path, which does not exist on the cluster",
            "give the path relative to the workspace on the claim, such as `data`",
        )
    } else if value.starts_with('~') {
        rule(
            "begins with `~`, a home folder that the cluster does not have",
            "give the path relative to the workspace on the claim",
        )
    } else if value.split(['/', '\\']).any(|part| part == "..") {
        rule(
            "climbs out of the workspace with `..`",
            "keep the data inside the workspace on the claim",
        )
    } else if names_variable(value) {
        rule(
            "names a variable of this machine",
            "write `${oc.env:NAME}` in the cube to put its value in",
        )
    } else {
        None
    }
}

/// `scheme://…`
fn is_url(value: &str) -> bool {
    let scheme = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_alphabetic())
            && text.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
    };
    value.split_once("://").is_some_and(|(before, _)| scheme(before))
}

/// `$NAME` or `${NAME}`, which the docker runner would expand.
fn names_variable(value: &str) -> bool {
    value.match_indices('$').any(|(at, _)| {
        value[at + 1..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '_' || c == '{')
    })
}
