//! The setting `pvc`: one claim for inputs and outputs, or one for each.

use super::section::{Section, label};
use super::types::Claims;
use crate::cube::config::DEFAULTS;
use crate::k8s::{ClaimName, InvalidName};
use crate::omegaconf::Spot;
use crate::yaml::{ConfigError, Fault, Node, Position, typed};

impl<'t> Section<'_, 't> {
    /// The claims; a fault in their values waits until a Job needs them.
    pub fn claims(&mut self) -> Result<Claims, ConfigError> {
        let Some(pvc) = self.spot.child("pvc") else {
            return Ok(both(Err(no_claim("no claim", &self.spot.node().at))));
        };
        let at = pvc.node().at.clone();
        let pvc = match self.resolver.follow(pvc) {
            Ok(pvc) => pvc,
            Err(fault) => return Ok(both(Err(fault))),
        };
        if pvc.node().is_null() {
            return Ok(both(Err(no_claim("no claim: `pvc` is empty", &at))));
        }
        if let Some(map) = pvc.node().as_map() {
            typed::known_keys(&label("pvc"), map, &["input", "output"])?;
            return Ok(Claims {
                input: self.one_claim(&pvc, "input").into(),
                output: self.one_claim(&pvc, "output").into(),
            });
        }
        // A value that was followed lies where it was written; the setting is where it is used.
        let node = Node::new(pvc.node().data.clone(), &at);
        Ok(both(claim_name(&label("pvc"), &node, &self.name_position())))
    }

    fn one_claim(&mut self, pvc: &Spot<'t>, key: &str) -> Result<ClaimName, ConfigError> {
        let node = pvc.child(key).map(|child| self.resolver.resolve(child)).transpose()?;
        match node.filter(|node| !node.is_null()) {
            Some(node) => claim_name(&label(&format!("pvc.{key}")), &node, &node.at),
            None => Err(no_claim(
                &format!("runner setting `pvc` names no `{key}` claim"),
                &pvc.node().at,
            )),
        }
    }

    /// The position of the cube's name, which the claim is called after by default.
    fn name_position(&self) -> Position {
        let name = self.resolver.root().child("name");
        name.map_or_else(|| Position::whole(DEFAULTS), |name| name.node().at.clone())
    }
}

fn both(claim: Result<ClaimName, ConfigError>) -> Claims {
    Claims { input: claim.clone().into(), output: claim.into() }
}

fn no_claim(message: &str, at: &Position) -> ConfigError {
    ConfigError::new(Fault::Schema, message)
        .at(at)
        .with_hint("set `pvc: name`, or `pvc: {input: …, output: …}`, in the section `k8s`")
}

/// The claim that a value names; `name` is the position of the cube's name.
fn claim_name(label: &str, node: &Node, name: &Position) -> Result<ClaimName, ConfigError> {
    typed::text(label, node)?.parse().map_err(|why: InvalidName| {
        let is_default = node.at.source() == DEFAULTS;
        let origin = if is_default { ", by default the cube's `name`" } else { "" };
        let error = ConfigError::new(Fault::Value, format!("{label}{origin}: {why}"));
        let error = error.at(if is_default { name } else { &node.at });
        error.with_hint(
            "set `pvc:` in the section `k8s`, or give `-P k8s.pvc=…`, with the name of an existing \
             claim",
        )
    })
}
