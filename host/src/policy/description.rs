//! The description of a policy. It follows from the policy's file alone, so the cache keeps it.

use crate::k8s;
use serde::{Deserialize, Serialize};

/// The answer of a policy to `describe`. The texts are foreign: clean them before people see them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Description {
    /// A DNS label.
    pub name: String,
    /// A semantic version.
    pub version: String,
    /// The purpose of the policy, in a sentence.
    pub summary: String,
    /// The JSON Schema of its settings, as text.
    pub settings_schema: String,
}

impl Description {
    /// Check the name and the version. The error is a sentence.
    pub fn check(&self) -> Result<(), String> {
        k8s::dns_label(&self.name).map_err(|why| format!("its name {why}"))?;
        if is_semantic(&self.version) {
            return Ok(());
        }
        Err(format!("its version `{}` is not a semantic version like `1.2.0`", self.version))
    }
}

/// Three numbers, then a pre-release and build metadata, if any (<https://semver.org>).
fn is_semantic(version: &str) -> bool {
    let core = version.split(['-', '+']).next().unwrap_or_default();
    let more = &version[core.len()..];
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.');
    let numbers = core.split('.');
    numbers.clone().count() == 3
        && numbers.clone().all(is_number)
        && more.len() != 1
        && more.bytes().all(fits)
}
