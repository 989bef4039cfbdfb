//! A policy's settings against its own JSON Schema, before the policy sees them.

use super::PolicyError;
use crate::job::PolicyId;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// Check settings against a schema. All that is wrong is said at once.
pub fn check(policy: &PolicyId, schema: &str, settings: &Value) -> Result<(), PolicyError> {
    let wrong = |why: String| PolicyError::Description { policy: policy.clone(), why };
    let schema: Value =
        serde_json::from_str(schema).map_err(|error| wrong(format!("its schema is no JSON: {error}")))?;
    let validator =
        jsonschema::validator_for(&schema).map_err(|error| wrong(format!("its settings schema is none: {error}")))?;
    let place = |path: &str| if path.is_empty() { String::new() } else { format!(" at `{path}`") };
    let errors: Vec<String> = validator
        .iter_errors(settings)
        .map(|error| format!("{error}{}", place(error.instance_path().as_str())))
        .collect();
    match errors.is_empty() {
        true => Ok(()),
        false => Err(PolicyError::Settings { policy: policy.clone(), errors }),
    }
}

/// The digest of a file as OCI spells it: `sha256:` and 64 hexadecimal digits.
pub fn digest(bytes: &[u8]) -> String {
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    format!("sha256:{}", hex(&Sha256::digest(bytes)))
}
