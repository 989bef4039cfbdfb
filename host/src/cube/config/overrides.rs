//! `-P a.b.c=value`: one value of the configuration, given on the command line. An override changes
//! exactly the value that its path names.

use super::merge::merge;
use crate::cube::limits::OVERRIDE_KEYS;
use crate::omegaconf::{self, Key};
use crate::yaml::{self, ConfigError, Data, Fault, Map, Node, Origin, Position, pyyaml, quote};

/// The beginning of an override, in positions too.
const FLAG: &str = "-P ";

/// A path and the value that goes there.
pub struct Override {
    keys: Vec<String>,
    value: Node,
}

/// Read the overrides in the order in which they were typed.
pub fn parse(typed: &[String]) -> Result<Vec<Override>, ConfigError> {
    let mut weight = 0;
    typed.iter().map(|argument| parse_one(argument, &mut weight)).collect()
}

fn parse_one(typed: &str, weight: &mut usize) -> Result<Override, ConfigError> {
    let Some((path, text)) = typed.split_once('=') else {
        let error = ConfigError::new(Fault::Syntax, format!("`-P {}` has no `=`", quote(typed)));
        return Err(error.with_hint("write `-P path.to.value=…`"));
    };
    let origin = Origin::Argument(format!("{FLAG}{}", quote(path)).into());
    let keys = keys(path).ok_or_else(|| {
        let message = format!("`{}` is not a dotted path", quote(path));
        let error = ConfigError::new(Fault::Syntax, message).at(&origin.whole());
        error.with_hint("write keys with dots between them, such as `docker.image`")
    })?;
    Ok(Override { keys, value: yaml::read_beside(text, &origin, pyyaml::plain, weight)? })
}

/// The keys of a path from the root, unless it is none or too long.
fn keys(path: &str) -> Option<Vec<String>> {
    if path.matches(['.', '[']).count() > OVERRIDE_KEYS {
        return None;
    }
    let (dots, keys) = omegaconf::parse_path(path).ok()?;
    if dots > 0 || keys.len() > OVERRIDE_KEYS {
        return None;
    }
    let name = |key| match key {
        Key::Name(name) => Some(name),
        Key::Interpolation(_) => None,
    };
    keys.into_iter().map(name).collect()
}

/// Whether a value comes from the command line.
pub fn is_typed(at: &Position) -> bool {
    at.source().starts_with(FLAG)
}

impl Override {
    /// Put the value where its path leads; mappings on the way are made when they are missing.
    pub fn apply(&self, tree: &mut Node) -> Result<(), ConfigError> {
        let at = &self.value.at;
        let mut here = tree;
        for (depth, key) in self.keys.iter().enumerate() {
            if here.as_text().is_some_and(omegaconf::is_interpolated) {
                let path = self.keys[..depth].join(".");
                let message =
                    format!("`{}` is an interpolation and has no values of its own", quote(&path));
                let error = ConfigError::new(Fault::Unknown, message).at(at);
                return Err(error.with_hint("override what it leads to"));
            }
            here = enter(here, key, at)?;
        }
        merge(here, self.value.clone());
        Ok(())
    }
}

fn enter<'n>(here: &'n mut Node, key: &str, at: &Position) -> Result<&'n mut Node, ConfigError> {
    if !matches!(here.data, Data::List(_) | Data::Map(_)) {
        *here = Node::new(Data::Map(Map::default()), at);
    }
    let nothing_there = |message: String| ConfigError::new(Fault::Unknown, message).at(at);
    match &mut here.data {
        Data::Map(map) => Ok(map.slot(key, at)),
        Data::List(items) => {
            let found = key.parse().ok().and_then(|index: usize| items.get_mut(index));
            let error = || nothing_there(format!("the list has no item `{}`", quote(key)));
            found.ok_or_else(|| error().with_hint("give the whole list: `-P list=[a, b]`"))
        }
        _ => Err(nothing_there(format!("there is no `{}`", quote(key)))),
    }
}
