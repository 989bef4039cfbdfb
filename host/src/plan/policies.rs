//! Which policies are meant and what is set for each: first the platform team's list, then the ones of the command line,
//! then the settings of the command line on top.

use super::source::source;
use super::{document, own_folder, policies_file};
use crate::cli::PolicyArgs;
use crate::error::Error;
use crate::event::Event;
use crate::job::Mode;
use crate::policy::{Grants, LazyCache, Limits, PolicySource};
use crate::yaml::{self, Origin, quote, yaml12};
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};

/// The variable that names a policies file; empty means none.
const VARIABLE: &str = "MLCUBE_K8S_POLICIES";
/// The policies file of a user who named none.
const USER_FILE: &str = "policies.yaml";

/// The policies file that is in force, and what named it.
#[derive(Clone, Debug)]
pub struct PoliciesFrom {
    /// The file.
    pub path: PathBuf,
    /// The flag, the variable, or the user's configuration.
    pub named_by: &'static str,
}

impl PoliciesFrom {
    /// Which file is in force, as an event.
    pub fn told(&self) -> Event {
        Event::PoliciesFrom { path: self.path.display().to_string(), named_by: self.named_by }
    }
}

/// What is said of policies.
#[derive(Default)]
pub struct Policies {
    /// The policies in their order.
    pub sources: Vec<PolicySource>,
    /// What each may use.
    pub limits: Limits,
    /// The policies file, if one is in force.
    pub from: Option<PoliciesFrom>,
    /// Where to record what they see and say.
    pub record: Option<PathBuf>,
    /// What is odd about them.
    pub warnings: Vec<String>,
}

/// Read every policy that is meant.
pub fn read(args: &PolicyArgs, cache: &LazyCache) -> Result<Policies, Error> {
    let from = policies_file(args);
    let (mut sources, mut limits) = match &from {
        Some(from) => policies_file::read(&from.path, cache)?,
        None => Default::default(),
    };
    for typed in &args.policy {
        let (name, path) = typed.split_once('=').map_or((None, typed.as_str()), |(name, path)| (Some(name), path));
        sources.push(source(name, Path::new(path), json!({}), "`--policy`", cache)?);
    }
    for typed in &args.settings {
        let (name, path) = parts(typed, "--settings", "NAME=FILE")?;
        policy(&mut sources, name, "--settings")?.settings = document("the settings", Path::new(path))?.to_json();
    }
    for typed in &args.set {
        set(&mut sources, typed)?;
    }
    for typed in &args.grant {
        let (name, capabilities) = parts(typed, "--grant", "NAME=CAPABILITY,…")?;
        let names: Vec<_> = capabilities.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect();
        policy(&mut sources, name, "--grant")?.grants =
            Grants::new(Some(&names), &[]).map_err(|why| refused(typed, "--grant", why))?;
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
    Ok(Policies { sources, limits, from, record: args.record.clone(), warnings: Vec::new() })
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

/// Put one setting of the command line in its place. The value is YAML: `2` is a number, `true` a boolean.
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
        .map_err(|error| error.or_hint("the value is YAML: put quotes around text with signs in it"))?
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

/// The parts between the dots that have no backslash before them.
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

fn policy<'a>(sources: &'a mut [PolicySource], name: &str, flag: &str) -> Result<&'a mut PolicySource, Error> {
    let known = sources.iter().map(|source| format!("`{}`", source.name)).collect::<Vec<_>>().join(", ");
    let found = sources.iter_mut().find(|source| source.name.as_str() == name);
    found.ok_or_else(|| Error::Usage {
        what: format!("`{flag}` names the policy `{name}`, which is not in use"),
        hint: match known.is_empty() {
            true => "name its file with `--policy`".into(),
            false => format!("in use are {known}"),
        },
    })
}

/// The two sides of what stands behind a flag.
fn parts<'a>(typed: &'a str, flag: &str, form: &str) -> Result<(&'a str, &'a str), Error> {
    typed.split_once('=').ok_or_else(|| usage(typed, flag, form))
}

fn usage(typed: &str, flag: &str, form: &str) -> Error {
    Error::Usage { what: format!("`{flag} {typed}` cannot be read"), hint: format!("write `{flag} {form}`") }
}

fn refused(typed: &str, flag: &str, why: String) -> Error {
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
