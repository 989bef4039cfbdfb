//! The Job on its way from the cube to the cluster. It is kept as JSON, so that fields of a Kubernetes newer than this
//! program survive every step.

mod conflict;
mod draft;
mod edit;
mod name;
mod origin;
mod patch;
mod pod;
mod pointer;
mod review;
mod stamp;

pub use conflict::Conflict;
pub use draft::{Extras, draft};
pub use edit::{Change, Edit, PolicyId};
pub use name::{RunId, to_dns_label, to_label_value};
pub use origin::Origin;
pub use pod::{Container, Role, Volume};
use pointer::member;
pub use pointer::{Pointer, find};
pub use review::{Admitted, LogLevel, LogLine, Mode, Rejected, Rejection, Review, UnderReview, Verdict};

use serde_json::{Value, json};

/// The prefix of the labels and annotations that this program writes.
pub const PREFIX: &str = "mlcube-k8s.dev/";

/// A `batch/v1` Job as JSON, with typed readers for what this program asks of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Job(Value);

impl Job {
    /// Take a JSON value as a Job. The error says what makes it none.
    pub fn from_json(value: Value) -> Result<Self, String> {
        let kind = value.get("kind").and_then(Value::as_str);
        let version = value.get("apiVersion").and_then(Value::as_str);
        if (version, kind) != (Some("batch/v1"), Some("Job")) {
            let (version, kind) = (version.unwrap_or("none"), kind.unwrap_or("none"));
            return Err(format!("a `batch/v1` `Job` is expected, this is a `{version}` `{kind}`"));
        }
        Ok(Self(value))
    }

    /// A Job with nothing in it: what a policy sees while it describes itself.
    pub fn empty() -> Self {
        Self(json!({"apiVersion": "batch/v1", "kind": "Job"}))
    }

    /// The whole Job.
    pub fn json(&self) -> &Value {
        &self.0
    }

    /// What stands at a pointer.
    pub fn at(&self, pointer: &Pointer) -> Option<&Value> {
        pointer.find(&self.0)
    }

    fn text(&self, pointer: &Pointer) -> Option<&str> {
        self.at(pointer).and_then(Value::as_str)
    }

    /// `metadata.name`, else `metadata.generateName`, else nothing.
    pub fn name(&self) -> &str {
        let metadata = Pointer::metadata();
        self.text(&metadata.key("name")).or_else(|| self.text(&metadata.key("generateName"))).unwrap_or_default()
    }

    /// `metadata.namespace`.
    pub fn namespace(&self) -> Option<&str> {
        self.text(&Pointer::metadata().key("namespace"))
    }

    /// A label of the Job.
    pub fn label(&self, key: &str) -> Option<&str> {
        self.of_metadata("labels", key)
    }

    /// An annotation of the Job.
    pub fn annotation(&self, key: &str) -> Option<&str> {
        self.of_metadata("annotations", key)
    }

    fn of_metadata(&self, map: &str, key: &str) -> Option<&str> {
        member(member(member(&self.0, "metadata")?, map)?, key)?.as_str()
    }

    /// `metadata` as an object to write to. The program's own stages write here; policies go through [`Job::change`].
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
