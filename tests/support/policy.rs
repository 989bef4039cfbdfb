//! Policies, hosts and chains. They are made here and nowhere else, so that a new way to make them
//! is written once.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use mlcube_k8s::event::Event;
use mlcube_k8s::job::{Job, PolicyId};
pub use mlcube_k8s::policy::{
    Cache, ClusterReader, Compiler, Grants, Limit, Limits, Locator, OpenedPolicy, Policy,
    PolicyChain, PolicyError, PolicyHost, PolicySource, Query, Recording, Replay, Replayed,
    Response, ReviewError, Reviewed, TABLE, Which,
};
use serde_json::{Value, json};

use super::workspace;

/// The policies that the tests build: those that are shipped, and those of `tests/guests/`.
const PACKAGES: [&str; 6] =
    ["node-selector", "gpu-resources", "pvc-remap", "caller", "hostile", "looker"];

/// The folder with the built policies, which are built first if they are not fresh.
pub fn built() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let target = workspace().join("target");
        let status = Command::new(env!("CARGO"))
            .args(["build", "--quiet", "--profile", "policy", "--target", "wasm32-unknown-unknown"])
            .args(PACKAGES.iter().flat_map(|package| ["--package", package]))
            .arg("--target-dir")
            .arg(&target)
            .current_dir(workspace())
            .status()
            .expect("cargo can be started");
        assert!(
            status.success(),
            "the policies do not build: is the target installed? `rustup target add wasm32-unknown-unknown`"
        );
        target.join("wasm32-unknown-unknown/policy")
    })
}

/// The file of a built policy.
pub fn file(name: &str) -> PathBuf {
    built().join(format!("{}.wasm", name.replace('-', "_")))
}

/// The bytes of a built policy.
pub fn bytes(name: &str) -> Vec<u8> {
    fs::read(file(name)).expect("the policy is built")
}

/// A built policy under its own name, with settings.
pub fn source(name: &str, settings: Value) -> PolicySource {
    source_of(name, file(name), bytes(name), settings)
}

/// Any bytes as a policy.
pub fn source_of(
    name: &str,
    path: impl Into<PathBuf>,
    bytes: Vec<u8>,
    settings: Value,
) -> PolicySource {
    let name = PolicyId::parse(name).expect("a name");
    PolicySource::new(name, Locator::bytes(path, bytes)).with_settings(settings)
}

/// The policy `looker` under a name, with grants.
pub fn looker(name: &str, settings: Value, grants: Grants) -> PolicySource {
    PolicySource { grants, ..source_of(name, file("looker"), bytes("looker"), settings) }
}

/// A host without a cache.
pub fn host(limits: Limits) -> PolicyHost {
    PolicyHost::new(limits, None).expect("an engine")
}

/// A host that compiles as the program does: in a process of its own.
pub fn bounded_host(limits: Limits) -> PolicyHost {
    host(limits).with_compiler(Compiler::Child(env!("CARGO_BIN_EXE_mlcube-k8s").into()))
}

/// A host that keeps what it compiles in a folder.
pub fn cached_host(limits: Limits, cache: Cache) -> PolicyHost {
    PolicyHost::new(limits, Some(cache)).expect("an engine")
}

/// A host that takes memory from a pool.
pub fn pooling_host(limits: Limits) -> PolicyHost {
    PolicyHost::pooling(limits, None).expect("an engine")
}

/// A cache in a folder, which must belong to this user alone.
pub fn cache(folder: PathBuf) -> Cache {
    Cache::open(folder).expect("a cache")
}

/// Load one policy.
pub fn load(host: &PolicyHost, source: PolicySource) -> Result<Policy, PolicyError> {
    host.load(source)
}

/// Policies whose files are found.
pub fn opened(
    host: &PolicyHost,
    sources: Vec<PolicySource>,
) -> Result<Vec<OpenedPolicy>, PolicyError> {
    sources.into_iter().map(|source| host.open(source)).collect()
}

/// Load several policies at once, and hear of it.
pub fn load_all(
    host: &PolicyHost,
    sources: Vec<PolicySource>,
    hear: impl FnMut(Event),
) -> Result<Vec<Policy>, PolicyError> {
    host.load_all(opened(host, sources)?, hear)
}

/// A chain of loaded policies.
pub fn chain(policies: Vec<Policy>) -> PolicyChain {
    PolicyChain::new(policies).expect("a chain")
}

/// A chain of policies that load.
pub fn chain_of(host: &PolicyHost, sources: Vec<PolicySource>) -> PolicyChain {
    chain(load_all(host, sources, |_| {}).expect("policies"))
}

/// A Job with a name and nothing else.
pub fn small_job() -> Job {
    Job::from_json(json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "j"}}))
        .expect("a Job")
}
