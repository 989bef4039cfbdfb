//! The list of policies that a platform team ships: its modules with their settings, grants and modes, and the limits of all.

use super::policies::source;
use super::{read_text, yaml};
use crate::error::Error;
use crate::job::Mode;
use crate::policy::{Grants, LazyCache, Limits, PolicySource};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};

/// A policies file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    policies: Vec<Entry>,
    #[serde(default)]
    limits: Map<String, Value>,
}

/// One policy of a policies file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: Option<String>,
    module: PathBuf,
    #[serde(default)]
    settings: Option<Value>,
    #[serde(default)]
    grant: Option<Vec<String>>,
    #[serde(default)]
    deny: Vec<String>,
    #[serde(default)]
    mode: EntryMode,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum EntryMode {
    #[default]
    Enforce,
    Audit,
}

/// Read the list: its policies in their order, and the limits.
pub fn read(path: &Path, cache: &LazyCache) -> Result<(Vec<PolicySource>, Limits), Error> {
    const WHAT: &str = "the policies file";
    let list: List = yaml(WHAT, path, &read_text(WHAT, path)?)?;
    let folder = path.parent().unwrap_or(Path::new("."));
    let sources = list.policies.into_iter().map(|entry| entry.into_source(path, folder, cache));
    let sources = sources.collect::<Result<_, _>>()?;
    let mut limits = Limits::default();
    for (key, value) in &list.limits {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        limits.set(key, &text).map_err(|why| wrong(path, format!("limits: {why}")))?;
    }
    Ok((sources, limits))
}

impl Entry {
    fn into_source(self, file: &Path, folder: &Path, cache: &LazyCache) -> Result<PolicySource, Error> {
        let settings = self.settings.filter(|settings| !settings.is_null()).unwrap_or_else(|| json!({}));
        let named_by = format!("`{}`", file.display());
        let mut source = source(self.name.as_deref(), &folder.join(&self.module), settings, &named_by, cache)?;
        let grants = Grants::new(self.grant.as_deref(), &self.deny);
        source.grants = grants.map_err(|why| wrong(file, format!("policy `{}`: {why}", source.name)))?;
        source.mode = match self.mode {
            EntryMode::Enforce => Mode::Enforce,
            EntryMode::Audit => Mode::Audit,
        };
        Ok(source)
    }
}

fn wrong(path: &Path, why: String) -> Error {
    Error::Configuration { what: "the policies file", path: path.to_owned(), why, hint: String::new() }
}
