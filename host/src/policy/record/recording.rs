//! A recording: everything that the reviews of a run saw and answered, as one JSON file. It is a
//! file format: fields are only added, and what an older program wrote can be read for ever.

use crate::files::{self, Access, FileError};
use crate::job::{Edit, LogLine, Mode, Pointer, Review, Verdict};
use crate::policy::load::HIDDEN;
use crate::policy::{Limits, Lookup, OpenedPolicy, PolicyError, ReviewError, Reviewed, TABLE};
use crate::text;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

/// The version of the file format.
pub const VERSION: u32 = 1;

/// The content of the file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recording {
    pub(super) version: u32,
    /// The version of the program that wrote it.
    pub(super) program: String,
    /// Every limit that was in force, as it is written in a policies file.
    pub(super) limits: BTreeMap<String, String>,
    /// The policies in their order.
    pub(super) policies: Vec<RecordedPolicy>,
    /// The reason why the policies could not be used, if so. No Job was reviewed then.
    pub(super) error: Option<String>,
    /// What the policy that broke then had logged.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) log: Vec<RecordedLine>,
    /// The Jobs up to the first that was not admitted.
    pub(super) jobs: Vec<RecordedJob>,
}

/// A policy as it was configured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct RecordedPolicy {
    pub name: String,
    /// The path of its file, for messages.
    pub path: String,
    pub mode: RecordedMode,
    /// The capabilities that it was granted.
    pub grants: Vec<String>,
    /// The settings as configured, without the defaults of its schema.
    pub settings: Value,
    /// The places of secret settings, as JSON pointers. A word stands in their place.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hidden: Vec<String>,
    /// Their numbers and booleans as they were typed, by JSON pointer.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub typed: BTreeMap<String, String>,
    /// The digest of its file.
    pub digest: String,
    /// Its file in base64.
    pub bytes: String,
}

/// Whether a policy is enforced or audited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum RecordedMode {
    Enforce,
    Audit,
}

/// One Job with its review.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct RecordedJob {
    /// The Job as it was drafted.
    pub job: Value,
    /// The queries to the cluster, with the responses.
    pub lookups: Vec<Lookup>,
    /// The reviews, in the order in which they were made.
    pub reviews: Vec<RecordedReview>,
    /// The reason why there was no verdict, if a policy broke.
    pub error: Option<String>,
    /// The Job as it was admitted, if it was.
    pub admitted: Option<Value>,
}

/// The review of one policy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct RecordedReview {
    pub policy: String,
    /// The round in which it was asked; left out in the first.
    #[serde(default = "first_round", skip_serializing_if = "is_first_round")]
    pub round: u32,
    /// The policy because of which it was asked again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    pub verdict: RecordedVerdict,
    pub edits: Vec<RecordedEdit>,
    pub log: Vec<RecordedLine>,
    pub fuel: u64,
}

/// The verdict: whether the Job may run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum RecordedVerdict {
    Admit,
    Warn { sentences: Vec<String> },
    Reject { reason: String, remedy: Option<String> },
    Broke { why: String },
}

/// One change and its reason.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct RecordedEdit {
    pub pointer: String,
    /// The value before; left out if there was none.
    #[serde(default, deserialize_with = "there", skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    /// The value after; left out if there is none.
    #[serde(default, deserialize_with = "there", skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
    pub reason: String,
}

fn first_round() -> u32 {
    1
}

fn is_first_round(round: &u32) -> bool {
    *round == 1
}

/// A field that is present, though it may be null.
fn there<'de, D: Deserializer<'de>>(field: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(field).map(Some)
}

/// A line that the policy wrote.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct RecordedLine {
    pub level: String,
    pub message: String,
}

impl Recording {
    /// The most bytes of a file that is read: several of the largest policies, and what they saw.
    pub const MOST_BYTES: u64 = 256 << 20;

    /// A recording without Jobs, made before any code of the policies runs. An error if a file
    /// cannot be read.
    pub fn new(policies: &[OpenedPolicy], limits: &Limits) -> Result<Self, PolicyError> {
        Ok(Self {
            version: VERSION,
            program: env!("CARGO_PKG_VERSION").into(),
            limits: TABLE
                .iter()
                .map(|row| (row.key.into(), row.unit.write(limits.get(row.limit))))
                .collect(),
            policies: policies.iter().map(RecordedPolicy::of).collect::<Result<_, _>>()?,
            error: None,
            log: Vec::new(),
            jobs: Vec::new(),
        })
    }

