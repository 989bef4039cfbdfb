//! Conflicts between policies: two that wrote the same field, or one that undid the change of
//! another. Only fields count: two policies that add different keys to one object agree.

use super::change::{Change, Edit};
use super::pointer::Pointer;
use crate::job::{Job, PolicyId};
use serde_json::Value;
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// A field that two policies wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The field.
    pub pointer: Pointer,
    /// The policy that wrote it first.
    pub first: PolicyId,
    /// The policy that wrote another value after it.
    pub second: PolicyId,
    /// Whether it is now as it was before the first.
    pub is_undone: bool,
}

/// The last write to a field: the policy, and the values before and after.
struct Written<'a> {
    policy: &'a PolicyId,
    before: Option<&'a Value>,
    after: Option<&'a Value>,
}

/// The fields that more than one policy wrote, each named once for each pair of policies that
/// followed each other there. `job` is the Job on which the first edit was made: it tells lists
/// from objects, because an item that comes or goes moves those behind it.
pub fn conflicts<'a>(mut job: Job, edits: impl Iterator<Item = &'a Edit>) -> Vec<Conflict> {
    let mut owners = Owners::default();
    let mut conflicts = Vec::new();
    for edit in edits {
        let change = &edit.change;
        owners.make_room(&job, change);
        for (pointer, before, after) in
            fields(&change.pointer, change.before.as_ref(), change.after.as_ref())
        {
            conflicts
                .extend(owners.write(pointer, Written { policy: &edit.policy, before, after }));
        }
        owners.close_gap(&job, change);
        job.apply(change).expect("an edit fits the Job on which it was made");
    }
    conflicts
}

/// The policy that wrote each field last.
#[derive(Default)]
struct Owners<'a>(BTreeMap<Pointer, Written<'a>>);

impl<'a> Owners<'a> {
    fn write(&mut self, pointer: Pointer, now: Written<'a>) -> Option<Conflict> {
        match self.0.get_mut(&pointer) {
            Some(earlier) if earlier.policy != now.policy => {
                let is_undone = earlier.before == now.after;
                let first = earlier.policy.clone();
                let second = now.policy.clone();
                *earlier = now;
                Some(Conflict { pointer, first, second, is_undone })
            }
            Some(earlier) => {
                earlier.after = now.after;
                None
            }
            None => {
                self.0.insert(pointer, now);
                None
            }
        }
    }

    /// Before an item is inserted those behind it move up.
    fn make_room(&mut self, job: &Job, change: &Change) {
        if change.before.is_none() {
            self.shift(job, change, |index, place| {
                Some(if index >= place { index + 1 } else { index })
            });
        }
    }

    /// After an item was removed those behind it move down, and nobody owns what it held.
    fn close_gap(&mut self, job: &Job, change: &Change) {
        if change.after.is_none() {
            self.shift(job, change, |index, place| match index.cmp(&place) {
                Ordering::Less => Some(index),
                Ordering::Equal => None,
                Ordering::Greater => Some(index - 1),
            });
        }
    }

    fn shift(&mut self, job: &Job, change: &Change, to: impl Fn(usize, usize) -> Option<usize>) {
        let Some((list, key)) = change.pointer.split_last() else { return };
        let (Some(Value::Array(_)), Ok(place)) = (job.at(&list), key.parse::<usize>()) else {
            return;
        };
        let inside = format!("{list}/");
        let moved = |pointer: Pointer| {
            let Some(rest) = pointer.as_str().strip_prefix(&inside) else { return Some(pointer) };
            let (index, below) =
                rest.split_once('/').map_or((rest, None), |(index, below)| (index, Some(below)));
            let index = to(index.parse().ok()?, place)?;
            let below = below.map(|below| format!("/{below}")).unwrap_or_default();
            Pointer::parse(&format!("{inside}{index}{below}")).ok()
        };
        let owners = std::mem::take(&mut self.0).into_iter();
        self.0 = owners.filter_map(|(pointer, written)| Some((moved(pointer)?, written))).collect();
    }
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
        Some(Value::Object(map)) => {
            map.iter().map(|(key, value)| (place.key(key), value)).collect()
        }
        Some(Value::Array(items)) => {
            items.iter().enumerate().map(|(index, item)| (place.index(index), item)).collect()
        }
        _ => Vec::new(),
    };
    let old = members(before);
    let new = members(after);
    if old.is_empty() && new.is_empty() {
        return vec![(place.clone(), before, after)];
    }
    let find = |list: &[(Pointer, &'a Value)], place: &Pointer| {
        list.iter().find(|(pointer, _)| pointer == place).map(|(_, value)| *value)
    };
    let added = new.iter().filter(|(pointer, _)| find(&old, pointer).is_none());
    old.iter()
        .chain(added)
        .flat_map(|(place, _)| fields(place, find(&old, place), find(&new, place)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// A value that a policy writes at a place; none removes the value there.
    type Write = (&'static str, &'static str, Option<Value>);

    /// Writes one after the other, and what is found as `place first second undone`.
    #[test]
    fn fields_have_one_owner() {
        let set = |policy, place, value| (policy, place, Some(value));
        let rows: [(&[Write], &[&str]); 13] = [
            (&[set("a", "/x", json!(1)), set("b", "/y", json!(1))], &[]),
            (&[set("a", "/x", json!(1)), set("b", "/x", json!(1))], &[]),
            (&[set("a", "/x", json!(1)), set("a", "/x", json!(2))], &[]),
            (&[set("a", "/x", json!(1)), set("b", "/x", json!(2))], &["/x a b false"]),
            (&[set("a", "/old", json!(1)), set("b", "/old", json!(0))], &["/old a b true"]),
            (&[set("a", "/x", json!(1)), ("b", "/x", None)], &["/x a b true"]),
            (&[("a", "/old", None), set("b", "/old", json!(0))], &["/old a b true"]),
            (&[set("a", "/m/x", json!(1)), set("b", "/m/y", json!(1))], &[]),
            (
                &[set("a", "/m/x", json!(1)), set("b", "/m", json!({"x": 2, "y": 1}))],
                &["/m/x a b false"],
            ),
            (
                &[set("a", "/x", json!(1)), set("b", "/x", json!(2)), set("c", "/x", json!(3))],
                &["/x a b false", "/x b c false"],
            ),
            (&[set("a", "/list/2", json!(1)), set("b", "/list/3", json!(1))], &[]),
            // What was removed moves the others: what `b` writes is another item than what `a`
            // wrote.
            (
                &[
                    set("a", "/list/1", json!(1)),
                    ("b", "/list/0", None),
                    set("b", "/list/1", json!(5)),
                ],
                &[],
            ),
            (
                &[
                    set("a", "/list/1", json!(1)),
                    ("b", "/list/0", None),
                    set("b", "/list/0", json!(5)),
                ],
                &["/list/0 a b false"],
            ),
        ];
        for (writes, expected) in rows {
            let start = Job(json!({"old": 0, "list": ["p", "q"]}));
            let mut job = start.clone();
            let mut edits = Vec::new();
            for (policy, place, value) in writes {
                let place = Pointer::parse(place).expect("a pointer");
                let policy = PolicyId::parse(policy).expect("a name");
                let change = job.change(&place, value.clone()).expect("it can be written");
                edits.extend(change.map(|change| Edit { policy, change, reason: String::new() }));
            }
            let found = conflicts(start, edits.iter());
            let found = found
                .iter()
                .map(|c| format!("{} {} {} {}", c.pointer, c.first, c.second, c.is_undone));
            assert_eq!(found.collect::<Vec<_>>(), expected, "{writes:?}");
        }
    }
}
