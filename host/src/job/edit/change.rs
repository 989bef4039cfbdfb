//! Changing a Job so that every change can be named and undone. Undoing a list of edits from last
//! to first restores the Job as it was, to the last byte.

use super::meter::{Fault, Meter, Spent, text_length};
use super::pointer::{self, Pointer};
use crate::job::{Job, PolicyId};
use serde_json::{Map, Value};
use std::mem;

/// The change of one place. Without a value before, one was added; an item that is added to a list
/// moves those behind it. Without a value after, one was removed.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The highest place that changed: where a whole object was added, the pointer names the
    /// object.
    pub pointer: Pointer,
    /// The value before.
    pub before: Option<Value>,
    /// The value after.
    pub after: Option<Value>,
    /// The position of the key in its object, if it was removed: undoing puts it back there.
    pub position: Option<usize>,
}

/// A change with its owner and reason.
#[derive(Clone, Debug, PartialEq)]
pub struct Edit {
    /// The policy that made it.
    pub policy: PolicyId,
    /// The change.
    pub change: Change,
    /// The reason, in the policy's words.
    pub reason: String,
}

impl Job {
    /// Set the value at a pointer, or remove it. What is missing on the way is made, as objects; a
    /// list that is there grows by naming the index behind its last item. Gives the change, or none
    /// if the value was the same already. A refusal says why the place cannot be reached.
    pub fn change(
        &mut self,
        pointer: &Pointer,
        value: Option<Value>,
        meter: &mut dyn Meter,
    ) -> Result<Option<Change>, Fault> {
        // It is compared with what is there, and copied into the Job.
        value.iter().try_for_each(|value| meter.copy(value))?;
        let (pointer, after) = match value {
            Some(value) => {
                let (place, value) = self.first_missing(pointer, value);
                (place, Some(value))
            }
            None => (pointer.clone(), None),
        };
        let before = self.at(&pointer);
        if before == after.as_ref() {
            return Ok(None);
        }
        let is_new = before.is_none();
        self.announce(&pointer, before, after.as_ref(), meter)?;
        let position = if after.is_none() { self.position(&pointer) } else { None };
        let before = self.put(&pointer, is_new, after.clone(), position)?;
        Ok(Some(Change { pointer, before, after, position }))
    }

    /// Insert an item into a list; it moves those behind it.
    pub fn insert(
        &mut self,
        pointer: Pointer,
        value: Value,
        meter: &mut dyn Meter,
    ) -> Result<Change, Fault> {
        meter.copy(&value)?;
        self.announce(&pointer, None, Some(&value), meter)?;
        self.put(&pointer, true, Some(value.clone()), None)?;
        Ok(Change { pointer, before: None, after: Some(value), position: None })
    }

    /// Tell the meter of a change: its bytes, and what it moves.
    fn announce(
        &self,
        pointer: &Pointer,
        before: Option<&Value>,
        after: Option<&Value>,
        meter: &mut dyn Meter,
    ) -> Result<(), Spent> {
        meter.edit([before, after].into_iter().flatten().map(text_length).sum())?;
        if before.is_some() && after.is_some() {
            return Ok(());
        }
        let parent = pointer.split_last().and_then(|(parent, key)| Some((self.at(&parent)?, key)));
        match parent {
            Some((Value::Array(items), key)) => {
                meter.shift(items.len().saturating_sub(pointer::index(&key).unwrap_or(0)))
            }
            Some((Value::Object(members), _)) if after.is_none() => meter.shift(members.len()),
            _ => Ok(()),
        }
    }

    /// Change several places, in order, or none of them. A value may be made when its turn comes.
    pub fn change_all(
        &mut self,
        places: impl IntoIterator<Item = (Pointer, Option<Value>)>,
        meter: &mut dyn Meter,
    ) -> Result<Vec<Change>, Fault> {
        self.all_or_none(|job, made| {
            for (pointer, value) in places {
                // It was made for this; a copy of it goes into the Job.
                value.iter().try_for_each(|value| meter.copy(value))?;
                made.extend(job.change(&pointer, value, meter)?);
            }
            Ok(())
        })
    }

