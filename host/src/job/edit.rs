//! Changing a Job so that every change can be named and undone. Undoing a list of edits from last to first restores the
//! Job as it was.

use super::{Job, Pointer};
use serde_json::{Map, Value, json};
use std::fmt;

/// The name under which a policy runs: unique in its chain.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PolicyId(String);

impl PolicyId {
    /// Take a name: a DNS label, as [`super::rules::dns_label`] has it.
    pub fn parse(name: &str) -> Result<Self, String> {
        super::rules::dns_label(name).map(|()| Self(name.to_owned()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PolicyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What became different at one place. `before` is none where nothing stood there.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The highest place that changed: where a whole object was added, the pointer names the object.
    pub pointer: Pointer,
    /// What stood there.
    pub before: Option<Value>,
    /// What stands there now.
    pub after: Value,
}

/// A change with its owner.
#[derive(Clone, Debug, PartialEq)]
pub struct Edit {
    /// Who changed it.
    pub policy: PolicyId,
    /// What was changed.
    pub change: Change,
    /// Why, in the policy's words.
    pub reason: String,
}

impl Job {
    /// Set the value at a pointer. Missing objects on the way are made; a list grows by naming the index behind its last
    /// item. Gives the change, or none where the value stood there already. The error says why the place can't be reached.
    pub fn change(&mut self, pointer: &Pointer, value: Value) -> Result<Option<Change>, String> {
        let (place, after) = self.first_missing(pointer, value);
        let before = self.at(&place).cloned();
        if before.as_ref() == Some(&after) {
            return Ok(None);
        }
        let change = Change { pointer: place, before, after };
        self.apply(&change)?;
        Ok(Some(change))
    }

    /// Make a change that was made to an equal Job before.
    pub fn apply(&mut self, change: &Change) -> Result<(), String> {
        let after = change.after.clone();
        let Some((parent, key)) = change.pointer.split_last() else {
            self.0 = after;
            return Ok(());
        };
        match self.0.pointer_mut(parent.as_str()) {
            Some(Value::Object(object)) => {
                object.insert(key, after);
            }
            Some(Value::Array(items)) => match key.parse::<usize>() {
                Ok(index) if index < items.len() => items[index] = after,
                Ok(index) if index == items.len() => items.push(after),
                _ => {
                    return Err(format!("`{parent}` is a list of {} without an item `{key}`", items.len()));
                }
            },
            _ => return Err(format!("`{parent}` is neither an object nor a list")),
        }
        Ok(())
    }

    /// Take back a change that was the last one made.
    pub fn undo(&mut self, change: &Change) {
        if let Some(before) = &change.before {
            if let Some(value) = self.0.pointer_mut(change.pointer.as_str()) {
                *value = before.clone();
            }
            return;
        }
        let Some((parent, key)) = change.pointer.split_last() else { return };
        match self.0.pointer_mut(parent.as_str()) {
            Some(Value::Object(object)) => {
                object.shift_remove(&key);
            }
            Some(Value::Array(items)) => {
                if let Ok(index) = key.parse::<usize>()
                    && index < items.len()
                {
                    items.remove(index);
                }
            }
            _ => {}
        }
    }

    /// The first place on the way to `pointer` at which nothing stands, and the value wrapped so that it fits there.
    fn first_missing(&self, pointer: &Pointer, value: Value) -> (Pointer, Value) {
        let (mut place, mut value) = (pointer.clone(), value);
        while let Some((parent, key)) = place.split_last() {
            if self.at(&parent).is_some_and(|parent| !parent.is_null()) {
                break;
            }
            value = if key == "0" { json!([value]) } else { Value::Object(Map::from_iter([(key, value)])) };
            place = parent;
        }
        (place, value)
    }
}
