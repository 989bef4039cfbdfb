//! What can be wrong with a policy. A rejection is no error: it is what policies are for.
#![allow(missing_docs, reason = "the message of each error says what its fields are")]

use super::Exceeded;
use crate::job::PolicyId;
use std::path::PathBuf;

/// A policy that cannot be used, or that broke while it was used.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// The file was there and cannot be read.
    #[error("policy file `{path}` cannot be read: {why}")]
    Unreadable { path: PathBuf, why: String },
    /// The file is neither a component nor a core module.
    #[error("policy file `{path}` is no WebAssembly")]
    NotWasm { path: PathBuf },
    /// A core module that carries no contract.
    #[error("policy file `{path}` is a core module that cannot become a component: {why}")]
    NotComponent { path: PathBuf, why: String },
    /// The file is WebAssembly that does not compile.
    #[error("policy file `{path}` does not compile: {why}")]
    Compile { path: PathBuf, why: String },
    /// The component is of another world.
    #[error("component `{path}` is no policy: {why}")]
    OtherWorld { path: PathBuf, why: String },
    /// The component asks for more than it is granted.
    #[error("policy `{policy}` asks for {}, which it is not granted", quoted(missing))]
    NotGranted { policy: PolicyId, missing: Vec<&'static str>, granted: Vec<&'static str> },
    /// The component asks for more than it did when it was locked.
    #[error("policy `{policy}` has gained {} since it was locked", quoted(gained))]
    Gained { policy: PolicyId, gained: Vec<&'static str> },
    /// What the policy says of itself is wrong.
    #[error("policy `{policy}` describes itself wrongly: {why}")]
    Description { policy: PolicyId, why: String },
    /// The settings break the policy's schema.
    #[error("settings of policy `{policy}` are refused: {}", errors.join("; "))]
    Settings { policy: PolicyId, errors: Vec<String> },
    /// Two policies of a chain have one name.
    #[error("two policies have the name `{policy}`")]
    NameTaken { policy: PolicyId },
    /// The policy met a limit.
    #[error("policy `{policy}` was stopped in `{call}` at its {exceeded}")]
    Limit { policy: PolicyId, call: &'static str, exceeded: Exceeded },
    /// The policy trapped.
    #[error("policy `{policy}` broke in `{call}`: {why}")]
    Trapped { policy: PolicyId, call: &'static str, why: String },
    /// wasmtime could not be set up.
    #[error("the policy engine does not start: {why}")]
    Engine { why: String },
}

impl PolicyError {
    /// What can be done about it.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Unreadable { .. } => "run the command again when nobody writes to the file".into(),
            Self::NotWasm { .. } => "give the `.wasm` that `cargo build --target wasm32-unknown-unknown` made".into(),
            Self::NotComponent { .. } => "build it with `mlcube-policy`, or make a component with `wasm-tools`".into(),
            Self::OtherWorld { .. } => {
                "a policy implements the world `mutating-policy` of `mlcube:policy@0.1.0`".into()
            }
            Self::Settings { policy, .. } => {
                format!("correct them with `--set {policy}.KEY=VALUE` or in their file")
            }
            Self::NameTaken { .. } => "give one of them another name with `--policy NAME=FILE`".into(),
            Self::NotGranted { policy, missing, granted } => {
                let all = [granted.as_slice(), missing].concat().join(",");
                format!(
                    "it is granted {}; to grant all it asks for: `--grant {policy}={all}`, or `grant:` in the policies file",
                    quoted(granted)
                )
            }
            Self::Gained { .. } => "look at what changed; `mlcube-k8s policy lock` accepts it".into(),
            Self::Limit { exceeded, .. } => {
                let key = exceeded.limit.row().key;
                format!(
                    "policies need far less: tell its author; a platform team raises it with `--limit {key}=…`, or `limits:` in the policies file"
                )
            }
            Self::Trapped { .. } => "this is a fault of the policy, not of the Job: tell its author".into(),
            _ => return None,
        })
    }

    /// Whether the policy ran and failed, rather than being configured wrongly.
    pub fn is_broken_policy(&self) -> bool {
        matches!(self, Self::Limit { .. } | Self::Trapped { .. })
    }
}

fn quoted(names: &[&str]) -> String {
    match names {
        [] => "nothing".into(),
        names => names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "),
    }
}
