//! One call into a policy: a fresh instance under all limits.
//!
//! In reading order: [`bindings`] is the contract; a [`call`] runs an export on an [`evaluation`],
//! the state of the call with its [`budget`], its [`log`] and its output [`streams`]; the guest calls
//! back through [`interfaces`] and [`wasi`], which the [`linker`] links; [`queries`] reach the
//! cluster.

pub mod bindings;
pub mod budget;
pub mod call;
pub mod evaluation;
pub mod interfaces;
pub mod linker;
pub mod log;
pub mod queries;
pub mod streams;
pub mod wasi;
