//! The environment variables of a container, for the verbs of `containers`.

use super::edits::Slot;
use crate::k8s;
use crate::policy::guest::evaluation::{Answer, Evaluation};
use serde_json::Value;

impl Evaluation {
    /// Replace the environment variable of this name, or append it.
    pub fn put_env(
        &mut self,
        container: &str,
        name: &str,
        source_is: Result<(), String>,
        value: Value,
        reason: &str,
    ) -> Answer {
        let checked = k8s::env_name(name).and(source_is).and_then(|()| gives_no_devices(&value));
        let slot = checked.and_then(|()| self.container(container)).and_then(|place| {
            let list = place.key("env");
            // Of several with the same name Kubernetes takes the last.
            match self.job.items(&list).iter().rposition(|item| item["name"] == *name) {
                Some(index) => Ok(Slot::At(list.index(index))),
                None => self.slot(&list),
            }
        });
        let what = variable(container, name);
        match slot {
            Ok(slot) => self.edit_all(&what, [slot.step(value)], reason),
            Err(why) => self.refuse_all(&what, &value, why),
        }
    }
}

/// A variable in words.
pub fn variable(container: &str, name: &str) -> String {
    format!("environment variable `{name}` of container `{container}`")
}

/// An error for a variable by which a runtime gives devices.
fn gives_no_devices(variable: &Value) -> Result<(), String> {
    let name = variable["name"].as_str().unwrap_or_default();
    if !k8s::gives_devices(name, variable["value"].as_str()) {
        return Ok(());
    }
    Err(format!(
        "a runtime gives devices by `{name}`, which can only be `none` or `void`: use \
         `resources.set-extended`"
    ))
}
