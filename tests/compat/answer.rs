//! Owns an answer of either side, and where two of them differ.

use std::fmt;

use serde_json::Value;

/// What a side made of a case.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// Configuration, tasks and Job.
    Built(Value),
    /// The kind of refusal, and its words.
    Refused(String, String),
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Answer::Built(json) => write!(f, "{json}"),
            Answer::Refused(kind, why) => write!(f, "refused, {kind}: {why}"),
        }
    }
}

impl Answer {
    /// The answer, if there is one.
    pub fn built(&self) -> Option<&Value> {
        match self {
            Answer::Built(json) => Some(json),
            Answer::Refused(..) => None,
        }
    }
}

/// The places at which two answers differ; none when both refuse.
pub fn differences(ours: &Answer, theirs: &Answer) -> Vec<String> {
    match (ours, theirs) {
        (Answer::Refused(..), Answer::Refused(..)) => Vec::new(),
        (ours, theirs) if ours == theirs => Vec::new(),
        (Answer::Built(ours), Answer::Built(theirs)) => {
            let mut found = Vec::new();
            // The reference has no faults: it refuses.
            let mut ours = ours.clone();
            ours.as_object_mut().map(|ours| ours.remove("faults"));
            compare(String::new(), Some(&ours), Some(theirs), &mut found);
            found
        }
        (Answer::Refused(kind, why), Answer::Built(_)) => {
            vec![format!("only we refuse: {kind}: {why}")]
        }
        (Answer::Built(_), Answer::Refused(kind, why)) => {
            vec![format!("only the reference refuses: {kind}: {why}")]
        }
    }
}

fn compare(at: String, ours: Option<&Value>, theirs: Option<&Value>, found: &mut Vec<String>) {
    match (ours, theirs) {
        (Some(Value::Object(ours)), Some(Value::Object(theirs))) => {
            let keys = ours.keys().chain(theirs.keys().filter(|key| !ours.contains_key(*key)));
            keys.for_each(|key| {
                compare(format!("{at}/{key}"), ours.get(key), theirs.get(key), found)
            });
        }
        (Some(Value::Array(ours)), Some(Value::Array(theirs))) => {
            let longest = ours.len().max(theirs.len());
            (0..longest).for_each(|index| {
                compare(format!("{at}/{index}"), ours.get(index), theirs.get(index), found)
            });
        }
        _ if ours == theirs => {}
        _ => {
            let shown =
                |side: Option<&Value>| side.map_or("nothing".to_owned(), ToString::to_string);
            found.push(format!("{at}: we say {}, the reference {}", shown(ours), shown(theirs)));
        }
    }
}
