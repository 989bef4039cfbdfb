//! From verbs to edits. A verb that changes several places changes all of them or none.

use crate::job::Pointer;
use crate::policy::guest::evaluation::{Answer, Evaluation};
use serde_json::Value;

/// A place and its new value; none removes it.
pub type Step = (Pointer, Option<Value>);

impl Evaluation {
    /// Set a value. `what` names it for a refusal.
    pub fn edit(&mut self, what: &str, place: &Pointer, value: Value, reason: &str) -> Answer {
        self.edit_all(what, [(place.clone(), Some(value))], reason)
    }

    /// Set a value at a place that was searched for and checked, or refuse with the reason.
    pub fn edit_found(
        &mut self,
        what: &str,
        found: Result<Pointer, String>,
        value: Value,
        reason: &str,
    ) -> Answer {
        match found {
            Ok(place) => self.edit(what, &place, value, reason),
            Err(why) => self.refuse(what, why),
        }
    }

    /// Set several values in order, or none.
    pub fn edit_all(
        &mut self,
        what: &str,
        steps: impl IntoIterator<Item = Step>,
        reason: &str,
    ) -> Answer {
        self.change(what, reason, |job| job.change_all(steps))
    }

    /// Append an item to a list, unless it has an equal one.
    pub fn append(&mut self, what: &str, list: &Pointer, item: Value, reason: &str) -> Answer {
        match self.appended(list, item) {
            Ok(step) => self.edit_all(what, step, reason),
            Err(why) => self.refuse(what, why),
        }
    }

    /// The step that appends an item to a list; none if it has an equal one.
    pub fn appended(&self, list: &Pointer, item: Value) -> Result<Option<Step>, String> {
        let is_there = self.job.items(list).contains(&item);
        if is_there { Ok(None) } else { self.added(list, item).map(Some) }
    }

    /// The step that adds an item to a list, which is made if it is missing.
    pub fn added(&self, list: &Pointer, item: Value) -> Result<Step, String> {
        match self.job.at(list) {
            Some(Value::Array(items)) => Ok((list.index(items.len()), Some(item))),
            None | Some(Value::Null) => Ok((list.clone(), Some(Value::Array(vec![item])))),
            Some(_) => Err(format!("`{list}` is not a list")),
        }
    }

    /// The pointer to a member of an object, which is made if it is missing. Its key may look like
    /// the index of a list: the object must not be one.
    pub fn place_in(&self, object: &Pointer, key: &str) -> Result<Pointer, String> {
        match self.job.at(object) {
            None | Some(Value::Null | Value::Object(_)) => Ok(object.key(key)),
            Some(_) => Err(format!("`{object}` is not an object")),
        }
    }

    /// The steps that remove items from a list, from the last to the first.
    pub fn taken_out(&self, list: &Pointer, is_meant: impl Fn(&Value) -> bool) -> Vec<Step> {
        let meant =
            self.job.items(list).iter().enumerate().rev().filter(|(_, item)| is_meant(item));
        meant.map(|(index, _)| (list.index(index), None)).collect()
    }

    /// The pointer to a container.
    pub fn container(&self, name: &str) -> Result<Pointer, String> {
        let found = self.job.container(name).map(|container| container.pointer);
        found.ok_or_else(|| {
            let known: Vec<_> =
                self.job.containers().iter().map(|c| format!("`{}`", c.name)).collect();
            format!("the Job has no container `{name}`: expected one of {}", known.join(", "))
        })
    }
}
