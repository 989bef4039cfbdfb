//! The resolver: follows `${…}` through the tree, lazily, the way OmegaConf does. A value that
//! nobody asks for is never looked at, so a fault in it is nobody's fault.

use super::budget::Budget;
use super::parse;
use super::syntax::{Interpolation, Key, Part, Target, is_interpolated};
use super::values::{self, Place, Spot};
use crate::yaml::{ConfigError, Data, Fault, Node, Position, nearest, quote};

/// The environment, for `${oc.env:…}`.
type Env<'t> = &'t dyn Fn(&str) -> Option<String>;

/// The end of a path.
pub enum Walk<'t> {
    /// To a value, which is not yet followed.
    Found(Spot<'t>),
    /// Nowhere: a sentence that says where the path ends, and advice.
    Nowhere(String, Option<String>),
}

/// A resolver of one tree.
pub struct Resolver<'t> {
    root: &'t Node,
    pub(super) env: Env<'t>,
    /// Places under evaluation, to notice circles.
    stack: Vec<Place>,
    pub(super) budget: Budget,
}

impl<'t> Resolver<'t> {
    /// A resolver with a budget of its own.
    pub fn new(root: &'t Node, env: Env<'t>) -> Self {
        Self { root, env, stack: Vec::new(), budget: Budget::default() }
    }

