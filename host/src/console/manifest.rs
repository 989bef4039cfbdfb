//! Jobs as text that `kubectl` reads.

use crate::plan::ManifestFormat;
use serde_json::{Value, json};

/// One Job as a document; several as YAML documents or as a JSON `List`.
pub fn text(jobs: &[Value], format: ManifestFormat) -> String {
    match (format, jobs) {
        (ManifestFormat::Yaml, jobs) => jobs.iter().map(yaml).collect::<Vec<_>>().join("---\n"),
        (ManifestFormat::Json, [job]) => format!("{job:#}\n"),
        (ManifestFormat::Json, jobs) => {
            format!("{:#}\n", json!({"apiVersion": "v1", "kind": "List", "items": jobs}))
        }
    }
}

fn yaml(job: &Value) -> String {
    serde_saphyr::to_string(job).expect("JSON can be written as YAML")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cube::{Config, Request, Source};
    use proptest::prelude::*;

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "\\PC*".prop_map(Value::from),
            any::<String>().prop_map(Value::from),
            "[-+.0-9eExo_:#~&*!|>%@`'\"\\[\\]{}, \n\t]{0,8}".prop_map(Value::from),
            "(?i)(y|yes|no|on|off|true|null|nan|\\.inf|<<|=|---|\\.\\.\\.)".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            let map = prop::collection::vec((any::<String>(), inner.clone()), 0..4);
            prop_oneof![
                prop::collection::vec(inner, 0..4).prop_map(Value::from),
                map.prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        /// The output of `config` is a valid cube file.
        #[test]
        fn yaml_says_what_was_meant(value in value()) {
            let text = text(&[json!({"x": value})], ManifestFormat::Yaml);
            let request = Request {
                cube: Source { path: "printed".into(), text: text.clone() },
                system: None,
                platform: None,
                overrides: Vec::new(),
                root: "/".into(),
                workspace: None,
                env: &|_| None,
            };
            let read = Config::read(&request).map(|config| config.written["x"].clone());
            prop_assert_eq!(read, Ok(value), "{}", text);
        }
    }
}
