//! The resolvers of OmegaConf that a cube may call: `oc.env`, `oc.select`, `oc.decode`.
//!
//! Invariant: the environment is the only thing outside the configuration that a resolver sees.

use super::element::{self, Element};
use super::grammar;
use super::interpolation::{Resolver, Walk};
use super::spot::{Place, Spot, to_text};
use crate::yaml::{ConfigError, Data, Map, Node, Position, quote};

const KNOWN: [&str; 3] = ["oc.env", "oc.select", "oc.decode"];

pub(crate) fn call<'t>(
    resolver: &mut Resolver<'t>,
    name: &str,
    arguments: &[Element],
    at: &Position,
    place: &Place,
) -> Result<Spot<'t>, ConfigError> {
    let most = match name {
        "oc.env" | "oc.select" => 2,
        "oc.decode" => 1,
        _ => return Err(unknown(resolver, name, at, place)),
    };
    if arguments.is_empty() || arguments.len() > most {
        let message = format!(
            "`{name}` takes {} and was given {}",
            ["one argument", "one or two arguments"][most - 1],
            arguments.len()
        );
        return Err(resolver.fault(place, at, &message));
    }
    let mut values = Vec::new();
    for argument in arguments {
        values.push(evaluate(resolver, argument, at, place)?);
    }
    let default = if most == 2 && values.len() == 2 { values.pop() } else { None };
    let Some(first) = values.pop() else { return Ok(Spot::Made(Node::new(Data::Null, at))) };
    if name == "oc.decode" && first.is_null() {
        return Ok(Spot::Made(first));
    }
    let Data::Text(text) = &first.data else {
        return Err(resolver.fault(place, at, &format!("`{name}` needs text and was given {}", first.kind())));
    };
    match name {
        "oc.env" => env(resolver, text, default, at, place),
        "oc.select" => select(resolver, text, default, at, place),
        _ => decode(resolver, text, at, place),
    }
}

fn env<'t>(
    resolver: &mut Resolver<'t>,
    name: &str,
    default: Option<Node>,
    at: &Position,
    place: &Place,
) -> Result<Spot<'t>, ConfigError> {
    let value = match ((resolver.env)(name), default) {
        (Some(value), _) => Some(value),
        (None, Some(default)) if default.is_null() => return Ok(Spot::Made(default)),
        (None, Some(default)) => to_text(&default),
        (None, None) => {
            let error = resolver.fault(place, at, &format!("the environment variable `{}` is not set", quote(name)));
            return Err(error.with_hint(format!("set it, or give a default: `${{oc.env:{},…}}`", quote(name))));
        }
    };
    match value {
        Some(value) => {
            resolver.budget.bytes(value.len(), at)?;
            Ok(Spot::Made(Node::text(value, at)))
        }
        None => Err(resolver.fault(place, at, "the default of `oc.env` must be a single value")),
    }
}

fn select<'t>(
    resolver: &mut Resolver<'t>,
    path: &str,
    default: Option<Node>,
    at: &Position,
    place: &Place,
) -> Result<Spot<'t>, ConfigError> {
    let (dots, keys) =
        grammar::parse_path(path).map_err(|why| resolver.fault(place, at, &format!("`oc.select`: {why}")))?;
    match resolver.walk(dots, &keys, at, place)? {
        Walk::Found(spot) if !spot.node().is_missing() => resolver.follow(spot),
        _ => Ok(Spot::Made(default.unwrap_or_else(|| Node::new(Data::Null, at)))),
    }
}

fn decode<'t>(resolver: &mut Resolver<'t>, text: &str, at: &Position, place: &Place) -> Result<Spot<'t>, ConfigError> {
    let element = element::single(text)
        .map_err(|why| resolver.fault(place, at, &format!("`oc.decode` cannot read `{}`: {why}", quote(text))))?;
    evaluate(resolver, &element, at, place).map(Spot::Made)
}

fn evaluate(resolver: &mut Resolver<'_>, element: &Element, at: &Position, place: &Place) -> Result<Node, ConfigError> {
    resolver.guarded(at, |resolver| {
        let data = match element {
            Element::Scalar(data) => data.clone(),
            Element::Text(parts) => Data::Text(resolver.concatenate(parts, at, place)?),
            Element::Interpolation(interpolation) => {
                let spot = resolver.interpolate(interpolation, at, place)?;
                return resolver.resolve(spot);
            }
            Element::List(items) => {
                let items = items.iter().map(|item| evaluate(resolver, item, at, place));
                Data::List(items.collect::<Result<_, _>>()?)
            }
            Element::Map(entries) => {
                let mut map = Map::default();
                for (key, value) in entries {
                    map.set(key, evaluate(resolver, value, at, place)?);
                }
                Data::Map(map)
            }
        };
        Ok(Node::new(data, at))
    })
}

fn unknown(resolver: &Resolver<'_>, name: &str, at: &Position, place: &Place) -> ConfigError {
    let error = resolver.fault(place, at, &format!("the resolver `{}` is not known here", quote(name)));
    match name {
        "env" => error.with_hint("write `oc.env`: OmegaConf dropped the short form"),
        _ => error.with_choices(name, KNOWN),
    }
}
