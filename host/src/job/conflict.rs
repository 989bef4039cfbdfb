//! Where policies get in each other's way: two that wrote the same field, and one that undid what another did. Only fields
//! count: two policies that add different keys to one object agree.

use super::{Edit, Pointer, PolicyId};
use serde_json::Value;
use std::collections::BTreeMap;

/// A field that two policies wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The field.
    pub pointer: Pointer,
    /// Who wrote it first.
    pub first: PolicyId,
    /// Who wrote it then, with another value.
    pub second: PolicyId,
    /// Whether it is now as it was before the first.
    pub is_undone: bool,
}

/// What a field was and became, and by whom.
struct Written<'a> {
    policy: &'a PolicyId,
    before: Option<&'a Value>,
    after: Option<&'a Value>,
}

/// The fields that more than one policy wrote, each named once for each pair of policies that followed each other there.
pub fn conflicts<'a>(edits: impl Iterator<Item = &'a Edit>) -> Vec<Conflict> {
    let mut owners: BTreeMap<Pointer, Written<'a>> = BTreeMap::new();
    let mut conflicts = Vec::new();
    for edit in edits {
        let change = &edit.change;
        for (pointer, before, after) in fields(&change.pointer, change.before.as_ref(), change.after.as_ref()) {
            let now = Written { policy: &edit.policy, before, after };
            match owners.get_mut(&pointer) {
                Some(earlier) if earlier.policy != now.policy => {
                    let is_undone = earlier.before == now.after;
                    let (first, second) = (earlier.policy.clone(), now.policy.clone());
                    conflicts.push(Conflict { pointer: pointer.clone(), first, second, is_undone });
                    *earlier = now;
                }
                Some(earlier) => earlier.after = now.after,
                None => {
                    owners.insert(pointer, now);
                }
            }
        }
    }
    conflicts
}

/// The fields in which two values differ: the leaves of objects and lists.
fn fields<'a>(
    place: &Pointer,
    before: Option<&'a Value>,
    after: Option<&'a Value>,
) -> Vec<(Pointer, Option<&'a Value>, Option<&'a Value>)> {
    if before == after {
        return Vec::new();
    }
    let members = |value: Option<&'a Value>| match value {
        Some(Value::Object(map)) => map.iter().map(|(key, value)| (place.key(key), value)).collect(),
        Some(Value::Array(items)) => items.iter().enumerate().map(|(index, item)| (place.index(index), item)).collect(),
        _ => Vec::new(),
    };
    let (old, new) = (members(before), members(after));
    if old.is_empty() && new.is_empty() {
        return vec![(place.clone(), before, after)];
    }
    let find = |list: &[(Pointer, &'a Value)], place: &Pointer| {
        list.iter().find(|(pointer, _)| pointer == place).map(|(_, value)| *value)
    };
    let added = new.iter().filter(|(pointer, _)| find(&old, pointer).is_none());
    old.iter().chain(added).flat_map(|(place, _)| fields(place, find(&old, place), find(&new, place))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::{Change, Job};
    use serde_json::json;

    /// What a policy writes at a place.
    type Write = (&'static str, &'static str, Value);

    /// Writes `policy place value`, one after the other, and what is found as `place first second undone`.
    #[test]
    fn fields_have_one_owner() {
        let rows: [(&[Write], &[&str]); 8] = [
            (&[("a", "/x", json!(1)), ("b", "/y", json!(1))], &[]),
            (&[("a", "/x", json!(1)), ("b", "/x", json!(1))], &[]),
            (&[("a", "/x", json!(1)), ("a", "/x", json!(2))], &[]),
            (&[("a", "/x", json!(1)), ("b", "/x", json!(2))], &["/x a b false"]),
            (&[("a", "/old", json!(1)), ("b", "/old", json!(0))], &["/old a b true"]),
            (&[("a", "/m/x", json!(1)), ("b", "/m/y", json!(1))], &[]),
            (&[("a", "/m/x", json!(1)), ("b", "/m", json!({"x": 2, "y": 1}))], &["/m/x a b false"]),
            (&[("a", "/x", json!(1)), ("b", "/x", json!(2)), ("c", "/x", json!(3))], &["/x a b false", "/x b c false"]),
        ];
        for (writes, expected) in rows {
            let mut job = Job(json!({"old": 0}));
            let edits: Vec<Edit> = writes
                .iter()
                .filter_map(|(policy, place, value)| {
                    let change: Option<Change> = job
                        .change(&Pointer::parse(place).expect("a pointer"), Some(value.clone()))
                        .expect("it can be written");
                    Some(Edit {
                        policy: PolicyId::parse(policy).expect("a name"),
                        change: change?,
                        reason: String::new(),
                    })
                })
                .collect();
            let found = conflicts(edits.iter());
            let found = found.iter().map(|c| format!("{} {} {} {}", c.pointer, c.first, c.second, c.is_undone));
            assert_eq!(found.collect::<Vec<_>>(), expected, "{writes:?}");
        }
    }
}
