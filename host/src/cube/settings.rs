//! The system settings: which entry of `platforms` completes the runner's section.
//!
//! Invariant: the file is only read; a missing file and an empty one mean the same.

use super::Source;
use super::config::{self, RUNNERS};
use crate::yaml::{self, ConfigError, Data, Fault, Map, Node, Origin, pyyaml, quote};

/// The entry of the wanted platform, or of this runner when none is wanted. A top-level section named like the runner is
/// an older form of the runner's own entry.
pub(crate) fn platform(system: Option<&Source>, wanted: Option<&str>) -> Result<Option<Node>, ConfigError> {
    let own = wanted.is_none_or(|name| RUNNERS.contains(&name));
    let Some(system) = system else {
        let error = |name: &str| {
            let error = ConfigError::new(
                Fault::Unknown,
                format!("there is no platform `{}`: there is no system settings file", quote(name)),
            );
            error.with_hint("write `platforms` into `~/mlcube.yaml`, or leave `--platform` out")
        };
        return wanted.filter(|_| !own).map_or(Ok(None), |name| Err(error(name)));
    };
    let origin = Origin::file(&system.path);
    let settings = yaml::read(&system.text, &origin, pyyaml::plain)?;
    let empty = Map::default();
    let settings = mapping(&settings, "the file", &empty)?;
    let platforms = settings.value("platforms").map_or(Ok(&empty), |node| mapping(node, "`platforms`", &empty))?;
    if own {
        return own_entry(settings, platforms, wanted);
    }
    let name = wanted.unwrap_or_default();
    match platforms.value(name) {
        Some(entry) => mapping(entry, &format!("platform `{}`", quote(name)), &empty).map(|_| Some(entry.clone())),
        None => {
            let message = format!("there is no platform `{}`", quote(name));
            Err(ConfigError::new(Fault::Unknown, message).at(&origin.whole()).with_choices(name, platforms.keys()))
        }
    }
}

/// The runner's own entry: the older form below, `platforms` above, the wanted spelling first.
fn own_entry(settings: &Map, platforms: &Map, wanted: Option<&str>) -> Result<Option<Node>, ConfigError> {
    let find = |map: &Map| {
        let names = wanted.into_iter().chain(RUNNERS);
        names.filter_map(|name| map.value(name)).find(|node| !node.is_null()).cloned()
    };
    let empty = Map::default();
    for entry in [find(settings), find(platforms)].iter().flatten() {
        mapping(entry, "the runner's entry", &empty)?;
    }
    Ok(match (find(settings), find(platforms)) {
        (Some(mut older), Some(entry)) => {
            config::merge(&mut older, entry);
            Some(older)
        }
        (older, entry) => entry.or(older),
    })
}

fn mapping<'n>(node: &'n Node, what: &str, empty: &'n Map) -> Result<&'n Map, ConfigError> {
    match &node.data {
        Data::Map(map) => Ok(map),
        Data::Null => Ok(empty),
        _ => Err(ConfigError::new(Fault::Schema, format!("{what} is {}, not a mapping", node.kind())).at(&node.at)),
    }
}
