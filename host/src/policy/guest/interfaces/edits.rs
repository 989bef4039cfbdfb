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
        let step = self.appended(list, item);
        self.edit_all(what, step, reason)
    }

    /// The step that appends an item to a list; none if it has an equal one.
    pub fn appended(&self, list: &Pointer, item: Value) -> Option<Step> {
        let items = self.job.items(list);
        (!items.contains(&item)).then(|| (list.index(items.len()), Some(item)))
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
