//! Jobs as text that `kubectl` reads.

use crate::plan::ManifestFormat;
use crate::text;
use serde_json::{Value, json};

/// One Job as a document; several as YAML documents or as a JSON `List`.
pub fn text(jobs: &[Value], format: ManifestFormat) -> String {
    match (format, jobs) {
        (ManifestFormat::Yaml, jobs) => jobs.iter().map(yaml).collect::<Vec<_>>().join("---\n"),
        (ManifestFormat::Json, [job]) => text::json(&format!("{job:#}\n")),
        (ManifestFormat::Json, jobs) => {
            let list = json!({"apiVersion": "v1", "kind": "List", "items": jobs});
            text::json(&format!("{list:#}\n"))
        }
    }
}

/// A value as YAML. Text with characters that act on a terminal or are not seen is in double quotes,
/// with escapes.
pub fn yaml(value: &Value) -> String {
    let plain =
        |value: &Value| serde_saphyr::to_string(value).expect("JSON can be written as YAML");
    if !has_harmful(value) {
        return plain(value);
    }
    // A word stands for each such text until all is written.
    let mut words = Words { start: unused(&value.to_string()), texts: Vec::new() };
    let text = plain(&words.replace(value));
    let mut parts = text.split(&words.start);
    let mut written = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (index, rest) = part.split_once(END).unwrap_or_default();
        let quoted = index.parse().ok().and_then(|index: usize| words.texts.get(index));
        written.push_str(quoted.map_or("", String::as_str));
        written.push_str(rest);
    }
    written
}

/// The end of a word that stands for a text.
const END: char = 'z';

/// The texts that are in double quotes, and the beginning of the words that stand for them.
struct Words {
    start: String,
    texts: Vec<String>,
}

impl Words {
    fn replace(&mut self, value: &Value) -> Value {
        match value {
            Value::String(text) => self.word(text).into(),
            Value::Array(items) => items.iter().map(|item| self.replace(item)).collect(),
            Value::Object(members) => {
                members.iter().map(|(key, value)| (self.word(key), self.replace(value))).collect()
            }
            plain => plain.clone(),
        }
    }

    fn word(&mut self, text: &str) -> String {
        if !is_harmful(text) {
            return text.to_owned();
        }
        let quoted: String = text
            .chars()
            .map(|c| match c {
                '"' => "\\\"".to_owned(),
                '\\' => "\\\\".to_owned(),
                '\n' => "\\n".to_owned(),
                '\t' => "\\t".to_owned(),
                '\r' => "\\r".to_owned(),
                c if text::is_harmless(c) => c.to_string(),
                c if u32::from(c) <= 0xffff => format!("\\u{:04x}", u32::from(c)),
                c => format!("\\U{:08x}", u32::from(c)),
            })
            .collect();
        self.texts.push(format!("\"{quoted}\""));
        format!("{}{}{END}", self.start, self.texts.len() - 1)
    }
}

/// A beginning of words that a text does not have.
fn unused(text: &str) -> String {
    let words = (0..).map(|number: usize| format!("q{number}y"));
    words.into_iter().find(|word| !text.contains(word)).expect("numbers do not end")
}

/// Whether a value has a text with harmful characters.
fn has_harmful(value: &Value) -> bool {
    match value {
        Value::String(text) => is_harmful(text),
        Value::Array(items) => items.iter().any(has_harmful),
        Value::Object(members) => {
            members.iter().any(|(key, value)| is_harmful(key) || has_harmful(value))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Whether a text has harmful characters but for those by which YAML is laid out.
fn is_harmful(text: &str) -> bool {
    let is_plain = |byte| matches!(byte, b'\n' | b'\t' | b' '..=b'~');
    let acts = |c| !matches!(c, '\n' | '\t') && !text::is_harmless(c);
    !text.bytes().all(is_plain) && text.chars().any(acts)
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
            "[a\\n\\t \"'\\\\\u{7}\u{1b}\u{7f}\u{85}\u{9b}\u{200d}\u{202e}\u{2028}\u{feff}\u{e0041}é]{0,5}"
                .prop_map(Value::from),
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
        /// Nothing in it acts on a terminal, and JSON means the same.
        #[test]
        fn output_is_harmless(value in value()) {
            let json = text(&[json!({"x": value})], ManifestFormat::Json);
            prop_assert_eq!(&serde_json::from_str::<Value>(&json).expect("JSON")["x"], &value);
            for text in [json, text(&[json!({"x": value})], ManifestFormat::Yaml)] {
                prop_assert!(!is_harmful(&text), "{:?}", text);
            }
        }

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