    /// Hide secret settings: `secrets` gives their places for each policy, by its number.
    pub fn hide(&mut self, secrets: impl Fn(usize) -> Vec<Pointer>) {
        for (index, policy) in self.policies.iter_mut().enumerate() {
            let is_empty = policy.settings.as_object().is_some_and(|settings| settings.is_empty());
            for place in secrets(index).into_iter().filter(|_| !is_empty) {
                if let Some(secret) = place.find_mut(&mut policy.settings) {
                    *secret = HIDDEN.into();
                    let place = place.to_string();
                    let below = format!("{place}/");
                    policy.typed.retain(|at, _| *at != place && !at.starts_with(&below));
                    policy.hidden.push(place);
                }
            }
        }
    }

    /// Add the error that the policies cannot be used.
    pub fn add_error(&mut self, error: &PolicyError) {
        self.error = Some(error.to_string());
        if let PolicyError::Broke { log, .. } = error {
            self.log = log.iter().map(RecordedLine::from).collect();
        }
    }

    /// Add a Job with its review.
    pub fn add(&mut self, reviewed: &Reviewed) {
        self.jobs.push(reviewed.into());
    }

    /// Write the file, readable by its owner alone: it holds responses of the cluster. A recording
    /// that stands there is replaced, and nothing else.
    pub fn write(&self, path: &Path) -> Result<(), FileError> {
        let is_own = |start: &str| {
            let rest = start.strip_prefix('{').map(str::trim_start);
            rest.is_some_and(|rest| rest.starts_with("\"version\":"))
                && start.contains("\"program\":")
        };
        let text = self.to_string();
        files::replace(path, text.as_bytes(), Access::Private, "a recording", is_own)
    }
}

/// The file's text, a line for each field.
impl fmt::Display for Recording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let json = serde_json::to_string_pretty(self).map_err(|_| fmt::Error)?;
        writeln!(f, "{}", text::json(&json))
    }
}

impl RecordedPolicy {
    fn of(opened: &OpenedPolicy) -> Result<Self, PolicyError> {
        let source = &opened.source;
        Ok(Self {
            name: source.name.to_string(),
            path: source.path().display().to_string(),
            mode: match source.mode {
                Mode::Enforce => RecordedMode::Enforce,
                Mode::Audit => RecordedMode::Audit,
            },
            grants: source.grants.capabilities().iter().map(ToString::to_string).collect(),
            settings: source.settings.clone(),
            hidden: Vec::new(),
            typed: source.typed.clone(),
            digest: opened.digest().to_owned(),
            bytes: BASE64.encode(opened.file.bytes()?),
        })
    }
}

impl From<&Reviewed> for RecordedJob {
    fn from(reviewed: &Reviewed) -> Self {
        let error = match &reviewed.result {
            Err(ReviewError::Broken(broken)) => Some(broken.to_string()),
            _ => None,
        };
        Self {
            job: reviewed.job.json().clone(),
            lookups: reviewed.lookups.iter().map(|lookup| Lookup::clone(lookup)).collect(),
            reviews: reviewed.reviews().iter().map(RecordedReview::from).collect(),
            error,
            admitted: reviewed.result.as_ref().ok().map(|admitted| admitted.job().json().clone()),
        }
    }
}

impl From<&LogLine> for RecordedLine {
    fn from(line: &LogLine) -> Self {
        Self { level: line.level.as_str().into(), message: line.message.clone() }
    }
}

impl From<&Review> for RecordedReview {
    fn from(review: &Review) -> Self {
        Self {
            policy: review.policy.to_string(),
            round: review.round,
            after: review.after.as_ref().map(ToString::to_string),
            verdict: match review.verdict.clone() {
                Verdict::Admit => RecordedVerdict::Admit,
                Verdict::Warn(sentences) => RecordedVerdict::Warn { sentences },
                Verdict::Reject(said) => {
                    RecordedVerdict::Reject { reason: said.reason, remedy: said.remedy }
                }
                Verdict::Broke(why) => RecordedVerdict::Broke { why },
            },
            edits: review.edits.iter().map(RecordedEdit::from).collect(),
            log: review.log.iter().map(RecordedLine::from).collect(),
            fuel: review.fuel,
        }
    }
}

impl From<&Edit> for RecordedEdit {
    fn from(edit: &Edit) -> Self {
        let change = edit.change.clone();
        let pointer = change.pointer.to_string();
        let before = change.before;
        let after = change.after;
        Self { pointer, before, after, reason: edit.reason.clone() }
    }
}
