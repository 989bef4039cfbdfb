//! `policies.lock`: the policies that a team has looked at, by digest, with what each can do and its settings. What is not as
//! it was locked is found before anything of it runs.

use super::digest::digest_of_json;
use super::{PolicyChain, PolicySource};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The form of the file.
const VERSION: u32 = 1;
/// What a locked policy implements.
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

/// How the policies in use differ from the locked ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// The file says more than this program understands.
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
            Self::Version(version) => write!(f, "the lock is of version {version}, this program reads {VERSION}"),
            Self::New(name) => write!(f, "policy `{name}` is not in the lock"),
            Self::Gone(name) => write!(f, "policy `{name}` is in the lock and not in use"),
            Self::Order => write!(f, "the policies are locked in another order"),
            Self::Digest(name) => write!(f, "policy `{name}` is another file than the locked one"),
            Self::Settings(name) => write!(f, "policy `{name}` has other settings than the locked ones"),
        }
    }
}

/// The lock as a file, with a word to who finds it.
impl fmt::Display for Lock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let yaml = serde_saphyr::to_string(self).map_err(|_| fmt::Error)?;
        write!(f, "# Written by `mlcube-k8s policy lock`; `--locked` uses these policies and no others.\n{yaml}")
    }
}

impl Lock {
    /// Lock what is in use. `sources` and `chain` are the same policies, before and after loading.
    pub fn of(sources: &[PolicySource], chain: &PolicyChain) -> Self {
        let locked = |(source, capabilities): (&PolicySource, &[&str])| Locked {
            name: source.name.to_string(),
            digest: source.file.digest().to_owned(),
            world: WORLD.into(),
            capabilities: capabilities.iter().map(|name| (*name).to_owned()).collect(),
            settings: digest_of_json(&source.settings),
        };
        let capabilities = chain.policies().iter().map(|policy| policy.capabilities());
        Self { version: VERSION, policies: sources.iter().zip(capabilities).map(locked).collect() }
    }

    /// Everything in which policies differ from the lock.
    pub fn differences(&self, sources: &[PolicySource]) -> Vec<Difference> {
        if self.version != VERSION {
            return vec![Difference::Version(self.version)];
        }
        let is_used = |locked: &Locked| sources.iter().any(|source| source.name.as_str() == locked.name);
        let mut differences = Vec::new();
        for source in sources {
            let name = source.name.to_string();
            let Some(locked) = self.find(&name) else {
                differences.push(Difference::New(name));
                continue;
            };
            if locked.digest != source.file.digest() {
                differences.push(Difference::Digest(name.clone()));
            }
            if locked.settings != digest_of_json(&source.settings) {
                differences.push(Difference::Settings(name));
            }
        }
        let gone = self.policies.iter().filter(|locked| !is_used(locked));
        differences.extend(gone.map(|locked| Difference::Gone(locked.name.clone())));
        let both = sources.iter().map(|source| source.name.as_str()).filter(|name| self.find(name).is_some());
        if !both.eq(self.policies.iter().filter(|locked| is_used(locked)).map(|locked| locked.name.as_str())) {
            differences.push(Difference::Order);
        }
        differences
    }

    /// What a policy could do when it was locked; none where it is not in the lock.
    pub fn capabilities(&self, name: &str) -> Option<&[String]> {
        self.find(name).map(|locked| locked.capabilities.as_slice())
    }

    fn find(&self, name: &str) -> Option<&Locked> {
        self.policies.iter().find(|locked| locked.name == name)
    }
}
