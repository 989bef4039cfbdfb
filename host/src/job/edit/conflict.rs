//! Conflicts between policies: two that wrote the same field, or one that undid the change of
//! another. Only fields count: two policies that add different keys to one object agree.

use super::change::Edit;
use super::owners::{Owner, Place, Written};
use super::pointer::Pointer;
use crate::job::{Job, PolicyId};

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

/// The most conflicts that are told one by one.
const TOLD: usize = 50;

/// The fields that more than one policy wrote.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conflicts {
    /// The first ones, in the order in which they came about.
    pub first: Vec<Conflict>,
    /// The number of the others.
    pub more: usize,
}

/// The fields that more than one policy wrote, each named once for each pair of policies that
/// followed each other there. `original` gives the Job on which the first edit was made: it tells
/// lists from objects, because an item that comes or goes moves those behind it.
pub fn conflicts<'a>(
    original: impl FnOnce() -> Job,
    edits: impl Iterator<Item = &'a Edit> + Clone,
) -> Conflicts {
    let mut found = Conflicts::default();
    let mut policies = edits.clone().map(|edit| &edit.policy);
    let first = policies.next();
    if policies.all(|policy| Some(policy) == first) {
        return found;
    }
    let mut job = original();
    let mut root = Owner::default();
    for Edit { policy, change, .. } in edits {
        let now = Written { policy, before: change.before.as_ref(), after: change.after.as_ref() };
        root.write_at(job.json(), &change.pointer, now, &mut found);
        job.apply(change).expect("an edit fits the Job on which it was made");
    }
    found
}

impl Conflicts {
    /// A sentence on those that are not told one by one.
    pub fn more_as_text(&self) -> String {
        format!("fields that more than one policy wrote: {} more", self.more)
    }

    /// Add that a policy wrote at a place after another.
    pub(super) fn add(&mut self, earlier: &Written<'_>, now: &Written<'_>, place: &Place<'_>) {
        if self.first.len() == TOLD {
            self.more += 1;
            return;
        }
        self.first.push(Conflict {
            pointer: place.pointer(),
            first: earlier.policy.clone(),
            second: now.policy.clone(),
            is_undone: earlier.before == now.after,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::edit::meter::Unmetered;
    use serde_json::{Value, json};

    /// A value that a policy writes at a place; none removes the value there.
    type Write = (&'static str, &'static str, Option<Value>);

    /// Writes one after the other, and what is found as `place first second undone`.
    #[test]
    fn fields_have_one_owner() {
        let set = |policy, place, value| (policy, place, Some(value));
        let rows: [(&[Write], &[&str]); 18] = [
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
            // What one policy wrote as a whole, another takes apart.
            (
                &[set("a", "/m", json!({"x": [1, 2], "y": 1})), set("b", "/m/x/1", json!(3))],
                &["/m/x/1 a b false"],
            ),
            (
                &[
                    set("a", "/list", json!(["p", "r", "s"])),
                    ("b", "/list/0", None),
                    set("b", "/list/1", json!("t")),
                ],
                &["/list/1 a b false"],
            ),
            (
                &[set("a", "/list/2", json!({"x": 1})), set("b", "/list", json!(["p", "q", {}]))],
                &["/list/2/x a b true"],
            ),
            (&[set("a", "/old", json!(1)), set("b", "/old", json!({"x": 1}))], &["/old a b false"]),
            (
                &[set("a", "/old", json!({"x": 1})), set("b", "/old", json!(2))],
                &["/old a b false", "/old/x a b true"],
            ),
        ];
        for (writes, expected) in rows {
            let start = Job(json!({"old": 0, "list": ["p", "q"]}));
            let mut job = start.clone();
            let mut edits = Vec::new();
            for (policy, place, value) in writes {
                let place = Pointer::parse(place).expect("a pointer");
                let policy = PolicyId::parse(policy).expect("a name");
                let change = job.change(&place, value.clone(), &mut Unmetered);
                let change = change.expect("it can be written");
                edits.extend(change.map(|change| Edit { policy, change, reason: String::new() }));
            }
            let found = conflicts(|| start, edits.iter());
            let found = found
                .first
                .iter()
                .map(|c| format!("{} {} {} {}", c.pointer, c.first, c.second, c.is_undone));
            assert_eq!(found.collect::<Vec<_>>(), expected, "{writes:?}");
        }
    }
}
