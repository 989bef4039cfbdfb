//! What a policy for mlcube-k8s is written with: a trait to implement, a macro to export it, and the contract's functions.
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
//! mlcube_policy::export!(CostCentre);
//! # fn main() {}
//! ```
//!
//! A component imports only the interfaces whose functions the policy calls: that is the proof of what it can do.

#[doc(hidden)]
pub mod bindings;

pub use bindings::mlcube::policy::types::Refusal;
pub use bindings::mlcube::policy::{
    cluster, containers, job, lifecycle, log, metadata, patch, resources, scheduling, settings, storage, task,
};

use bindings::exports::mlcube::policy::policy as contract;

/// Rust's own allocator, newer than the standard library's: it begins with the memory that an instance is made with.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

/// A policy. It is never constructed: each review happens in an instance of its own.
pub trait Policy {
    /// Who the policy is. The contract's functions may not be called here.
    fn describe() -> Description;

    /// Check what the JSON Schema cannot say about the settings. The error is a sentence for the platform team.
    fn validate_settings() -> Result<(), String> {
        Ok(())
    }

    /// Read the Job, change it, and say whether it may run. A refused verb becomes a rejection by `?`.
    fn review() -> Result<Verdict, Rejection>;
}

/// Who a policy is.
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

/// The Job may run.
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
    /// What is wrong with the Job, as a sentence.
    pub reason: String,
    /// What its author can do.
    pub remedy: Option<String>,
}

impl Rejection {
    /// A rejection for which no remedy is known.
    pub fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), remedy: None }
    }

    /// Add what the author of the Job can do.
    pub fn remedy(self, remedy: impl Into<String>) -> Self {
        Self { remedy: Some(remedy.into()), ..self }
    }
}

impl From<Refusal> for Rejection {
    fn from(refusal: Refusal) -> Self {
        Self::new(format!("{}: {}", refusal.what, refusal.why))
    }
}

/// The key as a part of a JSON pointer.
pub fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// The pointer to the setting for the task under review: `{pointer}/{task}` where it is set, else `{pointer}/*`, else none.
pub fn setting_for_task(pointer: &str) -> Option<String> {
    let keys = settings::keys(pointer);
    let task = task::name();
    let key = [task.as_str(), "*"].into_iter().find(|key| keys.iter().any(|known| known == key))?;
    Some(format!("{pointer}/{}", escape(key)))
}

/// Export a policy as a component: `mlcube_policy::export!(MyPolicy);`
#[macro_export]
macro_rules! export {
    ($policy:ty) => {
        type ExportedPolicy = $crate::Exported<$policy>;
        $crate::bindings::export_world!(ExportedPolicy with_types_in $crate::bindings);
    };
}

/// The contract's shape of a policy.
#[doc(hidden)]
pub struct Exported<P>(std::marker::PhantomData<P>);

impl<P: Policy> contract::Guest for Exported<P> {
    fn describe() -> contract::Description {
        let Description { name, version, summary, settings_schema } = P::describe();
        contract::Description {
            name: name.into(),
            version: version.into(),
            summary: summary.into(),
            settings_schema: settings_schema.into(),
        }
    }

    fn validate_settings() -> Result<(), String> {
        P::validate_settings()
    }

    fn review() -> contract::Verdict {
        match P::review() {
            Ok(Verdict::Admit) => contract::Verdict::Admit,
            Ok(Verdict::Warn(sentences)) => contract::Verdict::Warn(sentences),
            Err(Rejection { reason, remedy }) => contract::Verdict::Reject(contract::Rejection { reason, remedy }),
        }
    }
}
