//! From a policy's file to native code. No code of the file runs here.
//!
//! In reading order: a [`mod@file`] is opened and its [`digest`] computed; the [`scan`] counts what
//! would make compiling expensive, in a core module's [`contract`] too; [`compile`] turns it into
//! [`native`] code, without the names that [`strip`] removes; the [`cache`] keeps that. Every
//! wasmtime option is in [`engine`]; panics on foreign input are caught in [`guard`].

pub mod cache;
pub mod compile;
mod contract;
pub mod digest;
pub mod engine;
pub mod file;
pub mod guard;
pub mod native;
pub mod scan;
mod strip;
