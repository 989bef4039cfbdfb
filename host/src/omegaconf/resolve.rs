//! Whole values: everything inside resolved, strictly for use or leniently for showing. Showing
//! never fails; what cannot be resolved is shown as written.

use super::limits::FAULTS;
use super::resolver::Resolver;
use super::values::Spot;
use crate::yaml::{ConfigError, Data, Entry, Map, Node};
use serde_json::Value;

impl<'t> Resolver<'t> {
    /// The value with everything inside resolved; its position is where it is used.
    pub fn resolve(&mut self, spot: Spot<'t>) -> Result<Node, ConfigError> {
        let at = spot.node().at.clone();
        let spot = self.follow(spot)?;
        self.budget.node(spot.node(), &at)?;
        let data = match (&spot, &spot.node().data) {
            (Spot::Place(_, place), Data::List(_)) => {
                self.visit(place, &at, |this| this.resolve_list(&spot))?
            }
            (Spot::Place(_, place), Data::Map(_)) => {
                self.visit(place, &at, |this| this.resolve_map(&spot))?
            }
            (_, data) => data.clone(),
        };
        Ok(Node { data, at })
    }

    /// The value as JSON, for showing: what cannot be resolved stays as written, and says why in
    /// `faults`, as long as they are few.
    pub fn outline(&mut self, spot: Spot<'t>, faults: &mut Vec<ConfigError>) -> Value {
        if spot.node().is_missing() || faults.len() >= FAULTS {
            return spot.node().to_json();
        }
        self.outline_found(spot.clone(), faults).unwrap_or_else(|fault| {
            if !faults.contains(&fault) {
                faults.push(fault);
            }
            spot.node().to_json()
        })
    }

    fn resolve_list(&mut self, spot: &Spot<'t>) -> Result<Data, ConfigError> {
        let items = spot.children().into_iter().map(|(.., child)| self.resolve(child));
        items.collect::<Result<_, _>>().map(Data::List)
    }

    fn resolve_map(&mut self, spot: &Spot<'t>) -> Result<Data, ConfigError> {
        let mut map = Map::default();
        for (key, at, child) in spot.children() {
            map.insert(Entry { key, at, value: self.resolve(child)? });
        }
        Ok(Data::Map(map))
    }

    fn outline_found(
        &mut self,
        spot: Spot<'t>,
        faults: &mut Vec<ConfigError>,
    ) -> Result<Value, ConfigError> {
        let at = spot.node().at.clone();
        let spot = self.follow(spot)?;
        self.budget.node(spot.node(), &at)?;
        let Spot::Place(node, place) = &spot else { return Ok(spot.node().to_json()) };
        match node.data {
            Data::List(_) => self.visit(place, &at, |this| {
                let items =
                    spot.children().into_iter().map(|(.., child)| this.outline(child, faults));
                Ok(items.collect())
            }),
            Data::Map(_) => self.visit(place, &at, |this| {
                let entries = spot.children().into_iter();
                let entries =
                    entries.map(|(key, _, child)| (key.to_string(), this.outline(child, faults)));
                Ok(entries.collect())
            }),
            _ => Ok(node.to_json()),
        }
    }
}
