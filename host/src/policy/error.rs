//! The errors of policies. A rejection is not an error: it is what policies are for.
#![allow(missing_docs, reason = "the message of each error says what its fields are")]

use super::Exceeded;
use crate::files::FileError;
use crate::job::{Capability, LogLine, Pointer, PolicyId, names};
use crate::text::visible;
use std::path::PathBuf;

/// The target of policies in Rust, which is a folder in the path of what was built.
const TARGET: &str = "wasm32-unknown-unknown";

/// The cause of an error, whatever library it comes from.
pub type Source = Box<dyn std::error::Error + Send + Sync>;

/// How the policies of a command are configured, so that a remedy names what the command takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Configured {
    /// By options and the policies file.
    #[default]
    ByOptions,
    /// By the policies file alone.
    ByFile,
    /// By a recording.
    ByRecording,
}

/// A policy that cannot be used, or that broke while it was used.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// The file cannot be read.
    #[error("cannot read the policy `{path}`: {source}")]
    Unreadable { path: PathBuf, source: FileError },
    /// The file was written to after its digest was computed.
    #[error("policy file `{path}` has changed since this program started")]
    Changed { path: PathBuf },
    /// The file is neither a component nor a core module.
    #[error("policy file `{path}` is {found}, not WebAssembly")]
    NotWasm { path: PathBuf, found: &'static str, remedy: &'static str },
    /// A core module that carries no contract.
    #[error("policy file `{path}` is a core module that cannot become a component: {why}")]
    NotComponent { path: PathBuf, why: String },
    /// The file is WebAssembly that does not compile.
    #[error("policy file `{path}` does not compile: {why}")]
    Compile { path: PathBuf, why: String, source: Option<Source> },
    /// The component is of another world.
    #[error("component `{path}` is not a policy: {why}")]
    OtherWorld { path: PathBuf, why: String, remedy: String },
    /// The component imports capabilities that it is not granted.
    #[error("policy `{policy}` asks for {}, which it is not granted", names(missing))]
    NotGranted { policy: PolicyId, missing: Vec<Capability>, granted: Vec<Capability> },
    /// The component imports capabilities that it did not have when it was locked.
    #[error("policy `{policy}` has gained {} since it was locked", names(gained))]
    Gained { policy: PolicyId, gained: Vec<Capability> },
    /// The policy's description is invalid.
    #[error("policy `{policy}` has an invalid description: {why}")]
    Description { policy: PolicyId, why: String },
    /// The settings do not match the policy's schema, or the policy refuses them.
    #[error("invalid settings for policy `{policy}`: {}", errors.join("; "))]
    Settings { policy: PolicyId, errors: Vec<String> },
    /// Two policies of a chain have the same name.
    #[error("two policies have the same name `{policy}`")]
    NameTaken { policy: PolicyId },
    /// The policy exceeded a limit.
    #[error("policy `{policy}` was stopped in `{call}` at its {exceeded}")]
    Limit { policy: PolicyId, call: &'static str, exceeded: Exceeded },
    /// The policy trapped.
    #[error("policy `{policy}` broke in `{call}`: {why}")]
    Trapped { policy: PolicyId, call: &'static str, why: String },
    /// The policy broke before a review, after it had logged these lines.
    #[error("{error}")]
    Broke { policy: PolicyId, log: Vec<LogLine>, error: Box<PolicyError> },
    /// Two policies of a chain answer each other's changes without end.
    #[error(
        "policies `{policy}` and `{other}` do not settle: after two rounds `{policy}` still changes \
         `{}`, because `{other}` has changed the Job",
        visible(place.as_str())
    )]
    Unsettled { policy: PolicyId, other: PolicyId, place: Pointer },
    /// wasmtime could not be set up.
    #[error("cannot start the policy engine: {source}")]
    Engine { source: Source },
}

impl PolicyError {
    /// The remedy.
    pub fn hint(&self, by: Configured) -> Option<String> {
        Some(match self {
            Self::Unreadable { path, source } => {
                let is_built = path.components().any(|part| part.as_os_str() == TARGET);
                if is_built && source.is_not_found() {
                    format!(
                        "build it first: `cargo xtask policies` builds those of mlcube-k8s, \
                         `cargo build --release --target {TARGET}` one of your own"
                    )
                } else {
                    source.hint_to_read("the policy")
                }
            }
            Self::Changed { .. } => {
                "run the command again when no other process writes to the file".into()
            }
            Self::NotWasm { remedy, .. } => (*remedy).to_owned(),
            Self::NotComponent { .. } => {
                "in Rust, depend on `mlcube-policy` and call `mlcube_policy::export!`; in other \
                 languages, make a component: docs/policies.md says how"
                    .into()
            }
            Self::OtherWorld { remedy, .. } => remedy.clone(),
            Self::Settings { policy, .. } => match by {
                Configured::ByOptions => {
                    format!("correct them with `--set {policy}.KEY=VALUE` or in their file")
                }
                Configured::ByFile => "correct them in the policies file".into(),
                Configured::ByRecording => format!(
                    "they are those of the recording, but for secret ones, which are given with \
                     `--set {policy}.KEY=VALUE`"
                ),
            },
            Self::NameTaken { .. } => match by {
                Configured::ByOptions => {
                    "give one of them another name with `--policy NAME=FILE`".into()
                }
                Configured::ByFile => {
                    "give one of them another name with `name:` in the policies file".into()
                }
                Configured::ByRecording => return None,
            },
            Self::NotGranted { policy, missing, granted } => {
                let all = granted.iter().chain(missing).map(|capability| capability.as_str());
                let all: Vec<_> = all.collect();
                let granted = names(granted);
                match by {
                    Configured::ByOptions => format!(
                        "it is granted {granted}; to grant all it asks for: \
                         `--grant {policy}={}`, or `grant:` in the policies file",
                        all.join(",")
                    ),
                    Configured::ByFile => format!(
                        "it is granted {granted}; to grant all it asks for: `grant: [{}]` in the \
                         policies file",
                        all.join(", ")
                    ),
                    Configured::ByRecording => {
                        format!("it is granted {granted}, as it was when it was recorded")
                    }
                }
            }
            Self::Limit { exceeded, .. } => {
                let key = exceeded.limit.row().key;
                format!(
                    "policies need far less: report this to the policy's author; \
                     a platform team can raise it with `--limit {key}=…`, or `limits:` in the policies \
                     file"
                )
            }
            Self::Unsettled { .. } => {
                "a policy is asked again when another has changed the Job after it: change the \
                 settings so that they agree, or leave one of them out"
                    .into()
            }
            Self::Trapped { .. } => {
                "this is a bug in the policy, not in the Job: report it to the policy's author"
                    .into()
            }
            Self::Broke { error, .. } => return error.hint(by),
            Self::Gained { .. }
            | Self::Compile { .. }
            | Self::Description { .. }
            | Self::Engine { .. } => return None,
        })
    }
}
