//! `policies.lock`: the policies that a team has approved, by digest, in their order, with all that
//! would weaken one: its mode, grants, capabilities and settings, and the limits. A difference from
//! the lock is found before any code of a policy runs.

use crate::files::{self, Access, FileError};
use crate::job::Mode;
use crate::policy::artifact::digest::digest_of_json;
use crate::policy::{Limits, OpenedPolicy, Policy, PolicyChain};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

/// The version of the file format.
const VERSION: u32 = 2;
/// How every lock file begins.
const HEADER: &str = "# Written by `mlcube-k8s policy lock`";
/// The contract that a locked policy implements.
const WORLD: &str = "mlcube:policy@0.1.0";

/// The content of a lock file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lock {
    version: u32,
    /// The limits that are not the default ones.
    limits: BTreeMap<String, String>,
    policies: Vec<Locked>,
}

/// One policy as it was locked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Locked {
    name: String,
    digest: String,
    world: String,
    mode: String,
    /// The capabilities that it was granted, whether it uses them or not.
    grants: Vec<String>,
    /// The capabilities that it has.
    capabilities: Vec<String>,
    settings: String,
}

/// A difference between the policies in use and the locked ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// Not in the lock.
    New(String),
    /// In the lock, and not in use.
    Gone(String),
    /// In use in another order.
    Order,
    /// Other limits.
    Limits,
    /// Another mode.
    Mode(String, Mode),
    /// Other grants.
    Grants(String),
    /// Another file.
    Digest(String),
    /// Other settings.
    Settings(String),
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::New(name) => write!(f, "policy `{name}` is not in the lock"),
            Self::Gone(name) => write!(f, "policy `{name}` is in the lock but not configured"),
            Self::Order => write!(f, "the policies are not in the locked order"),
            Self::Limits => write!(f, "the limits differ from the locked ones"),
            Self::Mode(name, mode) => {
                let locked = match mode {
                    Mode::Enforce => Mode::Audit,
                    Mode::Audit => Mode::Enforce,
                };
                write!(f, "policy `{name}` is in mode `{mode}`, locked is `{locked}`")
            }
            Self::Grants(name) => {
                write!(f, "the grants of policy `{name}` differ from the locked ones")
            }
            Self::Digest(name) => {
                write!(f, "the file of policy `{name}` differs from the locked one")
            }
            Self::Settings(name) => {
                write!(f, "the settings of policy `{name}` differ from the locked ones")
            }
        }
    }
}

/// The lock as a file, with a comment that says where it comes from.
impl fmt::Display for Lock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let yaml = serde_saphyr::to_string(self).map_err(|_| fmt::Error)?;
        write!(f, "{HEADER}; `--locked` uses these policies and no others.\n{yaml}")
    }
}

impl Lock {
    /// Read the content of a lock file. The error is a sentence.
    pub fn from_json(content: Value) -> Result<Self, String> {
        if !content.is_object() {
            return Err(format!("expected a lock of version {VERSION}, found something else"));
        }
        match content.get("version") {
            Some(version) if *version != VERSION => {
                Err(format!("expected a lock of version {VERSION}, found version {version}"))
            }
            _ => serde_json::from_value(content).map_err(|error| error.to_string()),
        }
    }

    /// Write the file. A lock that stands there is replaced, and nothing else.
    pub fn write(&self, path: &Path) -> Result<(), FileError> {
        let bytes = self.to_string();
        files::replace(path, bytes.as_bytes(), Access::Usual, "a lock", Self::is_begun_in)
    }

    /// Whether a text begins as the file of a lock does, be it damaged or without its comment.
    pub fn is_begun_in(text: &str) -> bool {
        let has = |key| text.lines().any(|line| line.starts_with(key));
        text.starts_with(HEADER) || (has("version:") && has("policies:"))
    }

    /// Lock the policies in use: `opened` and `chain` are the same, before and after loading.
    pub fn of(opened: &[OpenedPolicy], chain: &PolicyChain, limits: &Limits) -> Self {
        let locked = |(opened, policy): (&OpenedPolicy, &Policy)| Locked {
            name: opened.name().to_string(),
            digest: opened.digest().to_owned(),
            world: WORLD.into(),
            mode: opened.source.mode.to_string(),
            grants: grants(opened),
            capabilities: policy.capabilities().iter().map(ToString::to_string).collect(),
            settings: digest_of_json(&opened.source.identity()),
        };
        let policies = opened.iter().zip(chain.policies()).map(locked).collect();
        Self { version: VERSION, limits: changed(limits), policies }
    }

    /// Check policies against the lock: gives every difference, and from then on each must have no
    /// capability that it did not have when it was locked.
    pub fn verify(&self, opened: &mut [OpenedPolicy], limits: &Limits) -> Vec<Difference> {
        let differences = self.differences(opened, limits);
        for policy in opened {
            let locked = self.find(policy.name().as_str());
            policy.locked = locked.map(|locked| locked.capabilities.clone());
        }
        differences
    }

    fn differences(&self, opened: &[OpenedPolicy], limits: &Limits) -> Vec<Difference> {
        let is_used =
            |locked: &Locked| opened.iter().any(|policy| policy.name().as_str() == locked.name);
        let mut differences = Vec::new();
        for policy in opened {
            let name = policy.name().to_string();
            let Some(locked) = self.find(&name) else {
                differences.push(Difference::New(name));
                continue;
            };
            if locked.digest != policy.digest() {
                differences.push(Difference::Digest(name.clone()));
            }
            if locked.settings != digest_of_json(&policy.source.identity()) {
                differences.push(Difference::Settings(name.clone()));
            }
            let mode = policy.source.mode;
            if locked.mode != mode.to_string() {
                differences.push(Difference::Mode(name.clone(), mode));
            }
            if locked.grants != grants(policy) {
                differences.push(Difference::Grants(name));
            }
        }
        let gone = self.policies.iter().filter(|locked| !is_used(locked));
        differences.extend(gone.map(|locked| Difference::Gone(locked.name.clone())));
        let both = opened.iter().map(|policy| policy.name().as_str());
        let both = both.filter(|name| self.find(name).is_some());
        let used = self.policies.iter().filter(|locked| is_used(locked));
        if !both.eq(used.map(|locked| locked.name.as_str())) {
            differences.push(Difference::Order);
        }
        if self.limits != changed(limits) {
            differences.push(Difference::Limits);
        }
        differences
    }

    fn find(&self, name: &str) -> Option<&Locked> {
        self.policies.iter().find(|locked| locked.name == name)
    }
}

fn grants(policy: &OpenedPolicy) -> Vec<String> {
    policy.source.grants.capabilities().iter().map(ToString::to_string).collect()
}

fn changed(limits: &Limits) -> BTreeMap<String, String> {
    limits.changed().map(|(row, value)| (row.key.to_owned(), row.unit.write(value))).collect()
}
