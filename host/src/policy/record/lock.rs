//! `policies.lock`: the policies that a team has approved, by digest, with the capabilities and the
//! settings of each. A difference from the lock is found before any code of a policy runs.

use crate::policy::artifact::digest::digest_of_json;
use crate::policy::{OpenedPolicy, Policy, PolicyChain};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The version of the file format.
const VERSION: u32 = 1;
/// The contract that a locked policy implements.
const WORLD: &str = "mlcube:policy@0.1.0";

/// The content of a lock file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lock {
    version: u32,
    policies: Vec<Locked>,
}

/// One policy as it was locked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Locked {
    name: String,
    digest: String,
    world: String,
    capabilities: Vec<String>,
    settings: String,
}

/// A difference between the policies in use and the locked ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// The version of the file is not the one that this program reads.
    Version(u32),
    /// Not in the lock.
    New(String),
    /// In the lock, and not in use.
    Gone(String),
    /// In use in another order.
    Order,
    /// Another file.
    Digest(String),
    /// Other settings.
    Settings(String),
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Version(version) => {
                write!(f, "expected a lock of version {VERSION}, found version {version}")
            }
            Self::New(name) => write!(f, "policy `{name}` is not in the lock"),
            Self::Gone(name) => write!(f, "policy `{name}` is in the lock but not configured"),
            Self::Order => write!(f, "the policies are not in the locked order"),
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
        write!(
            f,
            "# Written by `mlcube-k8s policy lock`; `--locked` uses these policies and no others.\n\
             {yaml}"
        )
    }
}

impl Lock {
    /// Lock the policies in use: `opened` and `chain` are the same, before and after loading.
    pub fn of(opened: &[OpenedPolicy], chain: &PolicyChain) -> Self {
        let locked = |(opened, policy): (&OpenedPolicy, &Policy)| Locked {
            name: opened.name().to_string(),
            digest: opened.digest().to_owned(),
            world: WORLD.into(),
            capabilities: policy.capabilities().iter().map(ToString::to_string).collect(),
            settings: digest_of_json(&opened.source.settings),
        };
        let policies = opened.iter().zip(chain.policies()).map(locked).collect();
        Self { version: VERSION, policies }
    }

    /// Check policies against the lock: gives every difference, and from then on each must have no
    /// capability that it did not have when it was locked.
    pub fn verify(&self, opened: &mut [OpenedPolicy]) -> Vec<Difference> {
        let differences = self.differences(opened);
        for policy in opened {
            let locked = self.find(policy.name().as_str());
            policy.locked = locked.map(|locked| locked.capabilities.clone());
        }
        differences
    }

    fn differences(&self, opened: &[OpenedPolicy]) -> Vec<Difference> {
        if self.version != VERSION {
            return vec![Difference::Version(self.version)];
        }
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
            if locked.settings != digest_of_json(&policy.source.settings) {
                differences.push(Difference::Settings(name));
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
        differences
    }

    fn find(&self, name: &str) -> Option<&Locked> {
        self.policies.iter().find(|locked| locked.name == name)
    }
}
