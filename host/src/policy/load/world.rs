//! The imports and exports of a component, read before any of its code runs.

use super::misfit::{self, Misfit};
use crate::job::Capability;
use crate::policy::artifact::outline::Outline;
use crate::policy::guest::interfaces::{Access, INTERFACES};
use crate::policy::guest::wasi;
use crate::text::clean;

/// The one interface that a policy exports.
pub const CONTRACT: &str = "mlcube:policy/policy@0.1.0";

/// The most bytes of a name in a message.
const LONGEST_NAME: usize = 200;

/// The imports and exports of a component.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct World {
    /// Whether it exports the contract.
    pub is_policy: bool,
    /// The names of all its exports.
    pub exports: Vec<String>,
    /// The interfaces through which it only reads.
    pub reads: Vec<&'static str>,
    /// The capabilities: the ways in which it can act.
    pub capabilities: Vec<Capability>,
    /// The interfaces of WASI that it imports; they are stubbed.
    pub wasi: Vec<String>,
    /// Imports that the host does not provide.
    pub foreign: Vec<String>,
    /// Whether it uses the asynchronous part of the component model.
    pub is_async: bool,
}

impl World {
    /// The world of a component.
    pub fn of(outline: &Outline) -> Self {
        let exports: Vec<String> = outline.exports.iter().map(|name| for_people(name)).collect();
        let is_policy = exports.iter().any(|name| name == CONTRACT);
        let is_async = outline.is_async;
        let mut world = Self { is_policy, exports, is_async, ..Self::default() };
        let mut others = Vec::new();
        for import in &outline.imports {
            match INTERFACES.iter().find(|interface| interface.is(import)) {
                Some(interface) => match interface.access {
                    Access::Types | Access::Nothing => {}
                    Access::Reads => world.reads.push(interface.name),
                    Access::Acts(capability) => world.capabilities.push(capability),
                },
                None => others.push(for_people(import)),
            }
        }
        // In the order of the table, whatever the component's is.
        let place = |name: &str| INTERFACES.iter().position(|interface| interface.name == name);
        world.reads.sort_by_key(|name| place(name));
        world.capabilities.sort_by_key(|capability| place(capability.as_str()));
        (world.wasi, world.foreign) = others.into_iter().partition(|import| wasi::is_wasi(import));
        world
    }

    /// The reason why a component of this world is not a policy; none if it is one.
    pub fn misfit(&self) -> Option<Misfit> {
        misfit::of(self)
    }
}

/// A name from a component, which may contain anything.
fn for_people(name: &str) -> String {
    clean(name, LONGEST_NAME)
}
