//! Resolves values: follows `${…}` through the tree, lazily, the way OmegaConf does.
//!
//! Invariant: a value nobody asks for is never looked at, so a fault in it is nobody's fault.

use super::budget::Budget;
use super::grammar::{self, Interpolation, Key, Part, Target};
use super::resolvers;
use super::spot::{self, Place, Spot, to_text};
use crate::yaml::{ConfigError, Data, Fault, Node, Position, nearest, quote};

/// What following a path came to.
pub(crate) enum Walk<'t> {
    Found(Spot<'t>),
    /// A sentence that says where the path ends, and advice.
    Nowhere(String, Option<String>),
}

pub(crate) struct Resolver<'t> {
    root: &'t Node,
    pub(crate) env: &'t dyn Fn(&str) -> Option<String>,
    /// Places under evaluation, to notice circles.
    stack: Vec<Place>,
    pub(crate) budget: Budget,
}

impl<'t> Resolver<'t> {
    pub(crate) fn new(root: &'t Node, env: &'t dyn Fn(&str) -> Option<String>) -> Self {
        Self { root, env, stack: Vec::new(), budget: Budget::default() }
    }

    pub(crate) fn root(&self) -> Spot<'t> {
        Spot::Place(self.root, Vec::new())
    }

    /// Follows a value that is an interpolation to what it stands for; a container is not looked into.
    pub(crate) fn follow(&mut self, spot: Spot<'t>) -> Result<Spot<'t>, ConfigError> {
        let Spot::Place(node, place) = &spot else { return Ok(spot) };
        let Some(text) = node.as_text() else { return Ok(spot) };
        if node.is_missing() {
            let path = self.path(place);
            let error =
                ConfigError::new(Fault::Schema, format!("`{path}` is `???`: a value that must be given, and was not"));
            return Err(error.at(&node.at).with_hint(format!("give it with `-P {path}=…`, or write it in the file")));
        }
        if !grammar::is_interpolated(text) {
            return Ok(spot);
        }
        self.budget.text(text, &node.at)?;
        let parts = grammar::parse(text).map_err(|why| {
            let error =
                self.fault(place, &node.at, &format!("the interpolation in `{}` is malformed: {why}", quote(text)));
            error.with_hint("write `\\${` for a plain `${`")
        })?;
        self.visit(place, &node.at, |this| this.evaluate(&parts, &node.at, place))
    }

    /// A text of parts: one interpolation alone keeps its type, all else becomes text.
    fn evaluate(&mut self, parts: &[Part], at: &Position, place: &Place) -> Result<Spot<'t>, ConfigError> {
        if let [Part::Interpolation(alone)] = parts {
            return self.interpolate(alone, at, place);
        }
        self.concatenate(parts, at, place).map(|text| Spot::Made(Node::text(text, at)))
    }

    pub(crate) fn concatenate(&mut self, parts: &[Part], at: &Position, place: &Place) -> Result<String, ConfigError> {
        let mut text = String::new();
        for part in parts {
            let interpolation = match part {
                Part::Text(plain) => {
                    text.push_str(plain);
                    continue;
                }
                Part::Interpolation(interpolation) => interpolation,
            };
            let spot = self.interpolate(interpolation, at, place)?;
            let Some(value) = to_text(spot.node()) else {
                let message = format!(
                    "`{}` is {} and cannot stand inside a text",
                    quote(&interpolation.source),
                    spot.node().kind()
                );
                return Err(self.fault(place, at, &message));
            };
            self.budget.bytes(value.len(), at)?;
            text.push_str(&value);
        }
        Ok(text)
    }

    pub(crate) fn interpolate(
        &mut self,
        interpolation: &Interpolation,
        at: &Position,
        place: &Place,
    ) -> Result<Spot<'t>, ConfigError> {
        self.guarded(at, |this| match &interpolation.target {
            Target::Call { resolver, arguments } => resolvers::call(this, resolver, arguments, at, place),
            Target::Path { dots, keys } => match this.walk(*dots, keys, at, place)? {
                Walk::Found(spot) => this.follow(spot),
                Walk::Nowhere(why, hint) => {
                    let error =
                        this.fault(place, at, &format!("`{}` leads nowhere: {why}", quote(&interpolation.source)));
                    Err(hint.into_iter().fold(error, ConfigError::with_hint))
                }
            },
        })
    }

    /// Follows a path from the root, or with dots from the container around `place`; the end is not yet followed.
    pub(crate) fn walk(
        &mut self,
        dots: usize,
        keys: &[Key],
        at: &Position,
        place: &Place,
    ) -> Result<Walk<'t>, ConfigError> {
        let mut here = match (dots, place.len().checked_sub(dots)) {
            (0, _) => self.root(),
            (_, Some(length)) => Spot::Place(spot::node(self.root, &place[..length]), place[..length].to_vec()),
            (_, None) => {
                return Ok(Walk::Nowhere("its dots climb above the root".to_owned(), None));
            }
        };
        let mut path = Vec::new();
        for key in keys {
            let key = self.key(key, at, place)?;
            here = self.follow(here)?;
            match here.child(&key) {
                Some(child) => here = child,
                None => return Ok(nowhere(&path, here.node(), &key)),
            }
            path.push(key);
        }
        Ok(Walk::Found(here))
    }

    fn key(&mut self, key: &Key, at: &Position, place: &Place) -> Result<String, ConfigError> {
        let interpolation = match key {
            Key::Name(name) => return Ok(name.clone()),
            Key::Interpolation(interpolation) => interpolation,
        };
        let spot = self.interpolate(interpolation, at, place)?;
        match &spot.node().data {
            Data::Text(text) => Ok(text.clone()),
            Data::Int(value) => Ok(value.to_string()),
            _ => {
                let message =
                    format!("`{}` is {} and cannot be a key", quote(&interpolation.source), spot.node().kind());
                Err(self.fault(place, at, &message))
            }
        }
    }

    /// The dotted path of a place, for messages.
    pub(crate) fn path(&self, place: &[usize]) -> String {
        quote(&spot::path(self.root, place))
    }

    pub(crate) fn fault(&self, place: &[usize], at: &Position, message: &str) -> ConfigError {
        ConfigError::new(Fault::Interpolation, format!("`{}`: {message}", self.path(place))).at(at)
    }

    /// Works inside a place; to come back to it from there is a circle.
    pub(crate) fn visit<T>(
        &mut self,
        place: &Place,
        at: &Position,
        inside: impl FnOnce(&mut Self) -> Result<T, ConfigError>,
    ) -> Result<T, ConfigError> {
        if let Some(first) = self.stack.iter().position(|other| other == place) {
            let circle = self.stack[first..].iter().chain([place]).map(|place| format!("`{}`", self.path(place)));
            let message = format!("interpolation runs in a circle: {}", circle.collect::<Vec<_>>().join(" → "));
            return Err(ConfigError::new(Fault::Interpolation, message).at(at));
        }
        self.stack.push(place.clone());
        let result = self.guarded(at, inside);
        self.stack.pop();
        result
    }

    /// Works one level deeper, if the budget allows.
    pub(crate) fn guarded<T>(
        &mut self,
        at: &Position,
        inside: impl FnOnce(&mut Self) -> Result<T, ConfigError>,
    ) -> Result<T, ConfigError> {
        self.budget.enter(at)?;
        let result = inside(self);
        self.budget.leave();
        result
    }
}

/// The path so far, and that it does not go on with this key.
fn nowhere<'t>(path: &[String], node: &Node, key: &str) -> Walk<'t> {
    let (path, key) = (quote(&path.join(".")), quote(key));
    let hint = node.as_map().and_then(|map| nearest::advice(&key, map.keys()));
    let why = match (&node.data, path.is_empty()) {
        (Data::Map(_), true) => format!("there is no `{key}`"),
        (Data::Map(_), false) => format!("`{path}` has no `{key}`"),
        (Data::List(_), _) => format!("`{path}` is a list without an item `{key}`"),
        _ => format!("`{path}` is {} and has no `{key}`", node.kind()),
    };
    Walk::Nowhere(why, hint)
}
