//! From a policy's file to native code. No code of the file runs here.
//!
//! In reading order: a [`mod@file`] is opened and its [`digest`] computed. A file of another
//! [`kind`] is told by name; the [`scan`] counts what would make compiling expensive, in a core
//! module's [`contract`] too; its [`outline`] is what a component imports and exports. [`compile`]
//! asks a [`compiler`], which is a [`worker`] in a process of its own, for [`native`] code: the types
//! must not [`unfold`] beyond measure, and names are removed by [`strip`]. The [`cache`] keeps that. Every wasmtime option is in
//! [`engine`]; panics on foreign input are caught in [`guard`].

pub mod cache;
pub mod compile;
pub mod compiler;
mod contract;
pub mod digest;
pub mod engine;
pub mod file;
pub mod guard;
mod kind;
pub mod native;
pub mod outline;
pub mod scan;
mod strip;
mod unfold;
pub mod worker;
