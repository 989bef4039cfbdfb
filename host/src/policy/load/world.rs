//! The imports and exports of a component, read before any of its code runs.

use crate::job::Capability;
use crate::policy::guest::interfaces::{Access, INTERFACES};
use crate::policy::guest::wasi;
use crate::text::clean;
use wasmtime::Engine;
use wasmtime::component::Component;

/// The one interface that a policy exports.
const CONTRACT: &str = "mlcube:policy/policy@0.1.0";

/// The most foreign imports that an error names.
const MOST_NAMED: usize = 10;
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
}

impl World {
    /// Read a component's type.
    pub fn of(component: &Component, engine: &Engine) -> Self {
        let component = component.component_type();
        let exports = component.exports(engine).map(|(name, _)| for_people(name));
        let exports: Vec<String> = exports.collect();
        let is_policy = exports.iter().any(|name| name == CONTRACT);
        let mut world = Self { is_policy, exports, ..Self::default() };
        let mut others = Vec::new();
        for (import, _) in component.imports(engine) {
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
    pub fn why_not_a_policy(&self) -> Option<String> {
        if !self.is_policy {
            return Some(format!("it does not export `{CONTRACT}`"));
        }
        if self.foreign.is_empty() {
            return None;
        }
        let named = self.foreign.iter().take(MOST_NAMED).map(|import| format!("`{import}`"));
        let mut named: Vec<_> = named.collect();
        let more = self.foreign.len() - named.len();
        if more > 0 {
            named.push(format!("{more} more"));
        }
        Some(format!("it imports {}, which the host does not provide", named.join(", ")))
    }
}

/// A name from a component, which may contain anything.
fn for_people(name: &str) -> String {
    clean(name, LONGEST_NAME)
}
