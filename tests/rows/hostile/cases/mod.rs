//! The cases: what a policy is made of, and exactly what must become of it. Each file holds those
//! of one kind.

mod bombs;
mod budget;
mod compiling;
mod crossing;
mod files;
mod floods;
pub mod limits;
mod memory;
mod modules;
mod phases;
mod running;
mod rust;
mod schemas;
mod talking;
mod unfolding;

use mlcube_k8s::job::Job;
use serde_json::{Map, Value, json};

use crate::hostile::guest::Guest;

/// A policy and what becomes of it.
pub struct Case {
    pub name: String,
    pub policy: Made,
    pub settings: Value,
    /// Whether two copies of it review the Job, one after the other.
    pub is_twice: bool,
    /// Limits that differ from the default, by name.
    pub limits: Map<String, Value>,
    /// What becomes of it, with `{size}` for the size of the file.
    pub outcome: String,
}

/// How the file of a policy is made. It is made when its case is tried, and not when cases are
/// listed.
pub struct Made(Box<dyn FnOnce() -> Vec<u8> + Send>);

impl Made {
    pub fn bytes(self) -> Vec<u8> {
        (self.0)()
    }
}

impl<F: FnOnce() -> Vec<u8> + Send + 'static> From<F> for Made {
    fn from(make: F) -> Self {
        Self(Box::new(make))
    }
}

impl From<Vec<u8>> for Made {
    fn from(bytes: Vec<u8>) -> Self {
        Self(Box::new(move || bytes))
    }
}

impl From<Guest> for Made {
    fn from(guest: Guest) -> Self {
        Self(Box::new(move || guest.module()))
    }
}

impl Case {
    pub fn new(
        name: impl Into<String>,
        policy: impl Into<Made>,
        outcome: impl Into<String>,
    ) -> Self {
        // So much time that on a slow machine too another limit is met first.
        let limits = Map::from_iter([("wall".to_owned(), json!("30s"))]);
        Self {
            name: name.into(),
            policy: policy.into(),
            settings: json!({}),
            is_twice: false,
            limits,
            outcome: outcome.into(),
        }
    }

    pub fn settings(self, settings: Value) -> Self {
        Self { settings, ..self }
    }

    pub fn twice(self) -> Self {
        Self { is_twice: true, ..self }
    }

    pub fn outcome(self, outcome: String) -> Self {
        Self { outcome, ..self }
    }

    pub fn limit(mut self, key: &str, value: &str) -> Self {
        self.limits.insert(key.to_owned(), json!(value));
        self
    }
}

/// All of them.
pub fn all() -> Vec<Case> {
    let kinds = [
        running::cases(),
        memory::cases(),
        crossing::cases(),
        floods::cases(),
        budget::cases(),
        talking::cases(),
        schemas::cases(),
        bombs::cases(),
        compiling::cases(),
        unfolding::cases(),
        files::cases(),
        modules::cases(),
        rust::cases(),
        phases::cases(),
        limits::cases(),
    ];
    kinds.into_iter().flatten().collect()
}

/// The Job that all are asked about.
pub fn job() -> Job {
    let mount = json!({"name": "data", "mountPath": "/data"});
    let container = json!({"name": "main", "image": "i:1", "volumeMounts": [mount]});
    let volume = json!({"name": "data", "persistentVolumeClaim": {"claimName": "datasets"}});
    let job = json!({
        "apiVersion": "batch/v1", "kind": "Job",
        "metadata": {"name": "j", "annotations": {"mlcube-k8s.dev/task": "train"}},
        "spec": {"template": {"spec": {"containers": [container], "volumes": [volume]}}},
    });
    Job::from_json(job).expect("a Job")
}

pub const ADMITTED: &str = "hostile 0.1.0 admitted: 0 edits, told []";
pub const FUEL: &str = "`fuel` limit of 100000000: it used all of it";
pub const STACK: &str = "`stack` limit of 512Ki: it used all of it";
pub const AT_ONCE: &str = "`host-call` limit of 1Mi: it used all of it";

/// The outcome of a policy that met a limit in `review`.
pub fn stopped(limit: &str) -> String {
    format!("broken: policy `hostile` was stopped in `review` at its {limit}")
}

/// The outcome of a policy that met a limit before.
pub fn stopped_in(call: &str, limit: &str) -> String {
    format!("not loaded: policy `hostile` was stopped in `{call}` at its {limit}")
}

/// The outcome of a policy that broke in `review`.
pub fn broken(why: &str) -> String {
    format!("broken: policy `hostile` broke in `review`: {why}")
}

/// The outcome of a policy that broke before.
pub fn broken_in(call: &str, why: &str) -> String {
    format!("not loaded: policy `hostile` broke in `{call}`: {why}")
}
