//! The difference between a recording and its replay.

use super::recording::RecordedJob;
use crate::job::Pointer;
use crate::text::{cut_beside, visible};
use serde_json::Value;
use std::fmt;

/// The characters of a value that are shown.
const SHOWN: usize = 200;

/// The first place in which a recording and its replay differ.
#[derive(Clone, Debug, PartialEq)]
pub struct Deviation {
    /// The policy whose review differs.
    pub policy: Option<String>,
    /// The place in the recording.
    pub place: Pointer,
    /// The recorded value.
    pub recorded: Option<Value>,
    /// The value of now.
    pub now: Option<Value>,
}

/// A place, and the part at it in each of two values.
type Place<'v> = (Pointer, Option<&'v Value>, Option<&'v Value>);
type Difference<'v> = (Vec<String>, Option<&'v Value>, Option<&'v Value>);

impl RecordedJob {
    /// The first difference of a Job that was reviewed again, by its place in the recording.
    pub fn deviation(&self, now: &Self, index: usize) -> Option<Deviation> {
        let as_json = |job: &Self| serde_json::to_value(job).expect("what was recorded is JSON");
        let recorded = as_json(self);
        let now = as_json(now);
        let place = Pointer::root().key("jobs").index(index);
        let (place, before, after) = first_difference(&recorded, &now, place)?;
        let tokens: Vec<_> = place.tokens().collect();
        let policy = match tokens.as_slice() {
            [_, _, list, review, ..] if list == "reviews" => {
                recorded.pointer(&format!("/reviews/{review}/policy"))
            }
            _ => None,
        };
        let policy = policy.and_then(Value::as_str).map(str::to_owned);
        Some(Deviation { policy, place, recorded: before.cloned(), now: after.cloned() })
    }
}

/// The first place, from top to bottom, at which two values differ, with the part of each.
fn first_difference<'v>(one: &'v Value, other: &'v Value, place: Pointer) -> Option<Place<'v>> {
    let (keys, one, other) = difference(one, other)?;
    Some((keys.iter().rev().fold(place, |place, key| place.key(key)), one, other))
}

/// The keys to the first difference, the innermost first, and the part of each value there.
fn difference<'v>(one: &'v Value, other: &'v Value) -> Option<Difference<'v>> {
    let below = |one: Option<&'v Value>, other: Option<&'v Value>, key: &dyn ToString| {
        let (mut keys, one, other) = match (one, other) {
            (Some(one), Some(other)) => difference(one, other)?,
            sides => (Vec::new(), sides.0, sides.1),
        };
        keys.push(key.to_string());
        Some((keys, one, other))
    };
    match (one, other) {
        (Value::Object(a), Value::Object(b)) => {
            let mut keys = a.keys().chain(b.keys().filter(|key| !a.contains_key(*key)));
            keys.find_map(|key| below(a.get(key), b.get(key), key))
        }
        (Value::Array(a), Value::Array(b)) => {
            (0..a.len().max(b.len())).find_map(|index| below(a.get(index), b.get(index), &index))
        }
        _ => (one != other).then_some((Vec::new(), Some(one), Some(other))),
    }
}

impl fmt::Display for Deviation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { policy, place, recorded, now } = self;
        let text = |value: &Option<Value>| value.as_ref().map(|value| visible(&value.to_string()));
        let (recorded, now) = (text(recorded), text(now));
        let shown = |one: &Option<String>, other: &Option<String>| match one {
            Some(text) => {
                format!("`{}`", cut_beside(text, other.as_deref().unwrap_or_default(), SHOWN))
            }
            None => "nothing".into(),
        };
        if let Some(policy) = policy {
            write!(f, "the review of policy `{policy}` differs: ")?;
        }
        let (expected, found) = (shown(&recorded, &now), shown(&now, &recorded));
        write!(f, "expected {expected} at `{place}`, found {found}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_first_difference_is_named() {
        let rows = [
            (json!({"a": [1, 2]}), json!({"a": [1, 2]}), None),
            (
                json!({"a": [1, 2], "b": 1}),
                json!({"a": [1, 3], "b": 2}),
                Some(("/a/1", json!([2]), json!([3]))),
            ),
            (
                json!({"a": [1]}),
                json!({"a": [1, {"x": 1}]}),
                Some(("/a/1", json!([]), json!([{"x": 1}]))),
            ),
            (json!({"a/b": 1}), json!({}), Some(("/a~1b", json!([1]), json!([])))),
            (json!({}), json!({"b": {"c": 1}}), Some(("/b", json!([]), json!([{"c": 1}])))),
            (json!({"a": null}), json!({}), Some(("/a", json!([null]), json!([])))),
            (
                json!({"a": [1]}),
                json!({"a": {"0": 1}}),
                Some(("/a", json!([[1]]), json!([{"0": 1}]))),
            ),
        ];
        for (one, other, expected) in rows {
            let found = first_difference(&one, &other, Pointer::root());
            // One value, or none.
            let side = |value: Option<&Value>| value.into_iter().cloned().collect::<Value>();
            let found =
                found.map(|(place, one, other)| (place.to_string(), side(one), side(other)));
            assert_eq!(
                found,
                expected.map(|(place, one, other)| (place.to_owned(), one, other)),
                "{one} {other}"
            );
        }
    }

    #[test]
    fn long_values_are_never_told_alike() {
        let long = |end: &str| Some(json!("a".repeat(1000) + end));
        let place = Pointer::root();
        let deviation = Deviation { policy: None, place, recorded: long("b"), now: long("c") };
        let told = deviation.to_string();
        assert!(told.contains("ab\"` at") && told.ends_with("ac\"`"), "{told}");
        assert!(told.len() < 600, "{told}");
    }
}
