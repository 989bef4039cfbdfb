//! The texts and options that a cube is read from.

use std::path::PathBuf;

/// A text file that was already read.
#[derive(Clone, Debug)]
pub struct Source {
    /// The path as the user should see it in messages.
    pub path: PathBuf,
    /// The text of the file.
    pub text: String,
}

/// All that the effective configuration depends on.
pub struct Request<'a> {
    /// The cube's own file.
    pub cube: Source,
    /// The system settings, if there is such a file.
    pub system: Option<Source>,
    /// The platform that was asked for by name.
    pub platform: Option<String>,
    /// `a.b.c=value`, as typed after `-P`.
    pub overrides: Vec<String>,
    /// The folder of the cube, absolute.
    pub root: PathBuf,
    /// The workspace that was asked for, absolute.
    pub workspace: Option<PathBuf>,
    /// The environment, for `${oc.env:…}`.
    pub env: &'a dyn Fn(&str) -> Option<String>,
}
