//! The policies file, a list that a platform team ships: modules with their settings, grants and
//! modes, and the limits of all.

use super::files::document;
use super::in_force::WHAT;
use super::path;
use super::source::source;
use crate::error::Error;
use crate::job::Mode;
use crate::policy::{Grants, Limits, PolicySource};
use crate::yaml::{ConfigError, Fault, Map, Node, Position, typed};
use std::path::Path;

/// Read the list: its policies in their order, and the limits.
pub fn read(path: &Path) -> Result<(Vec<PolicySource>, Limits), Error> {
    list(path).map_err(|error| match error {
        Error::Config(error) => {
            error.or_hint("the format of the file is in docs/policies.md").into()
        }
        error => error,
    })
}

fn list(path: &Path) -> Result<(Vec<PolicySource>, Limits), Error> {
    let list = document(WHAT, path)?;
    let list = Fields::of(WHAT, &list, &["policies", "limits"])?;
    let policies = typed::list("`policies`", list.needed("policies")?)?;
    let sources = policies.iter().map(|entry| policy(path, entry)).collect::<Result<_, _>>()?;
    let limits = list.get("limits").map(limits).transpose()?;
    Ok((sources, limits.unwrap_or_default()))
}

fn policy(file: &Path, entry: &Node) -> Result<PolicySource, Error> {
    let keys = ["name", "module", "settings", "grant", "deny", "mode"];
    let fields = Fields::of("a policy", entry, &keys)?;
    let name = fields.get("name").map(|name| typed::text("`name`", name)).transpose()?;
    let module = typed::text("`module`", fields.needed("module")?)?;
    let module = path::path(Path::new(module), "the policy")?;
    let module = file.parent().unwrap_or(Path::new(".")).join(module);
    let grant = fields.words("grant")?;
    let deny = fields.words("deny")?;
    let mode = fields
        .get("mode")
        .map(|mode| typed::one_of("`mode`", mode, &["enforce", "audit"]))
        .transpose()?;
    let mut source = source(name, &module, &format!("`{}`", file.display()))?;
    if let Some(settings) = fields.get("settings") {
        source.settings = settings.to_json();
        source.typed = settings.typed_scalars();
    }
    let grants = Grants::new(grant.as_deref(), &deny.unwrap_or_default());
    source.grants =
        grants.map_err(|why| wrong(format!("policy `{}`: {why}", source.name), &entry.at))?;
    source.mode = if mode == Some("audit") { Mode::Audit } else { Mode::Enforce };
    Ok(source)
}

fn limits(node: &Node) -> Result<Limits, ConfigError> {
    let mut limits = Limits::default();
    for entry in typed::map("`limits`", node)?.iter() {
        let typed = entry.value.as_typed().map(str::to_owned);
        let text = typed.unwrap_or_else(|| entry.value.to_json().to_string());
        limits
            .set(&entry.key, &text)
            .map_err(|why| wrong(format!("`limits`: {why}"), &entry.at))?;
    }
    Ok(limits)
}

/// A mapping of which every key is known; null counts as missing.
struct Fields<'n> {
    what: &'static str,
    map: &'n Map,
    at: &'n Position,
}

impl<'n> Fields<'n> {
    fn of(what: &'static str, node: &'n Node, known: &[&str]) -> Result<Self, ConfigError> {
        let map = typed::map(what, node)?;
        typed::known_keys(what, map, known)?;
        Ok(Self { what, map, at: &node.at })
    }

    fn get(&self, key: &str) -> Option<&'n Node> {
        self.map.value(key).filter(|value| !value.is_null())
    }

    fn needed(&self, key: &str) -> Result<&'n Node, ConfigError> {
        self.get(key).ok_or_else(|| wrong(format!("{}: missing `{key}`", self.what), self.at))
    }

    fn words(&self, key: &str) -> Result<Option<Vec<String>>, ConfigError> {
        let Some(node) = self.get(key) else { return Ok(None) };
        let word = |word| typed::text(&format!("a word of `{key}`"), word).map(str::to_owned);
        typed::list(&format!("`{key}`"), node)?.iter().map(word).collect::<Result<_, _>>().map(Some)
    }
}

fn wrong(why: String, at: &Position) -> ConfigError {
    ConfigError::new(Fault::Schema, why).at(at)
}
