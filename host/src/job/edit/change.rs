//! Changing a Job so that every change can be named and undone. Undoing a list of edits from last
//! to first restores the Job as it was, to the last byte.

use super::pointer::{self, Pointer};
use crate::job::{Job, PolicyId};
use serde_json::{Map, Value};

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

impl Change {
    /// The size of both values as JSON, in bytes.
    pub fn bytes(&self) -> usize {
        [&self.before, &self.after].into_iter().flatten().map(|value| value.to_string().len()).sum()
    }
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
    /// list that is there grows by naming the index behind its last item. Gives the change, or none if the value was the
    /// same already. The error says why the place cannot be reached.
    pub fn change(
        &mut self,
        pointer: &Pointer,
        value: Option<Value>,
    ) -> Result<Option<Change>, String> {
        let (pointer, after) = match value {
            Some(value) => {
                let (place, value) = self.first_missing(pointer, value);
                (place, Some(value))
            }
            None => (pointer.clone(), None),
        };
        let before = self.at(&pointer).cloned();
        if before == after {
            return Ok(None);
        }
        let position = if after.is_none() { self.position(&pointer) } else { None };
        self.make(Change { pointer, before, after, position }).map(Some)
    }

    /// Insert an item into a list; it moves those behind it.
    pub fn insert(&mut self, pointer: Pointer, value: Value) -> Result<Change, String> {
        self.make(Change { pointer, before: None, after: Some(value), position: None })
    }

    /// Change several places, in order, or none of them.
    pub fn change_all(
        &mut self,
        places: impl IntoIterator<Item = (Pointer, Option<Value>)>,
    ) -> Result<Vec<Change>, String> {
        self.all_or_none(|job, made| {
            for (pointer, value) in places {
                made.extend(job.change(&pointer, value)?);
            }
            Ok(())
        })
    }

    /// Make changes; when one of them fails, undo those that were made.
    pub fn all_or_none(
        &mut self,
        make: impl FnOnce(&mut Self, &mut Vec<Change>) -> Result<(), String>,
    ) -> Result<Vec<Change>, String> {
        let mut made = Vec::new();
        match make(self, &mut made) {
            Ok(()) => Ok(made),
            Err(why) => {
                made.iter().rev().for_each(|change| self.undo(change));
                Err(why)
            }
        }
    }

    /// Make a change that was made to an equal Job before.
    pub fn apply(&mut self, change: &Change) -> Result<(), String> {
        self.replace(&change.pointer, change.before.as_ref(), change.after.as_ref(), None)
    }

    /// Undo a change that was the last one made.
    pub fn undo(&mut self, change: &Change) {
        let Change { pointer, before, after, position } = change;
        self.replace(pointer, after.as_ref(), before.as_ref(), *position)
            .expect("what was changed is still there");
    }

    fn make(&mut self, change: Change) -> Result<Change, String> {
        self.apply(&change).map(|()| change)
    }

    /// Replace the old value by the new one; none stands for no value. A new key goes to its
    /// position, else to the end.
    fn replace(
        &mut self,
        pointer: &Pointer,
        old: Option<&Value>,
        new: Option<&Value>,
        position: Option<usize>,
    ) -> Result<(), String> {
        let Some((parent, key)) = pointer.split_last() else {
            self.0 = new.cloned().unwrap_or_default();
            return Ok(());
        };
        match parent.find_mut(&mut self.0) {
            Some(Value::Object(object)) => replace_member(object, key, new, position),
            Some(Value::Array(items)) => replace_item(items, &key, old.is_some(), new)
                .ok_or_else(|| format!("`{parent}` is a list without an item `{key}`"))?,
            _ => return Err(format!("`{parent}` is neither an object nor a list")),
        }
        Ok(())
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

fn replace_member(
    object: &mut Map<String, Value>,
    key: String,
    new: Option<&Value>,
    position: Option<usize>,
) {
    match (new, object.get_mut(&key)) {
        (Some(new), Some(value)) => *value = new.clone(),
        (Some(new), None) => {
            let end = object.len();
            object.shift_insert(
                position.map_or(end, |position| position.min(end)),
                key,
                new.clone(),
            );
        }
        (None, _) => {
            object.shift_remove(&key);
        }
    }
}

/// None if the list has no such item.
fn replace_item(
    items: &mut Vec<Value>,
    key: &str,
    is_there: bool,
    new: Option<&Value>,
) -> Option<()> {
    let index = pointer::index(key)?;
    match (is_there, new) {
        (true, Some(new)) => *items.get_mut(index)? = new.clone(),
        (false, Some(new)) if index <= items.len() => items.insert(index, new.clone()),
        (true, None) if index < items.len() => drop(items.remove(index)),
        _ => return None,
    }
    Some(())
}
