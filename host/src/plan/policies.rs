//! Which policies are meant and what is set for each: first the platform team's list, then the ones of the command line,
//! then the settings of the command line on top.

use super::{own_folder, read_text};
use crate::cli::PolicyArgs;
use crate::error::Error;
use crate::job::PolicyId;
use crate::policy::PolicySource;
use serde::Deserialize;
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

/// A policies file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    policies: Vec<Entry>,
}

/// One policy of a policies file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: Option<String>,
    module: PathBuf,
    #[serde(default)]
    settings: Option<Value>,
}

/// Read every policy that is meant.
pub fn read(args: &PolicyArgs) -> Result<(Vec<PolicySource>, Option<PoliciesFrom>), Error> {
    let from = policies_file(args)?;
    let mut sources = match &from {
        Some(from) => list(&from.path)?,
        None => Vec::new(),
    };
    for typed in &args.policy {
        let (name, path) = typed.split_once('=').map_or((None, typed.as_str()), |(name, path)| (Some(name), path));
        sources.push(source(name, Path::new(path), json!({}), "`--policy`")?);
    }
    for typed in &args.settings {
        let (name, path) = typed.split_once('=').ok_or_else(|| usage(typed, "--settings", "NAME=FILE"))?;
        let text = read_text("the settings", Path::new(path))?;
        policy(&mut sources, name, "--settings")?.settings = yaml("the settings", Path::new(path), &text)?;
    }
    for typed in &args.set {
        set(&mut sources, typed)?;
    }
    Ok((sources, from))
}

/// The policies file: the flag's, the variable's, the user's.
fn policies_file(args: &PolicyArgs) -> Result<Option<PoliciesFrom>, Error> {
    let from = |path: PathBuf, named_by| {
        Ok(Some(PoliciesFrom { path, named_by }).filter(|from| !from.path.as_os_str().is_empty()))
    };
    if let Some(path) = &args.policies {
        return from(path.into(), "`--policies`");
    }
    if let Some(path) = std::env::var_os(VARIABLE) {
        return from(path.into(), "the variable `MLCUBE_K8S_POLICIES`");
    }
    match own_folder("XDG_CONFIG_HOME", ".config").map(|folder| folder.join(USER_FILE)).filter(|path| path.is_file()) {
        Some(path) => from(path, "the user's configuration"),
        None => Ok(None),
    }
}

fn list(path: &Path) -> Result<Vec<PolicySource>, Error> {
    let text = read_text("the policies file", path)?;
    let list: List = yaml("the policies file", path, &text)?;
    let folder = path.parent().unwrap_or(Path::new("."));
    let place = format!("`{}`", path.display());
    let to_source = |entry: Entry| {
        let settings = entry.settings.filter(|settings| !settings.is_null()).unwrap_or_else(|| json!({}));
        source(entry.name.as_deref(), &folder.join(&entry.module), settings, &place)
    };
    list.policies.into_iter().map(to_source).collect()
}

/// Read a policy's file. Without a name the file's own counts: `gpu_resources.wasm` is `gpu-resources`.
fn source(name: Option<&str>, path: &Path, settings: Value, named_by: &str) -> Result<PolicySource, Error> {
    let stem =
        || path.file_stem().map(|stem| stem.to_string_lossy().replace('_', "-").to_lowercase()).unwrap_or_default();
    let name = name.map_or_else(stem, str::to_owned);
    let name = PolicyId::parse(&name).map_err(|why| Error::Usage {
        what: format!("policy `{}` of {named_by} has no usable name: {why}", path.display()),
        hint: "name it with `--policy NAME=FILE`, or with `name:` in the policies file".into(),
    })?;
    let read = std::fs::read(path);
    let bytes =
        read.map_err(|error| Error::File { what: "the policy", path: path.to_owned(), why: error.to_string() })?;
    Ok(PolicySource { name, path: path.to_owned(), bytes, settings })
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
    let value: Value = serde_saphyr::from_str(value).map_err(|_| wrong())?;
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

fn usage(typed: &str, flag: &str, form: &str) -> Error {
    Error::Usage { what: format!("`{flag} {typed}` cannot be read"), hint: format!("write `{flag} {form}`") }
}

fn yaml<T: serde::de::DeserializeOwned>(what: &'static str, path: &Path, text: &str) -> Result<T, Error> {
    serde_saphyr::from_str(text).map_err(|error| Error::Configuration {
        what,
        path: path.to_owned(),
        why: error.without_snippet().to_string(),
        hint: "docs/policies.md shows what the file may say".into(),
    })
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
