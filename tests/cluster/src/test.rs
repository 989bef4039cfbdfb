//! Owns `cargo xtask test`: every test of the workspace, against a cluster that is there for them alone.
//! Invariant: no test is left out in silence, and the cluster ends with this process, however it ends.

use std::{
    process::{self, ExitCode},
    time::SystemTime,
};

use crate::{
    cache::Cache,
    cluster,
    error::{Doing, Result},
    images, policies,
    prerequisites::Installing,
    say,
    workspace::{self, Workspace},
};

/// Runs the tests and returns their exit status.
pub fn run(cache: &Cache, installing: Installing, arguments: &[String]) -> Result<ExitCode> {
    let workspace = Workspace::read()?;
    policies::build(&workspace, installing)?;
    let name = unique_name();
    let ephemeral = cluster::ephemeral(cache, &name, installing)?;
    let kubeconfig = ephemeral.cluster.instance.kubeconfig();
    let mut tests = workspace::cargo();
    tests.arg("test").arg("--workspace").current_dir(&workspace.root);
    for guest in &workspace.guests {
        // They are built for wasm only, and tested as modules by the host.
        tests.args(["--exclude", guest]);
    }
    // Ours come first, so that those of the user may still pick a single test.
    let split = arguments.iter().position(|argument| argument == "--").unwrap_or(arguments.len());
    let (for_cargo, for_tests) = arguments.split_at(split);
    tests.args(for_cargo).args(["--", "--include-ignored"]).args(for_tests.iter().skip(1));
    tests.env("MLCUBE_TEST_KUBECONFIG", kubeconfig);
    tests.env("MLCUBE_TEST_IMAGE", images::test(cache)?.reference);
    let status = tests.status().doing(|| "start `cargo test`".into());
    say::step("the tests have ended: ending their cluster");
    drop(ephemeral);
    cluster::down(cache, &name)?;
    let code = status?.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}

fn unique_name() -> String {
    let time = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    format!("test-{}-{:x}", process::id(), time.subsec_micros())
}
