//! The crate for authors of policies for mlcube-k8s: a trait to implement, a macro to export it,
//! and the contract's functions.
//!
//! ```no_run
//! use mlcube_policy::{Description, Policy, Rejection, Verdict, metadata};
//!
//! struct CostCentre;
//!
//! impl Policy for CostCentre {
//!     fn describe() -> Description {
//!         Description {
//!             name: "cost-centre",
//!             version: "0.1.0",
//!             summary: "Labels every Job with the cost centre that pays for it.",
//!             settings_schema: r#"{"type": "object"}"#,
//!         }
//!     }
//!     fn review() -> Result<Verdict, Rejection> {
//!         metadata::set_label("cost-centre", "ml-42", "finance bills by cost centre")?;
//!         Ok(Verdict::Admit)
//!     }
//! }
//!
//! # #[cfg(target_arch = "wasm32")]
//! mlcube_policy::export!(CostCentre);
//! # fn main() {}
//! ```
//!
//! A component imports only the interfaces whose functions the policy calls: its imports prove what
//! it can do.

#[doc(hidden)]
pub mod bindings;

pub use bindings::mlcube::policy::types::Refusal;
pub use bindings::mlcube::policy::{
    cluster, containers, job, lifecycle, log, metadata, patch, quantities, resources, scheduling,
    settings, storage, task,
};

use bindings::exports::mlcube::policy::policy as contract;

/// The allocator: dlmalloc, newer than the standard library's copy. It begins with the memory that
/// an instance starts with.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

/// A policy. It is never constructed: each review happens in an instance of its own.
pub trait Policy {
    /// Describe the policy. Of the contract's functions only those of [`log`] may be called here.
    fn describe() -> Description;

    /// Check the settings beyond the JSON Schema. The error is a sentence for the platform team.
    /// Only functions of [`settings`] and [`log`] may be called here.
    ///
    /// ```no_run
    /// # use mlcube_policy::{log, settings};
    /// fn validate_settings() -> Result<(), String> {
    ///     let amount = |pointer| settings::text(pointer).ok_or("`memory` is incomplete");
    ///     let (least, most) = (amount("/memory/least")?, amount("/memory/most")?);
    ///     log::write(log::Level::Debug, &format!("memory from {least} to {most}"));
    ///     if least == most { Err("`memory` leaves no choice".into()) } else { Ok(()) }
    /// }
    /// # fn main() {}
    /// ```
    fn validate_settings() -> Result<(), String> {
        Ok(())
    }

    /// Read the Job, change it, and say whether it may run. A refused verb becomes a rejection by
    /// `?`. A policy may be asked again about a Job that it has changed already, and should make no
    /// further edit then.
    fn review() -> Result<Verdict, Rejection>;
}

/// The description of a policy.
#[derive(Clone, Copy, Debug)]
pub struct Description {
    /// A DNS label.
    pub name: &'static str,
    /// A semantic version.
    pub version: &'static str,
    /// One sentence for people.
    pub summary: &'static str,
    /// A JSON Schema of the settings, as JSON text.
    pub settings_schema: &'static str,
}

/// The verdict that the Job may run.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// With the edits made.
    Admit,
    /// With the edits made, and everybody sees these sentences. None is the same as `Admit`.
    Warn(Vec<String>),
}

impl Verdict {
    /// Admit with one sentence that everybody sees.
    pub fn warn(sentence: impl Into<String>) -> Self {
        Self::Warn(vec![sentence.into()])
    }
}

/// Why a Job must not run.
#[derive(Clone, Debug)]
pub struct Rejection {
    /// The fault of the Job, as a sentence.
    pub reason: String,
    /// The remedy for the author of the Job.
    pub remedy: Option<String>,
}

impl Rejection {
    /// A rejection for which no remedy is known.
    pub fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), remedy: None }
    }

    /// Add a remedy for the author of the Job.
    pub fn remedy(self, remedy: impl Into<String>) -> Self {
        Self { remedy: Some(remedy.into()), ..self }
    }
}

impl From<Refusal> for Rejection {
    fn from(refusal: Refusal) -> Self {
        Self::new(format!("{}: {}", refusal.what, refusal.why))
    }
}

/// A key, escaped for a JSON pointer.
pub fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// The pointer to the setting for the task under review: `{pointer}/{task}` if it is set, else
/// `{pointer}/*`, else none.
pub fn setting_for_task(pointer: &str) -> Option<String> {
    let keys = settings::keys(pointer);
    let task = task::name();
    let key = [task.as_str(), "*"].into_iter().find(|key| keys.iter().any(|known| known == key))?;
    Some(format!("{pointer}/{}", escape(key)))
}

/// Export a policy as a component: `mlcube_policy::export!(MyPolicy);`
///
/// Building it for anything but WebAssembly fails and says so. `cargo check`, `cargo clippy` and
/// `cargo test` work for any target.
#[macro_export]
macro_rules! export {
    ($policy:ty) => {
        type ExportedPolicy =
            $crate::Exported<$policy, { cfg!(any(test, target_arch = "wasm32")) }>;
        $crate::bindings::export_world!(ExportedPolicy with_types_in $crate::bindings);
    };
}

/// The adapter from [`Policy`] to the contract, where it is built for a target that has one.
#[doc(hidden)]
pub struct Exported<P, const IS_WASM: bool>(std::marker::PhantomData<P>);

impl<P: Policy, const IS_WASM: bool> contract::Guest for Exported<P, IS_WASM> {
    fn describe() -> contract::Description {
        // Evaluated when code is made of it, so that a policy can be checked for any target.
        const {
            assert!(
                IS_WASM,
                "a policy is WebAssembly: build it with `--target wasm32-unknown-unknown`"
            )
        }
        tell_of_panics();
        let Description { name, version, summary, settings_schema } = P::describe();
        contract::Description {
            name: name.into(),
            version: version.into(),
            summary: summary.into(),
            settings_schema: settings_schema.into(),
        }
    }

    fn validate_settings() -> Result<(), String> {
        tell_of_panics();
        P::validate_settings()
    }

    fn review() -> contract::Verdict {
        tell_of_panics();
        match P::review() {
            Ok(Verdict::Admit) => contract::Verdict::Admit,
            Ok(Verdict::Warn(sentences)) => contract::Verdict::Warn(sentences),
            Err(Rejection { reason, remedy }) => {
                contract::Verdict::Reject(contract::Rejection { reason, remedy })
            }
        }
    }
}

/// From now on tell the host of a panic and its place: by itself this target ends without a word.
#[cfg(target_arch = "wasm32")]
fn tell_of_panics() {
    use bindings::mlcube::policy::failure::{Place, panicked};
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(|place| Place {
            file: place.file().into(),
            line: place.line(),
            column: place.column(),
        });
        panicked(panic.payload_as_str().unwrap_or("without a message"), place.as_ref());
    }));
}

/// Elsewhere the standard library tells of it.
#[cfg(not(target_arch = "wasm32"))]
fn tell_of_panics() {}
