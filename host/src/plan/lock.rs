//! `policies.lock`, which lies beside the policies file. The policies are checked against it when
//! their files are opened.

use super::files::{exists, parse, read_text};
use crate::cli::PolicyArgs;
use crate::error::Error;
use crate::policy::{Difference, Lock};
use crate::text::shell_word;
use crate::yaml::FILE_BYTES;
use std::path::{Path, PathBuf};

const WHAT: &str = "the lock file";

/// A lock to check policies against.
pub struct LockFile {
    /// The file.
    pub path: PathBuf,
    /// Its content.
    pub lock: Lock,
    /// `--locked`: every difference is an error; else it is a warning, and a policy must have no
    /// capability that it did not have when it was locked.
    pub is_strict: bool,
    /// How the policies are locked again, as a sentence.
    pub accept: String,
}

impl LockFile {
    /// The error that policies are not the locked ones.
    pub fn differs(&self, differences: &[Difference]) -> Error {
        let differences: Vec<_> = differences.iter().map(ToString::to_string).collect();
        Error::Configuration {
            what: WHAT,
            path: self.path.clone(),
            why: differences.join("; "),
            hint: format!("review the change; {}", self.accept),
        }
    }
}

/// The path of the lock of a policies file.
pub fn path(policies: &Path) -> PathBuf {
    policies.with_extension("lock")
}

/// Read the lock of a policies file, if there is one; with `--locked` there must be. `program` is
/// this program as it was called.
pub fn read(
    policies: Option<&Path>,
    args: &PolicyArgs,
    program: &str,
) -> Result<Option<LockFile>, Error> {
    let is_strict = args.locked;
    let Some(path) = policies.map(path) else {
        return if is_strict { Err(nothing_to_lock()) } else { Ok(None) };
    };
    if !is_strict && !exists(WHAT, &path)? {
        return Ok(None);
    }
    let command = command(args, program);
    let lock = content(&path, &command)?;
    Ok(Some(LockFile { lock, path, is_strict, accept: accept(args, &command) }))
}

/// The command that locks what a command was given.
fn command(args: &PolicyArgs, program: &str) -> String {
    let file = args.policies.iter().map(|file| ("--policies", file.to_string_lossy()));
    let limits = args.limit.iter().map(|limit| ("--limit", limit.as_str().into()));
    let flags = file.chain(limits).map(|(flag, value)| format!(" {flag}={}", shell_word(&value)));
    format!("{program} policy lock{}", flags.collect::<String>())
}

/// How the policies of a command are locked again. What was typed for them is in no policies file.
fn accept(args: &PolicyArgs, command: &str) -> String {
    let typed = [
        ("--policy", &args.policy),
        ("--settings", &args.settings),
        ("--set", &args.set),
        ("--grant", &args.grant),
        ("--audit", &args.audit),
    ];
    let typed = typed.iter().filter(|(_, values)| !values.is_empty());
    let typed: Vec<_> = typed.map(|(flag, _)| format!("`{flag}`")).collect();
    if typed.is_empty() {
        return format!("`{command}` accepts it");
    }
    let typed = typed.join(", ");
    format!("leave out {typed}, or write it into the policies file, and `{command}` accepts it")
}

fn content(path: &Path, command: &str) -> Result<Lock, Error> {
    let text = read_text(WHAT, path, FILE_BYTES as u64)?;
    // What is not known for a lock is not written over.
    let hint = if text.is_empty() || Lock::is_begun_in(&text) {
        format!("`{command}` writes it again")
    } else {
        format!("move it away, and `{command}` writes another")
    };
    Lock::from_json(parse(WHAT, path, &text)?.to_json()).map_err(|why| Error::Configuration {
        what: WHAT,
        path: path.to_owned(),
        why,
        hint,
    })
}

fn nothing_to_lock() -> Error {
    Error::Usage {
        what: "`--locked` requires a policies file".into(),
        hint: "give it with `--policies FILE` or the variable `MLCUBE_K8S_POLICIES`".into(),
    }
}
