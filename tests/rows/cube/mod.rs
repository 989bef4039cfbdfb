//! The cube room, row by row.
//!
//! The expected values of the scalar and interpolation tables were compared with OmegaConf 2.1.0,
//! the version that the reference pins; a row that differs on purpose says so.

/// Parameters of all shapes with the values of one run, entry points, warnings.
mod bind;
/// Texts that mean harm: each bound is met and named.
mod bounds;
/// What is merged onto what, and what wins.
mod config;
/// The arguments of `docker run` that a cube declares.
mod docker;
/// What an interpolation becomes, and what it says when it becomes nothing.
mod interpolation;
/// Misspelt keys.
mod keys;
/// Typical mistakes and the whole of what is said: `tests/cases/cube/mistakes/`.
mod mistakes;
/// The runner's settings as they are typed.
mod runner;
/// What a scalar means, and how collections, aliases and merge keys are read.
mod scalars;

use libtest_mimic::Trial;

pub fn all() -> Vec<Trial> {
    let tables = [
        bind::all,
        bounds::all,
        config::all,
        docker::all,
        interpolation::all,
        keys::all,
        mistakes::all,
        runner::all,
        scalars::all,
    ];
    tables.into_iter().flat_map(|table: fn() -> Vec<Trial>| table()).collect()
}
