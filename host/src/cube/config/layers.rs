//! The layers of the effective configuration: cube, overrides, runtime and runner, later wins.
//!
//! Merging resolves nothing but the runner's section, so interpolations see the finished tree.

use super::merge::merge;
use super::names::{DEFAULTS, RUNNERS};
use super::overrides::{self, Override};
use super::platform;
use crate::cube::request::{Request, Source};
use crate::omegaconf::{self, Resolver};
use crate::yaml::{
    self, ConfigError, Data, Entry, Fault, Map, Node, Origin, Position, pyyaml, typed,
};
use std::path::{Component, Path, PathBuf};

/// The merged configuration.
pub struct Merged {
    /// The whole tree, before anything in it is resolved.
    pub tree: Node,
    /// Faults of the system settings that are worth telling and stop nothing.
    pub warnings: Vec<String>,
}

/// Merge all layers.
pub fn merged(request: &Request<'_>) -> Result<Merged, ConfigError> {
    let mut warnings = Vec::new();
    let mut tree = read(&request.cube)?;
    let overrides = overrides::parse(&request.overrides)?;
    apply(&mut tree, &overrides)?;
    let Data::Map(map) = &mut tree.data else { return Err(not_a_mapping(&tree)) };
    add_runtime(map, request);
    let platform =
        platform::entry(request.system.as_ref(), request.platform.as_deref(), &mut warnings)?;
    let own = tree.as_map().and_then(|map| map.value("runner")).cloned();
    let layers = own.into_iter().chain(platform).chain(sections(&tree, request)?);
    let runner = runner(layers)?;
    if let Data::Map(map) = &mut tree.data {
        map.set("runner", runner);
    }
    apply(&mut tree, &overrides)?;
    Ok(Merged { tree, warnings })
}

fn read(source: &Source) -> Result<Node, ConfigError> {
    let origin = Origin::file(&source.path);
    let tree = yaml::read(&source.text, &origin, pyyaml::plain)?;
    match &tree.data {
        Data::Map(_) => Ok(tree),
        Data::Null(_) => {
            let error = ConfigError::new(Fault::Schema, "the file is empty").at(&origin.whole());
            Err(error.with_hint("a cube has at least `name`, `docker.image` and `tasks`"))
        }
        _ => Err(not_a_mapping(&tree)),
    }
}

fn not_a_mapping(tree: &Node) -> ConfigError {
    let error = typed::wrong("the file", tree, "a mapping");
    error.with_hint("a cube has at least `name`, `docker.image` and `tasks`")
}

fn apply(tree: &mut Node, overrides: &[Override]) -> Result<(), ConfigError> {
    overrides.iter().try_for_each(|change| change.apply(tree))
}

fn add_runtime(map: &mut Map, request: &Request<'_>) {
    let at = Position::whole("runtime");
    let path =
        |path: &Path| Node::text(omegaconf::escape(&shortest(path).display().to_string()), &at);
    let workspace = match &request.workspace {
        Some(workspace) => path(workspace),
        None => Node::text("${runtime.root}/workspace", &at),
    };
    let mut runtime = Map::default();
    runtime.set("root", path(&request.root));
    runtime.set("workspace", workspace.clone());
    let runtime = Node::new(Data::Map(runtime), &at);
    match map.get_mut("runtime") {
        Some(existing) => merge(existing, runtime),
        None => map.set("runtime", runtime),
    }
    map.set("workspace", workspace);
}

/// An absolute path without `.`, `..` and needless slashes, decided by its text alone, as the
/// reference decides it.
fn shortest(path: &Path) -> PathBuf {
    let mut shortest = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(shortest.pop()),
            Component::CurDir => {}
            part => shortest.push(part),
        }
    }
    shortest
}

/// The cube's own section for this runner, under either of its names; one that was typed goes onto
/// one that was written.
fn sections(tree: &Node, request: &Request<'_>) -> Result<Vec<Node>, ConfigError> {
    let entries =
        tree.as_map().into_iter().flat_map(|map| RUNNERS.iter().filter_map(|name| map.get(name)));
    let entries = entries.filter(|entry| !entry.value.is_null());
    let (typed, written): (Vec<_>, Vec<_>) =
        entries.partition(|entry| overrides::is_typed(&entry.at));
    if let [first, second, ..] = written[..] {
        let message =
            format!("duplicate section `{}`: it means the same as `{}`", second.key, first.key);
        let error = ConfigError::new(Fault::Schema, message).at(&second.at);
        return Err(error.with_hint("keep one of the two"));
    }
    written.into_iter().chain(typed).map(|entry| section(tree, entry, request)).collect()
}

/// A section may be an interpolation as a whole; the values in it stay as written.
fn section(tree: &Node, entry: &Entry, request: &Request<'_>) -> Result<Node, ConfigError> {
    let mut resolver = Resolver::new(tree, request.env);
    let spot = resolver.root().child(&entry.key).unwrap_or_else(|| resolver.root());
    let followed = resolver.follow(spot)?.node().clone();
    if followed.as_map().is_none() {
        let found = typed::shown(&followed);
        let message =
            format!("`{}`: expected a mapping of runner settings, found {found}", entry.key);
        return Err(ConfigError::new(Fault::Schema, message).at(&entry.at));
    }
    Ok(followed)
}

fn runner(layers: impl Iterator<Item = Node>) -> Result<Node, ConfigError> {
    let at = Position::whole(DEFAULTS);
    let mut defaults = Map::default();
    defaults.set("runner", Node::text("k8s", &at));
    defaults.set("pvc", Node::text("${name}", &at));
    defaults.set("image", Node::text("${docker.image}", &at));
    let mut runner = Node::new(Data::Map(defaults), &at);
    for layer in layers.filter(|layer| !layer.is_null()) {
        typed::map("the runner's section", &layer)?;
        merge(&mut runner, layer);
    }
    Ok(runner)
}
