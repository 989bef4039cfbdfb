//! `metadata`: labels and annotations, on the Job and on its Pods alike.

use crate::job::{PREFIX, Pointer};
use crate::k8s;
use crate::policy::guest::bindings::metadata;
use crate::policy::guest::evaluation::{Answer, Evaluation};
use serde_json::json;

impl metadata::Host for Evaluation {
    fn set_label(&mut self, key: String, value: String, reason: String) -> Answer {
        let what = format!("label `{key}`");
        match check(&key).and_then(|()| k8s::label_value(&value)) {
            Ok(()) => self.set_everywhere(&what, "labels", &key, &value, &reason),
            Err(why) => self.refuse(what, why),
        }
    }

    fn set_annotation(&mut self, key: String, value: String, reason: String) -> Answer {
        let what = format!("annotation `{key}`");
        match check(&key) {
            Ok(()) => self.set_everywhere(&what, "annotations", &key, &value, &reason),
            Err(why) => self.refuse(what, why),
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
            .map(|metadata| metadata.key(map).key(key));
        self.edit_all(what, places.map(|place| (place, Some(json!(value)))), reason)
    }
}

/// A key that is well formed and free for policies.
fn check(key: &str) -> Result<(), String> {
    k8s::key(key)?;
    let domain = key.split_once('/').map_or("", |(domain, _)| domain);
    let of_kubernetes = ["kubernetes.io", "k8s.io"];
    let is_below =
        |domain: &str, parent: &str| domain == parent || domain.ends_with(&format!(".{parent}"));
    let reserved = of_kubernetes.iter().any(|parent| is_below(domain, parent))
        && !domain.ends_with(".x-k8s.io");
    if reserved || matches!(key, "job-name" | "controller-uid") {
        return Err(format!("`{key}` belongs to Kubernetes: use a domain of your own"));
    }
    if key.starts_with(PREFIX) {
        return Err(format!("`{PREFIX}…` is written by this program: use a domain of your own"));
    }
    Ok(())
}
