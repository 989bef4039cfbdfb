//! Amounts of resources: what a container asks for, and what the Pod takes.

use super::pod::{Container, Role};
use super::reading::{Unreadable, read};
use super::{Job, Pointer, escaped, part};
use crate::k8s::{self, Quantity};
use serde_json::{Map, Value};
use std::collections::HashSet;

/// Which amounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amounts {
    /// What a container may take at most.
    Limits,
    /// What is set aside for it.
    Requests,
}

impl Amounts {
    /// The name of the field.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Limits => "limits",
            Self::Requests => "requests",
        }
    }
}

impl Job {
    /// A container's limit or request of a resource.
    pub fn amount(
        &self,
        container: &Container<'_>,
        of: Amounts,
        resource: &str,
    ) -> Result<Option<Quantity>, Unreadable> {
        let amount = amount_in(container.json, "", of, resource);
        amount.map_err(|error| error.below(&container.pointer()))
    }

    /// The resources that the containers name, each once, in the Job's order.
    pub fn resource_names(&self) -> Result<Vec<&str>, Unreadable> {
        let mut known = HashSet::new();
        let mut names = Vec::new();
        for container in self.read_containers()? {
            for amounts in ["/resources/limits", "/resources/requests"] {
                let amounts: Option<&Map<String, Value>> =
                    part(container.json, || container.pointer(), amounts)?;
                let keys = amounts.into_iter().flat_map(Map::keys).map(String::as_str);
                names.extend(keys.filter(|name| known.insert(*name)));
            }
        }
        Ok(names)
    }

    /// What the Pod takes of a resource, as Kubernetes counts it: the containers and sidecars
    /// together, or an init container with the sidecars before it, whichever is more. None if there
    /// is no bound: a container without a limit may take all of its node, but nothing of an
    /// extended resource or of huge pages.
    pub fn total(&self, of: Amounts, resource: &str) -> Result<Option<Quantity>, Unreadable> {
        if !k8s::is_extended(resource) {
            let pod = amount_in(self.json(), Pointer::pod().as_str(), of, resource)?;
            if pod.is_some() {
                return Ok(pod);
            }
        }
        let mut together = Quantity::ZERO;
        let mut largest = Quantity::ZERO;
        for container in self.read_containers()? {
            let amount = match self.counted(&container, of, resource)? {
                Some(amount) => amount,
                None if of == Amounts::Limits && k8s::may_differ(resource) => return Ok(None),
                None => continue,
            };
            let sum = together.plus(&amount).ok_or_else(|| {
                let why = format!("the containers together ask for too much of `{resource}`");
                Unreadable::new(Pointer::pod().as_str(), why)
            })?;
            match container.role {
                Role::Init => largest = largest.max(sum),
                Role::Sidecar | Role::Container => together = sum,
            }
        }
        Ok(Some(largest.max(together)))
    }

    /// The amount that counts: a limit stands for a request that is missing, and what cannot be
    /// overcommitted has both.
    fn counted(
        &self,
        container: &Container<'_>,
        of: Amounts,
        resource: &str,
    ) -> Result<Option<Quantity>, Unreadable> {
        let limit = self.amount(container, Amounts::Limits, resource)?;
        if of == Amounts::Limits && k8s::may_differ(resource) {
            return Ok(limit);
        }
        let request = self.amount(container, Amounts::Requests, resource)?;
        if k8s::may_differ(resource) { Ok(request.or(limit)) } else { Ok(limit.max(request)) }
    }
}

