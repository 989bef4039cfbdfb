//! The effective configuration as JSON, for showing.

use crate::cube::request::Request;
use crate::omegaconf::Resolver;
use crate::yaml::{ConfigError, Node};
use serde_json::{Map, Value};

/// The effective configuration as JSON.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// Merged, with its interpolations as written.
    pub written: Value,
    /// Merged and resolved; an interpolation that cannot be resolved stays as written.
    pub resolved: Value,
    /// The reasons for those that stay.
    pub faults: Vec<ConfigError>,
    /// What is wrong with it, and the keys that nothing reads.
    pub warnings: Vec<String>,
}

impl Config {
    /// The configuration of a merged tree, resolved with a budget of its own, so that showing takes
    /// nothing away from reading.
    pub(crate) fn of(tree: &Node, request: &Request<'_>) -> Config {
        let mut resolver = Resolver::new(tree, request.env);
        let mut faults = Vec::new();
        let resolved = resolver.outline(resolver.root(), &mut faults);
        Config { written: tree.to_json(), resolved, faults, warnings: Vec::new() }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            written: Value::Object(Map::new()),
            resolved: Value::Object(Map::new()),
            faults: Vec::new(),
            warnings: Vec::new(),
        }
    }
}
