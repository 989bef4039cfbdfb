//! The functions that a guest can call: the table of the contract's interfaces, and a file for
//! each. A function checks its arguments, acts, answers, and counts the bytes that crossed.

mod cluster;
mod containers;
mod edits;
mod environment;
mod failure;
mod fields;
mod job;
mod lifecycle;
mod log;
mod metadata;
mod patch;
mod quantities;
mod readers;
mod resources;
mod scheduling;
mod settings;
mod storage;
mod task;

use super::bindings as wit;
use super::evaluation::Evaluation;
use crate::job::Capability;
use wasmtime::component::{HasSelf, Linker};

/// An interface of the contract.
#[derive(Clone, Copy)]
pub struct Interface {
    /// Its name: `job` of `mlcube:policy/job@0.1.0`.
    pub name: &'static str,
    /// The access that importing it gives.
    pub access: Access,
    /// Add it to a linker.
    pub link: fn(&mut Linker<Evaluation>) -> wasmtime::Result<()>,
}

/// The access that importing an interface gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Nothing: it only names types.
    Types,
    /// Nothing: it only takes last words.
    Nothing,
    /// Reading the Job, the task or the settings, comparing, or logging.
    Reads,
    /// Acting: a capability.
    Acts(Capability),
}

/// The row of an interface, whose name in Rust is its name in the contract.
macro_rules! row {
    ($interface:ident, $access:expr) => {
        Interface {
            name: stringify!($interface),
            access: $access,
            link: |linker| {
                wit::$interface::add_to_linker::<_, HasSelf<_>>(linker, |state: &mut Evaluation| {
                    state.entered(stringify!($interface))
                })
            },
        }
    };
}

/// All interfaces that a policy may import.
pub const INTERFACES: [Interface; 15] = [
    row!(types, Access::Types),
    row!(failure, Access::Nothing),
    row!(job, Access::Reads),
    row!(task, Access::Reads),
    row!(settings, Access::Reads),
    row!(quantities, Access::Reads),
    row!(log, Access::Reads),
    row!(scheduling, Access::Acts(Capability::Scheduling)),
    row!(resources, Access::Acts(Capability::Resources)),
    row!(storage, Access::Acts(Capability::Storage)),
    row!(containers, Access::Acts(Capability::Containers)),
    row!(lifecycle, Access::Acts(Capability::Lifecycle)),
    row!(metadata, Access::Acts(Capability::Metadata)),
    row!(patch, Access::Acts(Capability::Patch)),
    row!(cluster, Access::Acts(Capability::Cluster)),
];

impl Interface {
    /// Whether an import of a component is this interface.
    pub fn is(&self, import: &str) -> bool {
        let name = import.strip_prefix("mlcube:policy/");
        name.and_then(|name| name.strip_suffix("@0.1.0")) == Some(self.name)
    }
}

impl wit::types::Host for Evaluation {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_capability_has_an_interface_of_its_name() {
        let acting = INTERFACES.iter().filter_map(|interface| match interface.access {
            Access::Acts(capability) => Some((interface.name, capability)),
            _ => None,
        });
        let expected = Capability::ALL.map(|capability| (capability.as_str(), capability));
        assert_eq!(acting.collect::<Vec<_>>(), expected);
    }
}