/// The amount of a resource that a container or a Pod has, which stands at a place of the JSON.
fn amount_in(
    json: &Value,
    holder: &str,
    of: Amounts,
    resource: &str,
) -> Result<Option<Quantity>, Unreadable> {
    let place = [holder, "/resources/", of.as_str(), "/", &*escaped(resource)].concat();
    let quantity = match read::<&Value>(json, &place)? {
        None => return Ok(None),
        Some(Value::String(text)) => Quantity::parse(text),
        Some(Value::Number(number)) => Quantity::parse(&number.to_string()),
        Some(_) => Err("expected a quantity".into()),
    };
    quantity.map(Some).map_err(|why| Unreadable::new(place, why))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn job(init: &Value, containers: &Value, pod: &Value) -> Job {
        let spec = json!({"initContainers": init, "containers": containers, "resources": pod});
        Job::from_json(json!({
            "apiVersion": "batch/v1", "kind": "Job", "spec": {"template": {"spec": spec}},
        }))
        .expect("a Job")
    }

    #[test]
    fn a_pod_takes_what_kubernetes_counts() {
        let limit = |amount: &str| json!({"name": "c", "resources": {"limits": {"x.y/z": amount, "cpu": amount}}});
        let sidecar = |amount: &str| {
            let mut container = limit(amount);
            container["restartPolicy"] = json!("Always");
            container
        };
        let request = |amount| json!({"name": "c", "resources": {"requests": {"x.y/z": amount, "cpu": amount}}});
        let free = json!({"name": "c"});
        // Init containers, containers, the Pod's own, and then: limit and request of an extended
        // resource, and of the processor.
        let rows = [
            (json!([]), json!([]), json!({}), ["0", "0", "0", "0"]),
            (json!([]), json!([limit("2"), limit("3")]), json!({}), ["5", "5", "5", "5"]),
            (json!([limit("8")]), json!([limit("2")]), json!({}), ["8", "8", "8", "8"]),
            (json!([limit("1")]), json!([limit("2")]), json!({}), ["2", "2", "2", "2"]),
            (json!([sidecar("1")]), json!([limit("2")]), json!({}), ["3", "3", "3", "3"]),
            (
                json!([sidecar("1"), limit("4"), sidecar("2")]),
                json!([limit("2")]),
                json!({}),
                ["5", "5", "5", "5"],
            ),
            (json!([]), json!([limit("2"), free]), json!({}), ["2", "2", "none", "2"]),
            (json!([free]), json!([limit("2")]), json!({}), ["2", "2", "none", "2"]),
            (json!([]), json!([request("2")]), json!({}), ["2", "2", "none", "2"]),
            (
                json!([]),
                json!([limit("2"), free]),
                json!({"limits": {"cpu": "1"}}),
                ["2", "2", "1", "2"],
            ),
            (json!([]), json!([limit("8000m"), limit("8e0")]), json!({}), ["16", "16", "16", "16"]),
        ];
        for (init, containers, pod, expected) in rows {
            let job = job(&init, &containers, &pod);
            let found = ["x.y/z", "cpu"].map(|resource| {
                [Amounts::Limits, Amounts::Requests].map(|of| {
                    let total = job.total(of, resource).expect("amounts");
                    total.map_or("none".to_owned(), |total| total.to_string())
                })
            });
            assert_eq!(found.concat(), expected, "{}", job.json());
        }
    }

    #[test]
    fn what_is_not_an_amount_is_an_error() {
        let place = "`/spec/template/spec/containers/0/resources/limits/x.y~1z`: ";
        let rows = [
            (json!("1e400"), "`1e400` is too large"),
            (json!("-1"), "`-1` is negative"),
            (json!("many"), "`many` is not a quantity like `500m`, `4` or `16Gi`"),
            (json!(true), "expected a quantity"),
        ];
        for (amount, expected) in rows {
            let container = json!({"name": "c", "resources": {"limits": {"x.y/z": amount}}});
            let job = job(&json!([]), &json!([container]), &json!({}));
            let error = job.total(Amounts::Limits, "x.y/z").expect_err("it is not an amount");
            assert_eq!(error.to_string(), format!("{place}{expected}"));
        }
        let large = json!({"name": "c", "resources": {"limits": {"x.y/z": "9E"}}});
        let odd = json!({"name": "c", "resources": {"limits": ["x.y/z"]}});
        let rows = [
            (
                json!([large, large]),
                "`/spec/template/spec`: the containers together ask for too much of `x.y/z`",
            ),
            (
                json!([odd]),
                "`/spec/template/spec/containers/0/resources/limits`: expected an object, found a list",
            ),
            (json!({}), "`/spec/template/spec/containers`: expected a list, found an object"),
        ];
        for (containers, expected) in rows {
            let job = job(&json!([]), &containers, &json!({}));
            let error = job.total(Amounts::Limits, "x.y/z").expect_err("it is not an amount");
            assert_eq!(error.to_string(), expected);
        }
    }
}
