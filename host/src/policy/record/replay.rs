//! The replay of a recording: its policies review its Jobs once more, and the recorded responses
//! stand for the cluster. Any difference from what was recorded is found.

use super::deviation::Deviation;
use super::recording::{RecordedJob, RecordedMode, RecordedPolicy, Recording, VERSION};
use super::size;
use crate::job::{Job, Mode, Pointer, PolicyId};
use crate::policy::artifact::digest::digest;
use crate::policy::load::HIDDEN;
use crate::policy::{
    ClusterReader, Grants, Limits, Locator, Lookup, PolicyChain, PolicySource, Query, Response,
    Reviewed,
};
use crate::text::clean;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::time::Duration;

/// The bytes of a line that are shown.
const SHOWN: usize = 200;
/// The most values of a recording: a Job has some two hundred, and in memory each takes up to 200
/// bytes.
const MOST_VALUES: usize = 1 << 19;

/// A valid recording, ready to be replayed.
pub struct Replay {
    /// The policies in their order.
    pub sources: Vec<PolicySource>,
    /// Their limits.
    pub limits: Limits,
    recording: Recording,
    jobs: Vec<Job>,
}

/// A Job that was reviewed again.
pub struct Replayed {
    /// The review of now.
    pub reviewed: Reviewed,
    /// The difference from what was recorded, if any.
    pub deviation: Option<Deviation>,
}

impl Replay {
    /// Read a recording. The error is a sentence that names the field.
    pub fn read(text: &str) -> Result<Self, String> {
        let damaged = |error: serde_json::Error| {
            let line = text.lines().nth(error.line().saturating_sub(1)).unwrap_or_default();
            format!("{error}: `{}`", clean(line.trim(), SHOWN))
        };
        let count = size::values(text);
        if count > MOST_VALUES {
            return Err(format!("it has {count} values; at most {MOST_VALUES} are read"));
        }
        let mut form: Map<String, Value> = serde_json::from_str(text).map_err(damaged)?;
        let version = form.remove("version").unwrap_or_default();
        drop(form);
        if version != VERSION {
            return Err(format!(
                "expected a recording of version {VERSION}, found `version: {}`",
                clean(&version.to_string(), SHOWN)
            ));
        }
        let recording: Recording = serde_json::from_str(text).map_err(damaged)?;
        let mut limits = Limits::default();
        for (key, value) in &recording.limits {
            limits.set(key, value).map_err(|why| format!("`limits`: {why}"))?;
        }
        let policies = recording.policies.iter().enumerate();
        let sources =
            policies.map(|(index, policy)| policy.source(index)).collect::<Result<_, _>>()?;
        let jobs = recording.jobs.iter().enumerate();
        let job = |(index, recorded): (usize, &RecordedJob)| {
            Job::from_json(recorded.job.clone()).map_err(|why| format!("`jobs/{index}/job`: {why}"))
        };
        let jobs = jobs.map(job).collect::<Result<_, _>>()?;
        Ok(Self { sources, limits, recording, jobs })
    }

    /// Review every Job again. The chain is that of `sources`.
    pub fn review(&self, chain: &PolicyChain) -> Vec<Replayed> {
        let jobs = self.jobs.iter().zip(&self.recording.jobs).enumerate();
        jobs.map(|(index, (job, recorded))| {
            let reader = RecordedCluster(recorded.lookups.clone());
            let reviewed = chain.review_with(job.clone(), Arc::new(reader));
            let deviation = recorded.deviation(&RecordedJob::from(&reviewed), index);
            Replayed { reviewed, deviation }
        })
        .collect()
    }

    /// The deviation that the policies can be used now, where they could not.
    pub fn deviation(&self) -> Option<Deviation> {
        let error = self.recording.error.clone()?;
        let place = Pointer::root().key("error");
        Some(Deviation { policy: None, place, recorded: Some(error.into()), now: None })
    }

    /// The first secret setting that the recording does not hold and nobody gave again: the policy
    /// and the keys that lead to it.
    pub fn lacks(&self) -> Option<(&PolicyId, Vec<String>)> {
        let policies = self.sources.iter().zip(&self.recording.policies);
        let mut hidden = policies.flat_map(|(source, recorded)| {
            let places = recorded.hidden.iter().filter_map(|place| Pointer::parse(place).ok());
            places.map(move |place| (source, place))
        });
        let lacking = hidden.find(|(source, place)| {
            place.find(&source.settings).and_then(Value::as_str) == Some(HIDDEN)
        });
        lacking.map(|(source, place)| (&source.name, place.tokens().collect()))
    }

    /// The version of the program that wrote the recording.
    pub fn program(&self) -> &str {
        &self.recording.program
    }
}

impl RecordedPolicy {
    fn source(&self, index: usize) -> Result<PolicySource, String> {
        let wrong =
            |field: &'static str| move |why: String| format!("`policies/{index}/{field}`: {why}");
        let name = PolicyId::parse(&self.name).map_err(wrong("name"))?;
        let bytes = BASE64
            .decode(&self.bytes)
            .map_err(|error| wrong("bytes")(format!("not valid base64: {error}")))?;
        let grants = Grants::new(Some(&self.grants), &[]);
        let grants = grants.map_err(|error| wrong("grants")(error.to_string()))?;
        let mode = match self.mode {
            RecordedMode::Enforce => Mode::Enforce,
            RecordedMode::Audit => Mode::Audit,
        };
        if digest(&bytes) != self.digest {
            return Err(wrong("bytes")(format!(
                "expected the digest `{}`, found another",
                self.digest
            )));
        }
        let locator = Locator::bytes(&self.path, bytes);
        // Without a schema the policy was not loaded, whatever its settings.
        let is_unknown = self.hidden.iter().any(String::is_empty);
        let settings = if is_unknown { json!({}) } else { self.settings.clone() };
        let typed = self.typed.clone();
        Ok(PolicySource { name, locator, settings, typed, grants, mode })
    }
}

/// The recorded responses of the cluster.
struct RecordedCluster(Vec<Lookup>);

impl ClusterReader for RecordedCluster {
    fn query(&self, query: &Query, _: Duration) -> Response {
        self.find(None, query)
    }

    fn query_apart(&self, policy: &PolicyId, query: &Query, _: Duration, most: usize) -> Response {
        self.find(Some(policy.as_str()), query).bounded(most)
    }
}

impl RecordedCluster {
    fn find(&self, policy: Option<&str>, query: &Query) -> Response {
        let is_meant =
            |lookup: &&Lookup| lookup.query == *query && lookup.policy.as_deref() == policy;
        match self.0.iter().find(is_meant) {
            Some(lookup) => Response::clone(&lookup.response),
            None => Response::Refused("the recording has no such query".into()),
        }
    }
}
