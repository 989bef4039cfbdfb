//! Names of Jobs and labels: valid for Kubernetes whatever the cube is called, and different for
//! every run.

use super::{Job, PREFIX};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::fmt;

/// The label that identifies the run, without its prefix.
pub const RUN: &str = "run";
/// Kubernetes' limit for the name of a Job, so that its Pods' labels stay valid.
const LONGEST: usize = 63;

/// The id of a run, which makes its Job unique: ten letters and digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunId(String);

impl RunId {
    /// A new one, from the operating system's randomness.
    pub fn random() -> Self {
        const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
        let bits = getrandom::u64().expect("the operating system has randomness");
        Self(
            (0..10)
                .map(|index| char::from(ALPHABET[(bits >> (5 * index)) as usize % 32]))
                .collect(),
        )
    }

    /// Whether an object was created by this run.
    pub fn is_on(&self, metadata: &ObjectMeta) -> bool {
        let labels = metadata.labels.as_ref();
        labels
            .and_then(|labels| labels.get(&format!("{PREFIX}{RUN}")))
            .is_some_and(|run| *run == self.0)
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Job {
    /// The Job under a name of its own, as it is sent. `metadata.generateName` becomes a name here,
    /// because the API server would create two Jobs for a request that arrives twice.
    pub fn named_for(&self, run: &RunId) -> Self {
        let mut job = self.named(&run.0);
        let metadata = job.metadata_mut();
        super::object(metadata.entry("labels").or_insert_with(|| json!({})))
            .insert(format!("{PREFIX}{RUN}"), json!(run.0));
        job
    }

    /// The Job under a name derived from its content: a manifest that is printed twice describes
    /// one Job.
    pub fn named_by_content(&self) -> Self {
        let digest = Sha256::digest(self.0.to_string());
        self.named(&digest[..5].iter().map(|byte| format!("{byte:02x}")).collect::<String>())
    }

    fn named(&self, suffix: &str) -> Self {
        let prefix = self.name().trim_end_matches(['-', '.']);
        let prefix = prefix[..prefix.floor_char_boundary(LONGEST - 1 - suffix.len())]
            .trim_end_matches(['-', '.']);
        let separator = if prefix.is_empty() { "" } else { "-" };
        let name = format!("{prefix}{separator}{suffix}");
        let mut job = self.clone();
        let metadata = job.metadata_mut();
        match metadata.get_mut("generateName") {
            Some(_) => {
                // The name takes the place of the prefix, so that the manifest reads in the usual
                // order.
                let renamed = |(key, value): (String, Value)| match key.as_str() {
                    "generateName" => ("name".into(), json!(name)),
                    _ => (key, value),
                };
                *metadata = std::mem::take(metadata).into_iter().map(renamed).collect();
            }
            None => {
                metadata.insert("name".into(), json!(name));
            }
        }
        job
    }
}

/// Any text as a DNS label of at most `longest` characters: letters in lower case, everything else
/// a dash. Text without a single letter or digit becomes `cube`.
pub fn to_dns_label(text: &str, longest: usize) -> String {
    let mut label = String::new();
    for c in text.chars().flat_map(char::to_lowercase) {
        if c.is_ascii_alphanumeric() {
            label.push(c);
        } else if !label.is_empty() && !label.ends_with('-') {
            label.push('-');
        }
    }
    label.truncate(longest);
    let label = label.trim_end_matches('-');
    if label.is_empty() { "cube".into() } else { label.into() }
}

/// Any text as the value of a label: characters that are not allowed become dashes. Empty if there
/// is no letter and no digit.
pub fn to_label_value(text: &str) -> String {
    let is_end = |c: char| c.is_ascii_alphanumeric();
    let mapped = |c: char| if is_end(c) || matches!(c, '-' | '_' | '.') { c } else { '-' };
    let value: String =
        text.chars().skip_while(|c| !is_end(*c)).map(mapped).take(LONGEST).collect();
    value.trim_end_matches(|c: char| !is_end(c)).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::k8s;
    use proptest::prelude::*;

    #[test]
    fn any_name_becomes_a_valid_one() {
        let rows = [
            ("mnist", "mnist", "mnist"),
            ("MLCommons FeTS", "mlcommons-fets", "MLCommons-FeTS"),
            ("hello_world", "hello-world", "hello_world"),
            ("--a--b--", "a-b", "a--b"),
            ("v1.2", "v1-2", "v1.2"),
            ("Größe", "gr-e", "Gr--e"),
            ("日本", "cube", ""),
            ("日本 2", "2", "2"),
            ("", "cube", ""),
            ("...", "cube", ""),
            ("İstanbul", "i-stanbul", "stanbul"),
            ("\u{212a}2", "k2", "2"),
            ("a\nb\0c", "a-b-c", "a-b-c"),
            ("🧊", "cube", ""),
        ];
        for (text, label, value) in rows {
            assert_eq!(to_dns_label(text, 40), label, "{text}");
            assert_eq!(to_label_value(text), value, "{text}");
        }
        assert_eq!(to_dns_label(&"a-".repeat(60), 40).len(), 39);
        assert_eq!(to_label_value(&"é".repeat(70).replacen('é', "a", 1)), "a");
        assert_eq!(to_label_value(&format!("{}a", "é".repeat(70))), "a");
    }

    proptest! {
        #[test]
        fn every_text_becomes_a_valid_name(text in any::<String>(), longest in 4usize..=63) {
            let label = to_dns_label(&text, longest);
            prop_assert!(k8s::dns_label(&label).is_ok() && label.len() <= longest, "{}", label);
            let value = to_label_value(&text);
            prop_assert!(k8s::label_value(&value).is_ok(), "{}", value);
            prop_assert_eq!(value.is_empty(), !text.contains(|c: char| c.is_ascii_alphanumeric()));
        }

        /// Whatever a cube is called, a run of it and its manifest have a valid name.
        #[test]
        fn every_job_has_a_valid_name(text in any::<String>()) {
            let mut job = Job::empty();
            let prefix = format!("mlcube-{}-", to_dns_label(&text, 40));
            job.metadata_mut().insert("generateName".into(), json!(prefix));
            for named in [job.named_for(&RunId::random()), job.named_by_content()] {
                prop_assert_eq!(k8s::dns_label(named.name()), Ok(()));
                let name = named.name();
                prop_assert!(name.starts_with(job.name()), "room for the whole name: {}", name);
            }
        }
    }

    #[test]
    fn a_run_has_a_valid_name_of_its_own() {
        for generate_name in ["mlcube-mnist-", "x", &"long-".repeat(40), &"x".repeat(70), ""] {
            let mut job = Job::empty();
            job.metadata_mut().insert("generateName".into(), json!(generate_name));
            let one = RunId::random();
            let other = RunId::random();
            let first = job.named_for(&one);
            let second = job.named_for(&other);
            assert_ne!(first.name(), second.name());
            assert!(first.name().ends_with(&one.to_string()));
            assert_eq!(k8s::dns_label(first.name()), Ok(()));
        }
    }
}
