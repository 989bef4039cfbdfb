//! The owners of the places of a Job: the policy that wrote each last. What only one policy wrote is
//! kept as a whole, and taken apart when another writes there; so the work grows with what is
//! written, and not with the product of two writes.

use super::conflict::Conflicts;
use super::pointer::{Pointer, index};
use crate::job::PolicyId;
use serde_json::Value;
use std::borrow::Cow;
use std::collections::HashMap;

/// A write: the policy, and the values before and after.
#[derive(Clone, Copy)]
pub struct Written<'a> {
    pub policy: &'a PolicyId,
    pub before: Option<&'a Value>,
    pub after: Option<&'a Value>,
}

/// The owner of a place, which wrote it last.
#[derive(Default)]
pub enum Owner<'a> {
    #[default]
    Nobody,
    /// Whatever differs between the two values was written by this policy.
    One(Written<'a>),
    /// It is taken apart.
    Several(Box<Parts<'a>>),
}

/// The owners of a place itself and of what is in it.
#[derive(Default)]
pub struct Parts<'a> {
    own: Option<Written<'a>>,
    items: Vec<Owner<'a>>,
    members: HashMap<Cow<'a, str>, Owner<'a>>,
}

/// A step from a value into it.
#[derive(Clone, Copy)]
pub enum Step<'a> {
    Item(usize),
    Member(&'a str),
}

/// A place: that of an edit, and the way from there.
pub struct Place<'a> {
    edit: &'a Pointer,
    below: Vec<Step<'a>>,
}

impl Place<'_> {
    pub fn pointer(&self) -> Pointer {
        let below = |pointer: Pointer, step: &Step<'_>| match step {
            Step::Item(item) => pointer.index(*item),
            Step::Member(key) => pointer.key(key),
        };
        self.below.iter().fold(self.edit.clone(), below)
    }
}

impl<'a> Owner<'a> {
    /// Write at a place of the Job, which is not written yet.
    pub fn write_at(
        &mut self,
        job: &Value,
        pointer: &'a Pointer,
        now: Written<'a>,
        found: &mut Conflicts,
    ) {
        let mut place = Place { edit: pointer, below: Vec::new() };
        let Some((parent, key)) = pointer.split_last() else {
            return self.write(now, &mut place, found);
        };
        let mut owner = self;
        let mut value = Some(job);
        for token in parent.tokens() {
            let next = value.and_then(|value| child(value, &token));
            owner = owner.parts().at(value, token);
            value = next;
        }
        let parts = owner.parts();
        let item = index(&key).filter(|_| value.is_some_and(Value::is_array));
        if let (Some(item), None) = (item, now.before) {
            // Those behind it move up.
            if item < parts.items.len() {
                parts.items.insert(item, Self::Nobody);
            }
        }
        parts.at(value, key).write(now, &mut place, found);
        if let (Some(item), None) = (item, now.after) {
            // Those behind it move down, and nobody owns what it held.
            parts.items.remove(item);
        }
    }

    /// Write here.
    fn write(&mut self, now: Written<'a>, place: &mut Place<'a>, found: &mut Conflicts) {
        match self {
            Self::Nobody => *self = Self::One(now),
            Self::One(earlier) if earlier.policy == now.policy => earlier.after = now.after,
            Self::One(_) | Self::Several(_) => self.parts().write(now, place, found),
        }
    }

    /// The parts of this place.
    fn parts(&mut self) -> &mut Parts<'a> {
        if !matches!(self, Self::Several(_)) {
            let mut parts = Box::<Parts<'_>>::default();
            if let Self::One(written) = *self {
                parts.own = written.own();
                written.each_part(|step, part| *parts.step(step) = Self::One(part));
            }
            *self = Self::Several(parts);
        }
        match self {
            Self::Several(parts) => parts,
            _ => unreachable!("it was taken apart"),
        }
    }
}

impl<'a> Parts<'a> {
    fn write(&mut self, now: Written<'a>, place: &mut Place<'a>, found: &mut Conflicts) {
        if let Some(now) = now.own() {
            match &mut self.own {
                Some(earlier) if earlier.policy != now.policy => {
                    found.add(earlier, &now, place);
                    *earlier = now;
                }
                Some(earlier) => earlier.after = now.after,
                None => self.own = Some(now),
            }
        }
        now.each_part(|step, part| {
            place.below.push(step);
            self.step(step).write(part, place, found);
            place.below.pop();
        });
    }

    fn step(&mut self, step: Step<'a>) -> &mut Owner<'a> {
        match step {
            Step::Item(item) => self.item(item),
            Step::Member(key) => self.members.entry(key.into()).or_default(),
        }
    }

    /// The owner of a part of this value.
    fn at(&mut self, value: Option<&Value>, token: String) -> &mut Owner<'a> {
        match index(&token).filter(|_| value.is_some_and(Value::is_array)) {
            Some(item) => self.item(item),
            None => self.members.entry(token.into()).or_default(),
        }
    }

    fn item(&mut self, item: usize) -> &mut Owner<'a> {
        if item >= self.items.len() {
            self.items.resize_with(item + 1, Owner::default);
        }
        &mut self.items[item]
    }
}

impl<'a> Written<'a> {
    /// What was written of the place itself, and not of what is in it.
    fn own(self) -> Option<Self> {
        let is_own =
            match (self.before.filter(|it| has_parts(it)), self.after.filter(|it| has_parts(it))) {
                (None, None) => self.before != self.after,
                (Some(_), None) => self.after.is_some(),
                (None, Some(_)) => self.before.is_some(),
                (Some(_), Some(_)) => false,
            };
        is_own.then_some(self)
    }

    /// Call `each` for every part that either value has, unless both are the same and simple.
    fn each_part(self, mut each: impl FnMut(Step<'a>, Self)) {
        let mut part = |step, before: Option<&'a Value>, after: Option<&'a Value>| {
            let is_simple = |value: Option<&Value>| value.is_none_or(|value| !has_parts(value));
            if !(is_simple(before) && is_simple(after) && before == after) {
                each(step, Self { policy: self.policy, before, after });
            }
        };
        let items = |value: Option<&'a Value>| {
            value.and_then(Value::as_array).map_or(&[][..], Vec::as_slice)
        };
        let (old, new) = (items(self.before), items(self.after));
        for item in 0..old.len().max(new.len()) {
            part(Step::Item(item), old.get(item), new.get(item));
        }
        let members = |value: Option<&'a Value>| value.and_then(Value::as_object);
        let (old, new) = (members(self.before), members(self.after));
        for (key, before) in old.into_iter().flatten() {
            part(Step::Member(key), Some(before), new.and_then(|new| new.get(key)));
        }
        let is_added = |key: &String| old.is_none_or(|old| !old.contains_key(key));
        for (key, after) in new.into_iter().flatten().filter(|(key, _)| is_added(key)) {
            part(Step::Member(key), None, Some(after));
        }
    }
}

/// Whether there is anything in a value.
fn has_parts(value: &Value) -> bool {
    match value {
        Value::Object(members) => !members.is_empty(),
        Value::Array(items) => !items.is_empty(),
        _ => false,
    }
}

/// The part of a value that a token of a pointer names.
fn child<'v>(value: &'v Value, token: &str) -> Option<&'v Value> {
    match value {
        Value::Object(members) => members.get(token),
        Value::Array(items) => items.get(index(token)?),
        _ => None,
    }
}
