//! Calls: their arguments are evaluated, and what the function says is done.

use super::functions::{CallError, Function, Step};
use super::resolver::{Resolver, Walk};
use super::syntax::Element;
use super::values::Spot;
use crate::yaml::{ConfigError, Data, Map, Node, Position};

impl<'t> Resolver<'t> {
    /// The value of a call such as `${oc.env:X}`.
    pub(super) fn call(
        &mut self,
        name: &str,
        arguments: &[Element],
        at: &Position,
        place: &[usize],
    ) -> Result<Spot<'t>, ConfigError> {
        let function = Function::find(name, arguments.len())
            .map_err(|error| self.refused(error, at, place))?;
        let mut values = Vec::new();
        for argument in arguments {
            values.push(self.argument(argument, at, place)?);
        }
        let mut values = values.into_iter();
        let first = values.next().unwrap_or_else(|| Node::null(at));
        let step = function.call(first, values.next(), self.env);
        match step.map_err(|error| self.refused(error, at, place))? {
            Step::Value(node) => Ok(Spot::Made(node)),
            Step::Text(text) => {
                self.budget.bytes(text.len(), at)?;
                Ok(Spot::Made(Node::text(text, at)))
            }
            Step::Select { dots, keys, default } => match self.walk(dots, &keys, at, place)? {
                Walk::Found(spot) if !spot.node().is_missing() => self.follow(spot),
                _ => Ok(Spot::Made(default.unwrap_or_else(|| Node::null(at)))),
            },
            Step::Evaluate(element) => self.argument(&element, at, place).map(Spot::Made),
        }
    }

    /// The value of an argument.
    fn argument(
        &mut self,
        argument: &Element,
        at: &Position,
        place: &[usize],
    ) -> Result<Node, ConfigError> {
        self.guarded(at, |this| {
            let data = match argument {
                Element::Scalar(data) => data.clone(),
                Element::Text(parts) => Data::Text(this.concatenate(parts, at, place)?),
                Element::Interpolation(interpolation) => {
                    let spot = this.interpolate(interpolation, at, place)?;
                    return this.resolve(spot);
                }
                Element::List(items) => {
                    let items = items.iter().map(|item| this.argument(item, at, place));
                    Data::List(items.collect::<Result<_, _>>()?)
                }
                Element::Map(entries) => {
                    let mut map = Map::default();
                    for (key, value) in entries {
                        map.set(key, this.argument(value, at, place)?);
                    }
                    Data::Map(map)
                }
            };
            Ok(Node::new(data, at))
        })
    }

    fn refused(&self, error: CallError, at: &Position, place: &[usize]) -> ConfigError {
        let fault = self.fault(place, at, &error.message);
        error.hint.into_iter().fold(fault, ConfigError::with_hint)
    }
}
