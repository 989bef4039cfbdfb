//! The replay of a recording: its policies review its Jobs once more, and the recorded responses
//! stand for the cluster. Any difference from what was recorded is found.

use super::recording::{RecordedJob, RecordedMode, RecordedPolicy, Recording, VERSION};
use super::size;
use crate::job::{Job, Mode, Pointer, PolicyId};
use crate::policy::artifact::digest::digest;
use crate::policy::load::HIDDEN;
use crate::policy::{
    ClusterReader, Grants, Limits, Locator, Lookup, PolicyChain, PolicySource, Query, Response,
    Reviewed,
};
use crate::text::{clean, cut_beside, visible};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Map, Value, json};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// The characters of a value, or bytes of a line, that are shown.
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

/// The first place in which a recording and its replay differ.
#[derive(Clone, Debug, PartialEq)]
pub struct Deviation {
    /// The policy whose review differs.
    pub policy: Option<String>,
    /// The place in the recording.
    pub place: Pointer,
    /// The recorded value.
    pub recorded: Option<Value>,
    /// The value of now.
    pub now: Option<Value>,
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

    fn query_apart(&self, policy: &PolicyId, query: &Query, _: Duration) -> Response {
        self.find(Some(policy.as_str()), query)
    }
}

impl RecordedCluster {
    fn find(&self, policy: Option<&str>, query: &Query) -> Response {
        let is_meant =
            |lookup: &&Lookup| lookup.query == *query && lookup.policy.as_deref() == policy;
        match self.0.iter().find(is_meant) {
            Some(lookup) => lookup.response.clone(),
            None => Response::Refused("the recording has no such query".into()),
        }
    }
}

/// A place, and the part at it in each of two values.
type Place<'v> = (Pointer, Option<&'v Value>, Option<&'v Value>);

impl RecordedJob {
    fn deviation(&self, now: &Self, index: usize) -> Option<Deviation> {
        let as_json = |job: &Self| serde_json::to_value(job).expect("what was recorded is JSON");
        let recorded = as_json(self);
        let now = as_json(now);
        let place = Pointer::root().key("jobs").index(index);
        let (place, before, after) = first_difference(&recorded, &now, place)?;
        let tokens: Vec<_> = place.tokens().collect();
        let policy = match tokens.as_slice() {
            [_, _, list, review, ..] if list == "reviews" => {
                recorded.pointer(&format!("/reviews/{review}/policy"))
            }
            _ => None,
        };
        let policy = policy.and_then(Value::as_str).map(str::to_owned);
        Some(Deviation { policy, place, recorded: before.cloned(), now: after.cloned() })
    }
}

/// The first place, from top to bottom, at which two values differ, with the part of each.
fn first_difference<'v>(one: &'v Value, other: &'v Value, place: Pointer) -> Option<Place<'v>> {
    let below = |one: Option<&'v Value>, other: Option<&'v Value>, place| match (one, other) {
        (Some(one), Some(other)) => first_difference(one, other, place),
        sides => Some((place, sides.0, sides.1)),
    };
    match (one, other) {
        (Value::Object(a), Value::Object(b)) => {
            let mut keys = a.keys().chain(b.keys().filter(|key| !a.contains_key(*key)));
            keys.find_map(|key| below(a.get(key), b.get(key), place.key(key)))
        }
        (Value::Array(a), Value::Array(b)) => (0..a.len().max(b.len()))
            .find_map(|index| below(a.get(index), b.get(index), place.index(index))),
        _ => (one != other).then_some((place, Some(one), Some(other))),
    }
}

impl fmt::Display for Deviation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { policy, place, recorded, now } = self;
        let text = |value: &Option<Value>| value.as_ref().map(|value| visible(&value.to_string()));
        let (recorded, now) = (text(recorded), text(now));
        let shown = |one: &Option<String>, other: &Option<String>| match one {
            Some(text) => {
                format!("`{}`", cut_beside(text, other.as_deref().unwrap_or_default(), SHOWN))
            }
            None => "nothing".into(),
        };
        if let Some(policy) = policy {
            write!(f, "the review of policy `{policy}` differs: ")?;
        }
        let (expected, found) = (shown(&recorded, &now), shown(&now, &recorded));
        write!(f, "expected {expected} at `{place}`, found {found}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_first_difference_is_named() {
        let rows = [
            (json!({"a": [1, 2]}), json!({"a": [1, 2]}), None),
            (
                json!({"a": [1, 2], "b": 1}),
                json!({"a": [1, 3], "b": 2}),
                Some(("/a/1", json!([2]), json!([3]))),
            ),
            (
                json!({"a": [1]}),
                json!({"a": [1, {"x": 1}]}),
                Some(("/a/1", json!([]), json!([{"x": 1}]))),
            ),
            (json!({"a/b": 1}), json!({}), Some(("/a~1b", json!([1]), json!([])))),
            (json!({}), json!({"b": {"c": 1}}), Some(("/b", json!([]), json!([{"c": 1}])))),
            (json!({"a": null}), json!({}), Some(("/a", json!([null]), json!([])))),
            (
                json!({"a": [1]}),
                json!({"a": {"0": 1}}),
                Some(("/a", json!([[1]]), json!([{"0": 1}]))),
            ),
        ];
        for (one, other, expected) in rows {
            let found = first_difference(&one, &other, Pointer::root());
            // One value, or none.
            let side = |value: Option<&Value>| value.into_iter().cloned().collect::<Value>();
            let found =
                found.map(|(place, one, other)| (place.to_string(), side(one), side(other)));
            assert_eq!(
                found,
                expected.map(|(place, one, other)| (place.to_owned(), one, other)),
                "{one} {other}"
            );
        }
    }

    #[test]
    fn long_values_are_never_told_alike() {
        let long = |end: &str| Some(json!("a".repeat(1000) + end));
        let place = Pointer::root();
        let deviation = Deviation { policy: None, place, recorded: long("b"), now: long("c") };
        let told = deviation.to_string();
        assert!(told.contains("ab\"` at") && told.ends_with("ac\"`"), "{told}");
        assert!(told.len() < 600, "{told}");
    }
}
