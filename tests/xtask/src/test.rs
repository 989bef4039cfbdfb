//! `cargo xtask test` runs every test of the workspace against a cluster of its own, which ends
//! with this process, however it ends. No test is left out in silence.

mod failures;

use crate::cache::Cache;
use crate::error::Result;
use crate::prerequisites::{self, Installing};
use crate::workspace::{self, Workspace};
use crate::{cluster, guests, images, policies, program, say};
use failures::Failures;
use std::process::{self, Command, ExitCode};
use std::time::SystemTime;

/// Run the tests and return their exit status.
pub fn run(cache: &Cache, installing: Installing, arguments: &[String]) -> Result<ExitCode> {
    let workspace = Workspace::read()?;
    prerequisites::for_cluster(installing)?;
    prerequisites::for_reference(installing)?;
    let image = images::test(cache)?;
    // All that can be built is built before a cluster takes its share of the machine.
    policies::build(&workspace, installing)?;
    let guests = guests::build(cache, &workspace, installing)?;
    let split = arguments.iter().position(|argument| argument == "--").unwrap_or(arguments.len());
    let (for_cargo, for_tests) = arguments.split_at(split);
    say::step("building the tests");
    program::show(cargo_test(&workspace, for_cargo).arg("--no-run"))?;

    let name = unique_name();
    let ephemeral = cluster::ephemeral(cache, &name, installing)?;
    let mut tests = cargo_test(&workspace, for_cargo);
    tests.args(["--", "--include-ignored"]).args(for_tests.iter().skip(1));
    tests.env("MLCUBE_TEST_KUBECONFIG", ephemeral.cluster.instance.kubeconfig());
    tests.env("MLCUBE_TEST_IMAGE", image.reference);
    tests.env("MLCUBE_TEST_KUBECTL", ephemeral.cluster.kubectl().get_program());
    tests.envs(guests.iter().map(|guest| (guest.variable, &guest.file)));
    let mut failures = Failures::default();
    let status = program::hear(&mut tests, |line| failures.read(line));
    say::step("the tests have ended: ending their cluster");
    drop(ephemeral);
    cluster::down(cache, &name)?;
    failures.tell();
    let code = status?.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}

/// Everything but the guests, unless packages are named: the host tests guests as modules.
fn cargo_test(workspace: &Workspace, arguments: &[String]) -> Command {
    let mut command = workspace::cargo();
    command.args(["test", "--no-fail-fast"]).current_dir(&workspace.root);
    if !arguments.iter().any(|word| word.starts_with("-p") || word.starts_with("--package")) {
        command.args(workspace.native());
    }
    command.args(arguments);
    command
}

fn unique_name() -> String {
    let time = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    format!("test-{}-{:x}", process::id(), time.subsec_micros())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guests_are_left_out_and_packages_may_be_named() {
        let workspace =
            Workspace { root: "/w".into(), target: "/t".into(), guests: vec!["pvc-remap".into()] };
        let rows: [(&str, &[&str], &str); 3] = [
            ("nothing", &[], "test --no-fail-fast --workspace --exclude pvc-remap"),
            (
                "an option",
                &["--release"],
                "test --no-fail-fast --workspace --exclude pvc-remap --release",
            ),
            ("a package", &["-p", "mlcube-k8s"], "test --no-fail-fast -p mlcube-k8s"),
        ];
        for (name, arguments, expected) in rows {
            let arguments: Vec<String> = arguments.iter().map(|&word| word.to_owned()).collect();
            let typed = program::typed(&cargo_test(&workspace, &arguments));
            assert_eq!(typed.split_once(' ').map(|(_, rest)| rest), Some(expected), "{name}");
        }
    }
}
