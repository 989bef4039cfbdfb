//! The system settings: the entry of `platforms` that completes the runner's section. The file is
//! only read; a missing file and an empty one mean the same.

use super::merge::merge;
use super::names::RUNNERS;
use crate::cube::request::Source;
use crate::yaml::{
    self, ConfigError, Data, Fault, Map, Node, Origin, nearest, pyyaml, quote, typed,
};

/// The keys of the system settings, with those of MLCube's other runners.
const KEYS: [&str; 9] =
    ["platforms", "runners", "storage", "k8s", "kubernetes", "docker", "singularity", "ssh", "gcp"];

/// The entry of the wanted platform, or of this runner when none is wanted. A top-level section
/// named like the runner is an older form of the runner's own entry.
pub fn entry(
    system: Option<&Source>,
    wanted: Option<&str>,
    warnings: &mut Vec<String>,
) -> Result<Option<Node>, ConfigError> {
    let is_own = wanted.is_none_or(|name| RUNNERS.contains(&name));
    let Some(system) = system else {
        return match wanted {
            Some(name) if !is_own => Err(no_settings(name)),
            _ => Ok(None),
        };
    };
    let origin = Origin::file(&system.path);
    let settings = yaml::read(&system.text, &origin, pyyaml::plain)?;
    let empty = Map::default();
    let settings = mapping(&settings, "the file", &empty)?;
    for entry in settings.iter().filter(|entry| !KEYS.contains(&&*entry.key)).take(200) {
        if let Some(meant) = nearest::meant(&entry.key, KEYS) {
            let key = quote(&entry.key);
            warnings.push(format!(
                "`{}`: the system settings have an unknown key `{key}`, which is ignored; did you \
                 mean `{meant}`?",
                entry.at
            ));
        }
    }
    let platforms = settings
        .value("platforms")
        .map_or(Ok(&empty), |node| mapping(node, "`platforms`", &empty))?;
    if is_own {
        return own_entry(settings, platforms, wanted);
    }
    let name = wanted.unwrap_or_default();
    let Some(entry) = platforms.value(name) else {
        let error =
            ConfigError::new(Fault::Unknown, format!("there is no platform `{}`", quote(name)));
        return Err(error.at(&origin.whole()).with_choices(name, platforms.keys()));
    };
    mapping(entry, &format!("platform `{}`", quote(name)), &empty)?;
    Ok(Some(entry.clone()))
}

/// The runner's own entry: the older form below, `platforms` above, the wanted spelling first.
fn own_entry(
    settings: &Map,
    platforms: &Map,
    wanted: Option<&str>,
) -> Result<Option<Node>, ConfigError> {
    let find = |map: &Map| {
        let mut names = wanted.into_iter().chain(RUNNERS);
        names.find_map(|name| map.value(name).filter(|node| !node.is_null())).cloned()
    };
    let older = find(settings);
    let newer = find(platforms);
    let empty = Map::default();
    for entry in older.iter().chain(&newer) {
        mapping(entry, "the runner's entry", &empty)?;
    }
    let Some(mut entry) = older else { return Ok(newer) };
    if let Some(newer) = newer {
        merge(&mut entry, newer);
    }
    Ok(Some(entry))
}

fn no_settings(name: &str) -> ConfigError {
    let message =
        format!("there is no platform `{}`: there is no system settings file", quote(name));
    let error = ConfigError::new(Fault::Unknown, message);
    error.with_hint("write `platforms` into `~/mlcube.yaml`, or leave `--platform` out")
}

fn mapping<'n>(node: &'n Node, what: &str, empty: &'n Map) -> Result<&'n Map, ConfigError> {
    match &node.data {
        Data::Map(map) => Ok(map),
        Data::Null(_) => Ok(empty),
        _ => Err(typed::wrong(what, node, "a mapping")),
    }
}
