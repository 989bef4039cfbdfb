//! What the benchmarks share: the three policies with a team's settings, and a typical Job.

#![allow(dead_code, reason = "each benchmark uses what it needs")]

use mlcube_k8s::cube::{Cube, Request, Source};
use mlcube_k8s::job::{ContainerOverrides, Job, PolicyId, draft};
use mlcube_k8s::policy::{Cache, Policy, PolicyHost, PolicySource};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The list of the three policies with settings.
pub const TEAM: &str = "tests/cases/policies/team.yaml";
/// The cube whose Job is reviewed.
pub const CUBE: &str = "tests/cases/documented";
/// The variable that names the component of a Python policy.
pub const PYTHON: &str = "MLCUBE_TEST_PYTHON_POLICY";

/// The root of the workspace.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the host lies below the workspace")
}

/// Build the policies.
pub fn build() {
    let mut build = Command::new(env!("CARGO"));
    let built =
        build.args(["xtask", "policies"]).current_dir(root()).stdout(Stdio::null()).status();
    assert!(built.is_ok_and(|status| status.success()), "the policies do not build");
}

/// The three policies as the team's list has them.
pub fn policies() -> Vec<PolicySource> {
    let path = root().join(TEAM);
    let list: Value =
        serde_saphyr::from_str(&fs::read_to_string(&path).expect("the list is there"))
            .expect("a list");
    let source = |entry: &Value| {
        let name = PolicyId::parse(entry["name"].as_str().expect("a name")).expect("a name");
        let path = path.with_file_name(entry["module"].as_str().expect("a file"));
        PolicySource::new(name, path).with_settings(entry["settings"].clone())
    };
    list["policies"].as_array().expect("policies").iter().map(source).collect()
}

/// The three policies, loaded.
pub fn load(host: &PolicyHost) -> Vec<Policy> {
    let opened =
        policies().into_iter().map(|source| host.open(source).expect("the policy is built"));
    host.load_all(opened.collect(), |_| {}).expect("the policies load")
}

/// The cache of the benchmarks.
pub fn cache() -> Option<Cache> {
    Cache::open(cache_home().join("mlcube-k8s/policies")).ok()
}

/// The folder in which the program finds that cache.
pub fn cache_home() -> PathBuf {
    root().join("target/benches/cache")
}

/// The Job that `render` prints for the cube.
pub fn job() -> Job {
    let path = root().join(CUBE).join("mlcube.yaml");
    let text = fs::read_to_string(&path).expect("the cube is there");
    let (system, platform, workspace) = (None, None, None);
    let cube = Source { path, text };
    let request = Request {
        cube,
        system,
        platform,
        overrides: Vec::new(),
        root: "/".into(),
        workspace,
        env: &|_| None,
    };
    let cube = Cube::read(&request).expect("a cube");
    let task = cube.task("train").and_then(|task| task.bind(&[], None)).expect("a task");
    draft(&cube, &task, &ContainerOverrides::default(), None).expect("a Job")
}

/// The program with a cache of its own and nothing else of the user's.
pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mlcube-k8s"));
    command
        .env("XDG_CACHE_HOME", cache_home())
        .env_remove("XDG_CONFIG_HOME")
        .env_remove("MLCUBE_K8S_POLICIES");
    command.current_dir(root());
    command
}

/// Print a line.
#[expect(clippy::print_stdout, reason = "this is what a benchmark is for")]
pub fn print(line: &str) {
    println!("{line}");
}
