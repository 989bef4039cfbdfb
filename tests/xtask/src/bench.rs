//! Owns `cargo xtask bench`: the numbers of the README, measured in one run. Invariant: whatever a
//! benchmark needs is built before the first of them starts.

use crate::cache::Cache;
use crate::error::Result;
use crate::prerequisites::Installing;
use crate::workspace::{self, Workspace};
use crate::{guests, policies, program, say};

/// The benchmarks, by what they measure.
const BENCHES: [&str; 3] = ["review", "render", "memory"];

/// Run them all, with a Python policy among the measured.
pub fn run(cache: &Cache, installing: Installing) -> Result<()> {
    let workspace = Workspace::read()?;
    policies::build(&workspace, installing)?;
    let guests = guests::build(cache, &workspace, installing)?;
    let mut bench = workspace::cargo();
    bench.args(["bench", "--package", "mlcube-k8s"]).args(BENCHES.iter().flat_map(|name| ["--bench", name]));
    bench.envs(guests.iter().map(|guest| (guest.variable, &guest.file)));
    say::step(format!("$ {}", program::typed(&bench)));
    program::show(bench.current_dir(&workspace.root))
}
