//! The interfaces that a policy may import: what importing each allows, and how it is linked.

use super::World;
use super::bindings as wit;
use super::evaluation::Evaluation;
use wasmtime::Engine;
use wasmtime::component::{HasSelf, Linker};

/// What importing an interface allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Nothing: it only names types.
    Types,
    /// To look at what is there, or to speak: no capability.
    Reads,
    /// To change the Job, or to ask the cluster.
    Capability,
}

/// An interface of the contract.
pub struct Offered {
    pub name: &'static str,
    pub access: Access,
    link: fn(&mut Linker<Evaluation>) -> wasmtime::Result<()>,
}

/// The row of an interface, whose name in Rust is its name in the contract.
macro_rules! row {
    ($access:ident, $interface:ident) => {
        Offered {
            name: stringify!($interface),
            access: Access::$access,
            link: |linker| wit::$interface::add_to_linker::<_, HasSelf<_>>(linker, |state| state),
        }
    };
}

/// All of them.
pub const OFFERED: [Offered; 13] = [
    row!(Types, types),
    row!(Reads, job),
    row!(Reads, task),
    row!(Reads, settings),
    row!(Reads, log),
    row!(Capability, scheduling),
    row!(Capability, resources),
    row!(Capability, storage),
    row!(Capability, containers),
    row!(Capability, lifecycle),
    row!(Capability, metadata),
    row!(Capability, patch),
    row!(Capability, cluster),
];

/// The capabilities by name.
pub fn capabilities() -> impl Iterator<Item = &'static str> {
    OFFERED.iter().filter(|offered| offered.access == Access::Capability).map(|offered| offered.name)
}

/// A linker that has those interfaces that a policy has imported so far: most policies import a few.
pub struct Offer {
    linker: Linker<Evaluation>,
    is_linked: [bool; OFFERED.len()],
}

impl Offer {
    /// Nothing is linked yet.
    pub fn new(engine: &Engine) -> Self {
        Self { linker: Linker::new(engine), is_linked: [false; OFFERED.len()] }
    }

    /// A linker with all that a policy of this world imports of the contract.
    pub fn linker(&mut self, world: &World) -> wasmtime::Result<&Linker<Evaluation>> {
        for (offered, is_linked) in OFFERED.iter().zip(&mut self.is_linked) {
            if !*is_linked && world.imports(offered) {
                (offered.link)(&mut self.linker)?;
                *is_linked = true;
            }
        }
        Ok(&self.linker)
    }
}
