//! `cargo xtask bench` measures what policies cost and writes it down in `docs/performance.md`.
//! What a benchmark needs is built before the first of them starts.

mod report;

use crate::cache::Cache;
use crate::error::{Doing, Result};
use crate::prerequisites::Installing;
use crate::workspace::{self, Workspace};
use crate::{guests, policies, program, say};
use std::fs;

/// The benchmarks, by what they measure.
const BENCHES: [&str; 3] = ["review", "render", "memory"];
/// The file with the results.
const PAGE: &str = "docs/performance.md";

/// Run them all, with a Python policy among the measured.
pub fn run(cache: &Cache, installing: Installing) -> Result<()> {
    let workspace = Workspace::read()?;
    policies::build(&workspace, installing)?;
    let guests = guests::build(cache, &workspace, installing)?;
    let mut bench = workspace::cargo();
    bench
        .args(["bench", "--package", "mlcube-k8s"])
        .args(BENCHES.iter().flat_map(|name| ["--bench", name]));
    bench.envs(guests.iter().map(|guest| (guest.variable, &guest.file)));
    say::step(format!("$ {}", program::typed(&bench)));
    program::show(bench.current_dir(&workspace.root))?;
    let results = workspace.target.join("criterion");
    let page = report::page(&report::machine()?, |name| report::read(&results, name))?;
    let path = workspace.root.join(PAGE);
    fs::write(&path, page).doing(|| format!("write `{}`", path.display()))?;
    say::step(format!("the results are in `{PAGE}`"));
    Ok(())
}