    /// Make changes; when one of them is refused, undo those that were made.
    pub fn all_or_none(
        &mut self,
        make: impl FnOnce(&mut Self, &mut Vec<Change>) -> Result<(), Fault>,
    ) -> Result<Vec<Change>, Fault> {
        let mut made = Vec::new();
        match make(self, &mut made) {
            Ok(()) => Ok(made),
            Err(fault) => {
                if let Fault::Refused(_) = fault {
                    made.into_iter().rev().for_each(|change| self.take_back(change));
                }
                Err(fault)
            }
        }
    }

    /// Make a change that was made to an equal Job before.
    pub fn apply(&mut self, change: &Change) -> Result<(), String> {
        self.put(&change.pointer, change.before.is_none(), change.after.clone(), None).map(drop)
    }

    /// Undo a change that was the last one made.
    pub fn undo(&mut self, change: &Change) {
        self.take_back(change.clone());
    }

    fn take_back(&mut self, change: Change) {
        let Change { pointer, before, after, position } = change;
        self.put(&pointer, after.is_none(), before, position)
            .expect("what was changed is still there");
    }

    /// Put a value in a place, or take away what is there; gives what was there. A new item of a
    /// list moves those behind it; a new key goes to its position, else to the end.
    fn put(
        &mut self,
        pointer: &Pointer,
        is_new: bool,
        value: Option<Value>,
        position: Option<usize>,
    ) -> Result<Option<Value>, String> {
        let Some((parent, key)) = pointer.split_last() else {
            return Ok(Some(mem::replace(&mut self.0, value.unwrap_or_default())));
        };
        match parent.find_mut(&mut self.0) {
            Some(Value::Object(object)) => Ok(put_member(object, key, value, position)),
            Some(Value::Array(items)) => put_item(items, &key, is_new, value)
                .ok_or_else(|| format!("`{parent}` is a list without an item `{key}`")),
            _ => Err(format!("`{parent}` is neither an object nor a list")),
        }
    }

    /// The first missing place on the way to `pointer`, and the value wrapped so that it fits
    /// there.
    fn first_missing(&self, pointer: &Pointer, value: Value) -> (Pointer, Value) {
        let mut place = pointer.clone();
        let mut value = value;
        while let Some((parent, key)) = place.split_last() {
            if self.at(&parent).is_some_and(|parent| !parent.is_null()) {
                break;
            }
            value = Value::Object(Map::from_iter([(key, value)]));
            place = parent;
        }
        (place, value)
    }

    /// The position of a key in its object.
    fn position(&self, pointer: &Pointer) -> Option<usize> {
        let (parent, key) = pointer.split_last()?;
        self.at(&parent)?.as_object()?.keys().position(|known| *known == key)
    }
}

fn put_member(
    object: &mut Map<String, Value>,
    key: String,
    value: Option<Value>,
    position: Option<usize>,
) -> Option<Value> {
    let Some(value) = value else { return object.shift_remove(&key) };
    if let Some(there) = object.get_mut(&key) {
        return Some(mem::replace(there, value));
    }
    let end = object.len();
    object.shift_insert(position.map_or(end, |position| position.min(end)), key, value);
    None
}

/// None if the list has no such item.
fn put_item(
    items: &mut Vec<Value>,
    key: &str,
    is_new: bool,
    value: Option<Value>,
) -> Option<Option<Value>> {
    let index = pointer::index(key)?;
    match value {
        Some(value) if !is_new => Some(Some(mem::replace(items.get_mut(index)?, value))),
        Some(value) if index <= items.len() => {
            items.insert(index, value);
            Some(None)
        }
        None if index < items.len() => Some(Some(items.remove(index))),
        _ => None,
    }
}
