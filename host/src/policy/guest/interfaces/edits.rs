//! From verbs to edits. A verb that changes several places changes all of them or none.

use crate::job::{Container, Meter, Pointer};
use crate::policy::guest::evaluation::{Answer, Evaluation};
use serde_json::Value;

/// A place and its new value; none removes it.
pub type Step = (Pointer, Option<Value>);

/// The slot of an item in a list.
pub enum Slot {
    /// In a list that is there.
    At(Pointer),
    /// In a list that is missing, and made with it.
    FirstOf(Pointer),
}

impl Slot {
    /// The step that puts an item there.
    pub fn step(self, item: Value) -> Step {
        match self {
            Self::At(place) => (place, Some(item)),
            Self::FirstOf(list) => (list, Some(Value::Array(vec![item]))),
        }
    }
}

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
            Err(why) => self.refuse_all(what, &value, why),
        }
    }

    /// Refuse, and charge for the value that came in vain.
    pub fn refuse_all(&mut self, what: &str, value: &Value, why: String) -> Answer {
        match self.budget.copy(value) {
            Ok(()) => self.refuse(what, why),
            Err(_) => Err(self.budget.met().into()),
        }
    }

    /// Set several values in order, or none. Each is charged for when its turn comes: values that
    /// are made from a long text are made no sooner.
    pub fn edit_all(
        &mut self,
        what: &str,
        steps: impl IntoIterator<Item = Step>,
        reason: &str,
    ) -> Answer {
        self.change(what, reason, |job, budget| job.change_all(steps, budget))
    }

    /// Append an item to a list, unless it has an equal one.
    pub fn append(&mut self, what: &str, list: &Pointer, item: Value, reason: &str) -> Answer {
        if self.job.items(list).contains(&item) {
            return self.edit_all(what, [], reason);
        }
        match self.slot(list) {
            Ok(slot) => self.edit_all(what, [slot.step(item)], reason),
            Err(why) => self.refuse_all(what, &item, why),
        }
    }

    /// The step that appends an item to a list; none if it has an equal one.
    pub fn appended(&self, list: &Pointer, item: Value) -> Result<Option<Step>, String> {
        let is_there = self.job.items(list).contains(&item);
        if is_there { Ok(None) } else { Ok(Some(self.slot(list)?.step(item))) }
    }

    /// The slot behind the last item of a list, which is made if it is missing.
    pub fn slot(&self, list: &Pointer) -> Result<Slot, String> {
        match self.job.at(list) {
            Some(Value::Array(items)) => Ok(Slot::At(list.index(items.len()))),
            None | Some(Value::Null) => Ok(Slot::FirstOf(list.clone())),
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
        self.find_container(name).map(|container| container.pointer())
    }

    /// The container of this name, or an error that names those that there are.
    pub fn find_container(&self, name: &str) -> Result<Container<'_>, String> {
        self.job.container(name).ok_or_else(|| {
            let known: Vec<_> =
                self.job.containers().iter().map(|c| format!("`{}`", c.name)).collect();
            format!("the Job has no container `{name}`: expected one of {}", known.join(", "))
        })
    }
}