    /// The root of the tree.
    pub fn root(&self) -> Spot<'t> {
        Spot::Place(self.root, Vec::new())
    }

    /// Follow a value that is an interpolation to what it stands for; a container is not looked
    /// into.
    pub fn follow(&mut self, spot: Spot<'t>) -> Result<Spot<'t>, ConfigError> {
        let Spot::Place(node, place) = &spot else { return Ok(spot) };
        let Some(text) = node.as_text() else { return Ok(spot) };
        if node.is_missing() {
            let path = self.path(place);
            let message = format!("`{path}` is `???`: a value that must be given, and was not");
            let error = ConfigError::new(Fault::Schema, message).at(&node.at);
            return Err(
                error.with_hint(format!("give it with `-P {path}=…`, or write it in the file"))
            );
        }
        if !is_interpolated(text) {
            return Ok(spot);
        }
        self.budget.text(text, &node.at)?;
        let parts = parse::text(text).map_err(|why| {
            let message = format!("the interpolation in `{}` is malformed: {why}", quote(text));
            self.fault(place, &node.at, &message).with_hint("write `\\${` for a plain `${`")
        })?;
        self.visit(place, &node.at, |this| this.evaluate(&parts, &node.at, place))
    }

    /// Follow a path from the root, or with dots from the container around `place`; its end is not
    /// yet followed.
    pub fn walk(
        &mut self,
        dots: usize,
        keys: &[Key],
        at: &Position,
        place: &[usize],
    ) -> Result<Walk<'t>, ConfigError> {
        let mut here = if dots == 0 {
            self.root()
        } else if dots <= place.len() {
            let place = &place[..place.len() - dots];
            Spot::Place(values::node(self.root, place), place.to_vec())
        } else {
            return Ok(Walk::Nowhere("its dots climb above the root".to_owned(), None));
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

    /// Work inside a place; to come back to it from there is a circle.
    pub(super) fn visit<T>(
        &mut self,
        place: &[usize],
        at: &Position,
        inside: impl FnOnce(&mut Self) -> Result<T, ConfigError>,
    ) -> Result<T, ConfigError> {
        if let Some(first) = self.stack.iter().position(|other| other == place) {
            let circle = self.stack[first..].iter().map(Vec::as_slice).chain([place]);
            let circle: Vec<_> = circle.map(|place| format!("`{}`", self.path(place))).collect();
            let message = format!("interpolation runs in a circle: {}", circle.join(" → "));
            return Err(ConfigError::new(Fault::Interpolation, message).at(at));
        }
        self.stack.push(place.to_vec());
        let result = self.guarded(at, inside);
        self.stack.pop();
        result
    }

    /// Work one level deeper, if the budget allows.
    pub(super) fn guarded<T>(
        &mut self,
        at: &Position,
        inside: impl FnOnce(&mut Self) -> Result<T, ConfigError>,
    ) -> Result<T, ConfigError> {
        self.budget.enter(at)?;
        let result = inside(self);
        self.budget.leave();
        result
    }

    /// The value of a text of parts: one interpolation alone keeps its type, all else becomes text.
    fn evaluate(
        &mut self,
        parts: &[Part],
        at: &Position,
        place: &[usize],
    ) -> Result<Spot<'t>, ConfigError> {
        if let [Part::Interpolation(alone)] = parts {
            return self.interpolate(alone, at, place);
        }
        self.concatenate(parts, at, place).map(|text| Spot::Made(Node::text(text, at)))
    }

    pub(super) fn concatenate(
        &mut self,
        parts: &[Part],
        at: &Position,
        place: &[usize],
    ) -> Result<String, ConfigError> {
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
            // A number is put in as it was typed: Python's own form of it is nobody's tag or path.
            let Some(value) = spot.node().as_typed() else {
                let kind = spot.node().kind();
                let message = format!(
                    "`{}` is {kind} and cannot stand inside a text",
                    quote(&interpolation.source)
                );
                let error = self.fault(place, at, &message);
                let is_null = spot.node().is_null();
                return Err(if is_null {
                    error.with_hint("write `''` for an empty text")
                } else {
                    error
                });
            };
            self.budget.bytes(value.len(), at)?;
            text.push_str(value);
        }
        Ok(text)
    }

    pub(super) fn interpolate(
        &mut self,
        interpolation: &Interpolation,
        at: &Position,
        place: &[usize],
    ) -> Result<Spot<'t>, ConfigError> {
        self.guarded(at, |this| match &interpolation.target {
            Target::Call { resolver, arguments } => this.call(resolver, arguments, at, place),
            Target::Path { dots, keys } => match this.walk(*dots, keys, at, place)? {
                Walk::Found(spot) => this.follow(spot),
                Walk::Nowhere(why, hint) => {
                    let message =
                        format!("`{}` leads nowhere: {why}", quote(&interpolation.source));
                    let error = this.fault(place, at, &message);
                    Err(hint.into_iter().fold(error, ConfigError::with_hint))
                }
            },
        })
    }

    /// The key that a step of a path names.
    fn key(&mut self, key: &Key, at: &Position, place: &[usize]) -> Result<String, ConfigError> {
        let interpolation = match key {
            Key::Name(name) => return Ok(name.clone()),
            Key::Interpolation(interpolation) => interpolation,
        };
        let spot = self.interpolate(interpolation, at, place)?;
        match &spot.node().data {
            Data::Text(text) => Ok(text.clone()),
            // Keys are names as they were typed.
            Data::Int(_, typed) => Ok(typed.to_string()),
            _ => {
                let kind = spot.node().kind();
                let message =
                    format!("`{}` is {kind} and cannot be a key", quote(&interpolation.source));
                Err(self.fault(place, at, &message))
            }
        }
    }

    /// The dotted path of a place, for messages.
    fn path(&self, place: &[usize]) -> String {
        quote(&values::path(self.root, place))
    }

    /// An error of the value at a place.
    pub(super) fn fault(&self, place: &[usize], at: &Position, message: &str) -> ConfigError {
        ConfigError::new(Fault::Interpolation, format!("`{}`: {message}", self.path(place))).at(at)
    }
}

/// The path so far, and that it does not go on with this key.
fn nowhere<'t>(path: &[String], node: &Node, key: &str) -> Walk<'t> {
    let path = quote(&path.join("."));
    let key = quote(key);
    let hint = node.as_map().and_then(|map| nearest::advice(&key, map.keys()));
    let why = match &node.data {
        Data::Map(_) if path.is_empty() => format!("there is no `{key}`"),
        Data::Map(_) => format!("`{path}` has no `{key}`"),
        Data::List(_) => format!("`{path}` is a list without an item `{key}`"),
        _ => format!("`{path}` is {} and has no `{key}`", node.kind()),
    };
    Walk::Nowhere(why, hint)
}
