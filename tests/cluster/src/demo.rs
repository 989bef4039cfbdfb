//! Owns `cargo xtask demo`.
//! Invariant: to be written.

use crate::{cache::Cache, error::Result, prerequisites::Installing};

/// Not yet.
pub fn run(_cache: &Cache, _installing: Installing, _keep: bool) -> Result<()> {
    Ok(())
}
