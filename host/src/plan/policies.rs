//! The policies to use and their settings: first the platform team's list, then those of the
//! command line, then the settings of the command line on top.

use super::files::{self, document, own_folder};
use super::lock::{self, LockFile};
use super::policies_file;
use super::source::source;
use crate::cli::PolicyArgs;
use crate::error::Error;
use crate::event::Event;
use crate::job::Mode;
use crate::policy::{Grants, Limits, PolicySource};
use crate::yaml::{self, Origin, quote, yaml12};
use serde_json::{Map, Value};
use std::fmt;
use std::path::{Path, PathBuf};

/// The environment variable with the path of a policies file; empty means none.
const VARIABLE: &str = "MLCUBE_K8S_POLICIES";
/// The policies file in the user's configuration folder, used if no other is given.
const USER_FILE: &str = "policies.yaml";

/// The policies file that is in force, and its origin.
#[derive(Clone, Debug)]
pub struct PoliciesFrom {
    /// The file.
    pub path: PathBuf,
    /// The flag, the variable, or the user's configuration.
    pub named_by: &'static str,
}

impl PoliciesFrom {
    /// The event which reports that this file is in force.
    pub fn event(&self) -> Event {
        Event::PoliciesFrom { path: self.path.display().to_string(), named_by: self.named_by }
    }
}

/// The policies to use, with their limits, lock and cache.
pub struct Policies {
    /// The policies in their order.
    pub sources: Vec<PolicySource>,
    /// The limits of each.
    pub limits: Limits,
    /// The policies file, if one is in force.
    pub from: Option<PoliciesFrom>,
    /// The file to record the reviews in.
    pub record: Option<PathBuf>,
    /// The lock to check them against, if there is one.
    pub lock: Option<LockFile>,
    /// The folder of compiled policies, if they are kept.
    pub cache: Option<PathBuf>,
}

/// Read every policy to use, with the lock to check them against.
pub fn read_with_lock(args: &PolicyArgs) -> Result<Policies, Error> {
    let policies = read(args)?;
    let path = policies.from.as_ref().map(|from| from.path.as_path());
    let lock = lock::read(path, args.locked)?;
    Ok(Policies { lock, ..policies })
}

/// Read every policy to use.
pub fn read(args: &PolicyArgs) -> Result<Policies, Error> {
    let from = policies_file(args);
    let (mut sources, mut limits) = match &from {
        Some(from) => policies_file::read(&from.path)?,
        None => Default::default(),
    };
    for typed in &args.policy {
        let (name, path) =
            typed.split_once('=').map_or((None, typed.as_str()), |(name, path)| (Some(name), path));
        sources.push(source(name, Path::new(path), "`--policy`")?);
    }
    for typed in &args.settings {
        let (name, path) = parts(typed, "--settings", "NAME=FILE")?;
        policy(&mut sources, name, "--settings")?.settings =
            document("the settings", Path::new(path))?.to_json();
    }
    for typed in &args.set {
        set(&mut sources, typed)?;
    }
    for typed in &args.grant {
        let (name, capabilities) = parts(typed, "--grant", "NAME=CAPABILITY,…")?;
        let names: Vec<_> =
            capabilities.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect();
        policy(&mut sources, name, "--grant")?.grants =
            Grants::new(Some(&names), &[]).map_err(|error| refused(typed, "--grant", error))?;
    }
    for name in &args.audit {
        match name.as_str() {
            "" => sources.iter_mut().for_each(|source| source.mode = Mode::Audit),
            name => policy(&mut sources, name, "--audit")?.mode = Mode::Audit,
        }
    }
    for typed in &args.limit {
        let (key, value) = parts(typed, "--limit", "LIMIT=VALUE")?;
        limits.set(key, value).map_err(|why| refused(typed, "--limit", why))?;
    }
    let record = args.record.clone();
    let cache = files::cache().filter(|_| !args.no_cache);
    Ok(Policies { sources, limits, from, record, lock: None, cache })
}

