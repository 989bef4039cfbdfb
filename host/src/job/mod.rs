//! The Job on its way from the cube to the cluster. It is kept as JSON, so that fields of a
//! Kubernetes newer than this program survive every step.

mod amounts;
mod capability;
mod claims;
mod draft;
mod edit;
mod governed;
mod helper;
mod name;
mod origin;

mod place;
mod pod;
mod policy_id;
mod reading;
mod review;
mod stamp;
mod views;

pub use amounts::Amounts;
pub use capability::{Capability, UnknownCapability, names};
pub use claims::{AccessMode, Claim, ClaimState, MissingClaims, NewClaims, claims_of};
pub use draft::{ContainerOverrides, draft};
pub use edit::{
    Change, Conflict, Conflicts, Edit, Fault, Meter, Pointer, Spent, Unread, escaped, find,
    read_bounded, text_length, weight,
};
use edit::{DeadEnd, follow, index, is_well_formed, member};
pub use governed::{GOVERNED, Governed, Governor};
pub use helper::{HELPER, HelperProgram};
pub use name::{RUN, RunId, to_dns_label, to_label_value};
pub use origin::Origin;
pub use place::Place;
pub use pod::{Container, DEFAULT_CONTAINER, Role, Volume};
pub use policy_id::PolicyId;
pub use reading::{Readable, Unreadable, read, texts};
pub use review::{
    Admitted, LogLevel, LogLine, Mode, Rejected, Rejection, Review, UnderReview, Verdict,
};
pub use views::part;

use serde_json::{Value, json};

/// The prefix of the labels and annotations that this program writes.
pub const PREFIX: &str = "mlcube-k8s.dev/";

/// A `batch/v1` Job as JSON, with typed readers for the fields that this program needs.
#[derive(Clone, Debug, PartialEq)]
pub struct Job(Value);

impl Job {
    /// Take a JSON value as a Job. The error is a sentence.
    pub fn from_json(value: Value) -> Result<Self, String> {
        let kind = value.get("kind").and_then(Value::as_str);
        let version = value.get("apiVersion").and_then(Value::as_str);
        if (version, kind) != (Some("batch/v1"), Some("Job")) {
            let version = version.unwrap_or("none");
            let kind = kind.unwrap_or("none");
            return Err(format!("expected a `batch/v1` `Job`, found a `{version}` `{kind}`"));
        }
        Ok(Self(value))
    }

    /// A Job with nothing in it: the Job of the calls `describe` and `validate-settings`.
    pub fn empty() -> Self {
        Self(json!({"apiVersion": "batch/v1", "kind": "Job"}))
    }

    /// The whole Job.
    pub fn json(&self) -> &Value {
        &self.0
    }

    /// The value at a pointer.
    pub fn at(&self, pointer: &Pointer) -> Option<&Value> {
        pointer.find(&self.0)
    }

    fn text(&self, pointer: &Pointer) -> Option<&str> {
        self.at(pointer).and_then(Value::as_str)
    }

    /// `metadata.name`, else `metadata.generateName`, else empty.
    pub fn name(&self) -> &str {
        let metadata = Pointer::metadata();
        self.text(&metadata.key("name"))
            .or_else(|| self.text(&metadata.key("generateName")))
            .unwrap_or_default()
    }

    /// `metadata.namespace`.
    pub fn namespace(&self) -> Option<&str> {
        self.text(&Pointer::metadata().key("namespace"))
    }

    /// An annotation of the Job.
    pub fn annotation(&self, key: &str) -> Option<&str> {
        member(member(member(&self.0, "metadata")?, "annotations")?, key)?.as_str()
    }

    /// `metadata` as an object to write to. The program itself writes here; policies go through
    /// [`Job::change`].
    pub(crate) fn metadata_mut(&mut self) -> &mut serde_json::Map<String, Value> {
        object(object(&mut self.0).entry("metadata").or_insert_with(|| json!({})))
    }
}

/// The value as an object; anything else becomes an empty one.
fn object(value: &mut Value) -> &mut serde_json::Map<String, Value> {
    if !value.is_object() {
        *value = json!({});
    }
    value.as_object_mut().expect("made an object above")
}
