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
