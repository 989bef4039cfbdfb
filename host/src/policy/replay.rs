//! A recording, used again: its policies review its Jobs once more, and the cluster is what it answered then. Whatever comes
//! out otherwise than it was recorded is found.

use super::chain::Reviewed;
use super::lookup::{Answer, Lookup, Lookups, Question};
use super::recording::{RecordedJob, RecordedMode, RecordedPolicy, Recording, VERSION};
use super::{Grants, Limits, PolicyChain, PolicySource};
use crate::job::{Job, Mode, Pointer, PolicyId};
use crate::text::clean;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Map, Value};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// How much of a value or of a line is shown.
const SHOWN: usize = 200;

/// A recording that was read and is sound.
pub struct Replay {
    /// The policies in their order.
    pub sources: Vec<PolicySource>,
    /// What they may use.
    pub limits: Limits,
    recording: Recording,
    jobs: Vec<Job>,
}

/// A Job that was reviewed again.
pub struct Replayed {
    /// What came of it now.
    pub reviewed: Reviewed,
    /// In what this is not what was recorded.
    pub deviation: Option<Deviation>,
}

/// The first place in which a recording says something else than a replay.
#[derive(Clone, Debug, PartialEq)]
pub struct Deviation {
    /// The policy in whose review it lies.
    pub policy: Option<String>,
    /// The place in the recording.
    pub place: Pointer,
    /// What was recorded.
    pub recorded: Option<Value>,
    /// What there is now.
    pub now: Option<Value>,
}

impl Replay {
    /// Read a recording. The error is a sentence that names the field.
    pub fn read(text: &str) -> Result<Self, String> {
        let damaged = |error: serde_json::Error| {
            let line = text.lines().nth(error.line().saturating_sub(1)).unwrap_or_default();
            format!("{error}: `{}`", clean(line.trim(), SHOWN))
        };
        let form: Map<String, Value> = serde_json::from_str(text).map_err(damaged)?;
        let version = form.get("version").unwrap_or(&Value::Null);
        if *version != VERSION {
            return Err(format!("`version` is {version}, this program reads recordings of version {VERSION}"));
        }
        let recording: Recording = serde_json::from_str(text).map_err(damaged)?;
        let mut limits = Limits::default();
        for (key, value) in &recording.limits {
            limits.set(key, value).map_err(|why| format!("`limits`: {why}"))?;
        }
        let policies = recording.policies.iter().enumerate();
        let sources = policies.map(|(index, policy)| policy.source(index)).collect::<Result<_, _>>()?;
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
            let answers = Answers(recorded.lookups.clone());
            let reviewed = chain.review_asking(job.clone(), Arc::new(answers));
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

    /// The version of the program that wrote the recording.
    pub fn program(&self) -> &str {
        &self.recording.program
    }
}

impl RecordedPolicy {
    fn source(&self, index: usize) -> Result<PolicySource, String> {
        let wrong = |field: &'static str| move |why: String| format!("`policies/{index}/{field}`: {why}");
        let name = PolicyId::parse(&self.name).map_err(wrong("name"))?;
        let bytes = BASE64.decode(&self.bytes).map_err(|error| wrong("bytes")(format!("it is no base64: {error}")))?;
        let grants = Grants::new(Some(&self.grants), &[]).map_err(wrong("grants"))?;
        let mode = match self.mode {
            RecordedMode::Enforce => Mode::Enforce,
            RecordedMode::Audit => Mode::Audit,
        };
        let source = PolicySource::new(name, &self.path, bytes, self.settings.clone());
        match source.file.digest() == self.digest {
            true => Ok(PolicySource { grants, mode, ..source }),
            false => Err(wrong("bytes")(format!("their digest is not `{}`", self.digest))),
        }
    }
}

/// The cluster as it answered when it was recorded.
struct Answers(Vec<Lookup>);

impl Lookups for Answers {
    fn look(&self, question: &Question, _: Duration) -> Answer {
        let known = self.0.iter().find(|lookup| lookup.question == *question);
        known.map_or_else(|| Answer::Refused("this was not asked when it was recorded".into()), |l| l.answer.clone())
    }
}

/// A place, and what stands there in each of two values.
type Place<'v> = (Pointer, Option<&'v Value>, Option<&'v Value>);

impl RecordedJob {
    fn deviation(&self, now: &Self, index: usize) -> Option<Deviation> {
        let as_json = |job: &Self| serde_json::to_value(job).expect("what was recorded is JSON");
        let (recorded, now) = (as_json(self), as_json(now));
        let place = Pointer::root().key("jobs").index(index);
        let (place, before, after) = first_difference(&recorded, &now, place)?;
        let tokens: Vec<_> = place.tokens().collect();
        let policy = match tokens.as_slice() {
            [_, _, list, review, ..] if list == "reviews" => recorded.pointer(&format!("/reviews/{review}/policy")),
            _ => None,
        };
        let policy = policy.and_then(Value::as_str).map(str::to_owned);
        Some(Deviation { policy, place, recorded: before.cloned(), now: after.cloned() })
    }
}

/// The first place, from top to bottom, at which two values differ, with what stands there in each.
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
        (Value::Array(a), Value::Array(b)) => {
            (0..a.len().max(b.len())).find_map(|index| below(a.get(index), b.get(index), place.index(index)))
        }
        _ => (one != other).then_some((place, Some(one), Some(other))),
    }
}

impl fmt::Display for Deviation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { policy, place, recorded, now } = self;
        let shown = |value: &Option<Value>| match value {
            Some(value) => format!("`{}`", clean(&value.to_string(), SHOWN)),
            None => "nothing".into(),
        };
        if let Some(policy) = policy {
            write!(f, "policy `{policy}` does not say what it said: ")?;
        }
        write!(f, "`{place}` was {}, now it is {}", shown(recorded), shown(now))
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
            (json!({"a": [1, 2], "b": 1}), json!({"a": [1, 3], "b": 2}), Some(("/a/1", json!([2]), json!([3])))),
            (json!({"a": [1]}), json!({"a": [1, {"x": 1}]}), Some(("/a/1", json!([]), json!([{"x": 1}])))),
            (json!({"a/b": 1}), json!({}), Some(("/a~1b", json!([1]), json!([])))),
            (json!({}), json!({"b": {"c": 1}}), Some(("/b", json!([]), json!([{"c": 1}])))),
            (json!({"a": null}), json!({}), Some(("/a", json!([null]), json!([])))),
            (json!({"a": [1]}), json!({"a": {"0": 1}}), Some(("/a", json!([[1]]), json!([{"0": 1}])))),
        ];
        for (one, other, expected) in rows {
            let found = first_difference(&one, &other, Pointer::root());
            // One value, or none.
            let side = |value: Option<&Value>| value.into_iter().cloned().collect::<Value>();
            let found = found.map(|(place, one, other)| (place.to_string(), side(one), side(other)));
            assert_eq!(found, expected.map(|(place, one, other)| (place.to_owned(), one, other)), "{one} {other}");
        }
    }
}
