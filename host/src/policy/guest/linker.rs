//! The linker. An interface of the contract is added when the first policy imports it, because most
//! policies import only a few.

use super::bindings::MutatingPolicyPre;
use super::evaluation::Evaluation;
use super::interfaces::{Access, INTERFACES};
use super::wasi;
use wasmtime::Engine;
use wasmtime::component::{Component, Linker};

/// A linker for the policies of one engine.
pub struct PolicyLinker {
    engine: Engine,
    linker: Linker<Evaluation>,
    is_linked: [bool; INTERFACES.len()],
}

impl PolicyLinker {
    /// A linker without interfaces.
    pub fn new(engine: &Engine) -> Self {
        let linker = Linker::new(engine);
        Self { engine: engine.clone(), linker, is_linked: [false; INTERFACES.len()] }
    }

    /// Link a component to its imports: interfaces of the contract, and stubs of WASI.
    pub fn link(
        &mut self,
        component: &Component,
    ) -> wasmtime::Result<MutatingPolicyPre<Evaluation>> {
        let imports = component.component_type();
        let imports: Vec<_> = imports.imports(&self.engine).map(|(name, _)| name).collect();
        for (interface, is_linked) in INTERFACES.iter().zip(&mut self.is_linked) {
            // An interface that only names types may be needed without being imported.
            let is_needed = interface.access == Access::Types
                || imports.iter().any(|import| interface.is(import));
            if is_needed && !*is_linked {
                (interface.link)(&mut self.linker)?;
                *is_linked = true;
            }
        }
        let linked = if imports.iter().any(|import| wasi::is_wasi(import)) {
            let mut linker = self.linker.clone();
            wasi::link(&mut linker, &self.engine, &component.component_type())?;
            linker.instantiate_pre(component)?
        } else {
            self.linker.instantiate_pre(component)?
        };
        MutatingPolicyPre::new(linked)
    }
}