/// The policies file: the flag's, the variable's, the user's. An empty name means none.
fn policies_file(args: &PolicyArgs) -> Option<PoliciesFrom> {
    let (path, named_by) = if let Some(path) = &args.policies {
        (path.into(), "`--policies`")
    } else if let Some(path) = std::env::var_os(VARIABLE) {
        (path.into(), "the variable `MLCUBE_K8S_POLICIES`")
    } else {
        let own = own_folder("XDG_CONFIG_HOME", ".config")?.join(USER_FILE);
        (Some(own).filter(|path| path.is_file())?, "the user's configuration")
    };
    Some(PoliciesFrom { path, named_by }).filter(|from| !from.path.as_os_str().is_empty())
}

/// Set one setting of the command line. The value is YAML: `2` is a number, `true` a boolean.
fn set(sources: &mut [PolicySource], typed: &str) -> Result<(), Error> {
    let wrong = || usage(typed, "--set", r"NAME.KEY=VALUE, with `\.` for a dot inside a key");
    let (place, value) = typed.split_once('=').ok_or_else(wrong)?;
    let mut keys = keys(place).into_iter();
    let name = keys.next().ok_or_else(wrong)?;
    let keys: Vec<String> = keys.collect();
    if keys.is_empty() || keys.iter().any(String::is_empty) {
        return Err(wrong());
    }
    let origin = Origin::Argument(format!("--set {}", quote(place)).into());
    let value = yaml::read(value, &origin, yaml12::plain)
        .map_err(|error| error.or_hint("the value is YAML: quote text with special characters"))?
        .to_json();
    let mut target = &mut policy(sources, &name, "--set")?.settings;
    for key in keys {
        if !target.is_object() {
            *target = Value::Object(Map::new());
        }
        target = &mut target[key];
    }
    *target = value;
    Ok(())
}

/// The keys of a path, separated by dots without a backslash before them.
fn keys(place: &str) -> Vec<String> {
    let mut keys = vec![String::new()];
    let mut chars = place.chars();
    while let Some(c) = chars.next() {
        match (c, keys.last_mut()) {
            ('\\', Some(last)) => last.extend(chars.next()),
            ('.', _) => keys.push(String::new()),
            (c, Some(last)) => last.push(c),
            (_, None) => {}
        }
    }
    keys
}

fn policy<'a>(
    sources: &'a mut [PolicySource],
    name: &str,
    flag: &str,
) -> Result<&'a mut PolicySource, Error> {
    let known =
        sources.iter().map(|source| format!("`{}`", source.name)).collect::<Vec<_>>().join(", ");
    let found = sources.iter_mut().find(|source| source.name.as_str() == name);
    found.ok_or_else(|| Error::Usage {
        what: format!("`{flag}`: policy `{name}` is not configured"),
        hint: if known.is_empty() {
            "add its file with `--policy`".into()
        } else {
            format!("expected one of {known}")
        },
    })
}

/// The two sides of the `=` in the value of a flag.
fn parts<'a>(typed: &'a str, flag: &str, form: &str) -> Result<(&'a str, &'a str), Error> {
    typed.split_once('=').ok_or_else(|| usage(typed, flag, form))
}

fn usage(typed: &str, flag: &str, form: &str) -> Error {
    Error::Usage {
        what: format!("invalid value `{typed}` for `{flag}`"),
        hint: format!("write `{flag} {form}`"),
    }
}

fn refused(typed: &str, flag: &str, why: impl fmt::Display) -> Error {
    Error::Usage { what: format!("`{flag} {typed}`: {why}"), hint: String::new() }
}

#[cfg(test)]
mod tests {
    #[test]
    fn keys_split_at_plain_dots() {
        let rows = [
            ("a.b", vec!["a", "b"]),
            (r"p.tasks.*.example\.org/pool", vec!["p", "tasks", "*", "example.org/pool"]),
            ("a", vec!["a"]),
            ("a..b", vec!["a", "", "b"]),
            (r"a.b\", vec!["a", "b"]),
        ];
        for (place, expected) in rows {
            assert_eq!(super::keys(place), expected, "{place}");
        }
    }
}
