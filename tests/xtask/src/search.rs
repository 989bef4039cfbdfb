//! `cargo xtask search` looks for the file within the limits that is dearest to compile, for longer
//! than the tests do, and prints what it found.

use crate::error::Result;
use crate::prerequisites::Installing;
use crate::workspace::{self, Workspace};
use crate::{policies, program, say};

/// The trial of the fuzz tests that searches.
const TRIAL: &str = "search-for-what-is-dear-to-compile";

/// Search for so many minutes, from a seed on.
pub fn run(installing: Installing, minutes: u64, seed: u64) -> Result<()> {
    let workspace = Workspace::read()?;
    policies::build(&workspace, installing)?;
    let mut search = workspace::cargo();
    // The tests' own build is hardly optimised.
    search.args(["test", "--profile", "optimised", "--package", "mlcube-k8s", "--test", "fuzz"]);
    search.args(["--", TRIAL]);
    search.env("MLCUBE_FUZZ_SECONDS", (minutes * 60).to_string());
    search.env("MLCUBE_FUZZ_SEED", seed.to_string()).env("MLCUBE_FUZZ_SHOW", "1");
    say::step(format!("$ {}", program::typed(&search)));
    program::show(search.current_dir(&workspace.root))
}
