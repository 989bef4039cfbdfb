//! Digests as OCI spells them: `sha256:` and 64 hexadecimal digits.

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

/// The digest of bytes.
pub fn digest(bytes: &[u8]) -> String {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let hex = |byte: &u8| [byte >> 4, byte & 15].map(|digit| char::from(HEX[usize::from(digit)]));
    "sha256:".chars().chain(Sha256::digest(bytes).iter().flat_map(hex)).collect()
}

/// The digest of a value, independent of the order of its keys.
pub fn digest_of_json(value: &Value) -> String {
    digest(sorted(value).to_string().as_bytes())
}

fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> =
                members.iter().map(|(key, value)| (key.clone(), sorted(value))).collect();
            members.sort_by(|(a, _), (b, _)| a.cmp(b));
            Value::Object(Map::from_iter(members))
        }
        Value::Array(items) => items.iter().map(sorted).collect(),
        plain => plain.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_order_of_keys_does_not_count() {
        let (a, b) =
            (json!({"x": 1, "y": [{"p": 1, "q": 2}]}), json!({"y": [{"q": 2, "p": 1}], "x": 1}));
        assert_eq!(digest_of_json(&a), digest_of_json(&b));
        assert_ne!(digest_of_json(&a), digest_of_json(&json!({"x": 1, "y": [{"p": 2, "q": 1}]})));
        assert_eq!(
            digest(b""),
            "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
    }
}
