//! OmegaConf's interpolations: `${a.b}`, `${..sibling}` and `${oc.env:HOME}` followed through a
//! tree of YAML nodes, lazily and within bounds.
//!
//! `syntax` has the types, `parse` makes them of text, and `resolver` follows them through the tree
//! to `values`. `call` evaluates the arguments of a call for `functions`, and `resolve` resolves
//! whole values.
//! Whatever a text says, its resolution ends within the bounds of `limits` and does not panic.

mod budget;
mod call;
mod functions;
mod limits;
mod parse;
mod resolve;
mod resolver;
mod syntax;
mod values;

pub use parse::path as parse_path;
pub use resolver::{Resolver, Walk};
pub use syntax::{Key, escape, is_interpolated};
pub use values::Spot;
