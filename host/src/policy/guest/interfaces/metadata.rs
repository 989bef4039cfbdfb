//! `metadata`: labels and annotations, on the Job and on its Pods alike.

use crate::job::{Governed, PREFIX, Pointer};
use crate::k8s;
use crate::policy::guest::bindings::metadata;
use crate::policy::guest::evaluation::{Answer, Evaluation};
use serde_json::{Value, json};

/// The most bytes of all keys and values of an object's annotations.
const ANNOTATIONS: usize = 256 << 10;

impl metadata::Host for Evaluation {
    fn set_label(&mut self, key: String, value: String, reason: String) -> Answer {
        let what = format!("label `{key}`");
        match check(&key).and_then(|()| k8s::label_value(&value)) {
            Ok(()) => self.set_everywhere(&what, "labels", &key, &value, &reason),
            Err(why) => self.refuse_all(&what, &json!(value), why),
        }
    }

    fn set_annotation(&mut self, key: String, value: String, reason: String) -> Answer {
        let what = format!("annotation `{key}`");
        match check(&key).and_then(|()| self.has_room(&key, &value)) {
            Ok(()) => self.set_everywhere(&what, "annotations", &key, &value, &reason),
            Err(why) => self.refuse_all(&what, &json!(value), why),
        }
    }
}

impl Evaluation {
    fn set_everywhere(
        &mut self,
        what: &str,
        map: &str,
        key: &str,
        value: &str,
        reason: &str,
    ) -> Answer {
        let places = [Pointer::metadata(), Pointer::pod_metadata()]
            .map(|metadata| self.place_in(&metadata.key(map), key));
        match places.into_iter().collect::<Result<Vec<_>, _>>() {
            Ok(places) => {
                let steps = places.into_iter().map(|place| (place, Some(json!(value))));
                self.edit_all(what, steps, reason)
            }
            Err(why) => self.refuse(what, why),
        }
    }

    /// An error if the annotations would take more than Kubernetes allows.
    fn has_room(&self, key: &str, value: &str) -> Result<(), String> {
        let size = |metadata: Pointer| {
            let annotations = self.job.at(&metadata.key("annotations")).and_then(Value::as_object);
            let others = annotations.into_iter().flatten().filter(|(known, _)| *known != key);
            let sizes = others.map(|(key, value)| key.len() + value.as_str().map_or(0, str::len));
            sizes.sum::<usize>() + key.len() + value.len()
        };
        let largest = size(Pointer::metadata()).max(size(Pointer::pod_metadata()));
        if largest > ANNOTATIONS {
            return Err(format!(
                "all annotations together would take {largest} bytes, above {ANNOTATIONS}, the \
                 most that Kubernetes takes"
            ));
        }
        Ok(())
    }
}

/// A key that is well formed and free for policies.
fn check(key: &str) -> Result<(), String> {
    k8s::key(key)?;
    if key.starts_with(PREFIX) {
        return Err(format!("`{PREFIX}…` is written by this program: use a domain of your own"));
    }
    match Governed::of(key) {
        Some(row) => Err(row.refusal(key)),
        None => Ok(()),
    }
}
