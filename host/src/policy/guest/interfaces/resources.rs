//! `resources`: limits and requests of a container.

use crate::job::{Amounts, Pointer};
use crate::k8s::{self, Quantity};
use crate::policy::guest::bindings::resources;
use crate::policy::guest::evaluation::{Answer, Evaluation};
use serde_json::{Value, json};

impl resources::Host for Evaluation {
    fn set_limit(
        &mut self,
        container: String,
        resource: String,
        quantity: String,
        reason: String,
    ) -> Answer {
        let what = format!("limit `{resource}` of container `{container}`");
        let place = self.check_limit(&container, &resource, &quantity);
        self.edit_found(&what, place, json!(quantity), &reason)
    }

    fn set_request(
        &mut self,
        container: String,
        resource: String,
        quantity: String,
        reason: String,
    ) -> Answer {
        let what = format!("request `{resource}` of container `{container}`");
        let place = self.check_request(&container, &resource, &quantity);
        self.edit_found(&what, place, json!(quantity), &reason)
    }

    fn set_extended(
        &mut self,
        container: String,
        resource: String,
        count: u32,
        reason: String,
    ) -> Answer {
        let what = format!("`{resource}` of container `{container}`");
        match self.places_of_extended(&container, &resource) {
            Ok(places) => {
                let count = json!(count.to_string());
                let steps = places.into_iter().map(|place| (place, Some(count.clone())));
                self.edit_all(&what, steps, &reason)
            }
            Err(why) => self.refuse(what, why),
        }
    }
}

/// A container's amounts of a resource.
struct Asked {
    /// The place of all its resources.
    resources: Pointer,
    limit: Option<Quantity>,
    request: Option<Quantity>,
}

impl Evaluation {
    /// The places of the limit, and of the request where one stands, if the resource is extended.
    fn places_of_extended(&self, container: &str, resource: &str) -> Result<Vec<Pointer>, String> {
        k8s::resource_name(resource)?;
        if !k8s::is_extended(resource) {
            return Err(format!("`{resource}` is not an extended resource like `nvidia.com/gpu`"));
        }
        let asked = self.asked(container, resource)?;
        let request = asked.request.as_ref().map(|_| Amounts::Requests);
        let kinds = request.into_iter().chain([Amounts::Limits]);
        kinds.map(|kind| self.place_of(&asked, kind, resource)).collect()
    }

    fn check_limit(
        &self,
        container: &str,
        resource: &str,
        quantity: &str,
    ) -> Result<Pointer, String> {
        let limit = amount(resource, quantity)?;
        let asked = self.asked(container, resource)?;
        if k8s::page_size(resource).is_some() {
            self.has_memory_beside(&asked)?;
        }
        match &asked.request {
            Some(request) if !k8s::may_differ(resource) && *request != limit => Err(format!(
                "the request is `{request}`, and Kubernetes requires limit and request to be \
                 equal: use {}",
                setter_of_both(resource)
            )),
            Some(request) if *request > limit => {
                Err(format!("`{limit}` is below the request of `{request}`"))
            }
            _ => self.place_of(&asked, Amounts::Limits, resource),
        }
    }

    fn check_request(
        &self,
        container: &str,
        resource: &str,
        quantity: &str,
    ) -> Result<Pointer, String> {
        let request = amount(resource, quantity)?;
        let asked = self.asked(container, resource)?;
        match &asked.limit {
            None if !k8s::may_differ(resource) => Err(format!(
                "Kubernetes requires a limit beside the request: use {}",
                if k8s::is_extended(resource) { "`set-extended`" } else { "`set-limit`" }
            )),
            Some(limit) if !k8s::may_differ(resource) && *limit != request => Err(format!(
                "the limit differs, and Kubernetes requires limit and request to be equal: use {}",
                setter_of_both(resource)
            )),
            Some(limit) if request > *limit => {
                Err(format!("`{request}` is above the limit of `{limit}`"))
            }
            _ => self.place_of(&asked, Amounts::Requests, resource),
        }
    }

    fn asked(&self, container: &str, resource: &str) -> Result<Asked, String> {
        let container = self.find_container(container)?;
        let resources = container.pointer().key("resources");
        let amount = |of| self.job.amount(&container, of, resource).map_err(|why| why.to_string());
        let limit = amount(Amounts::Limits)?;
        Ok(Asked { resources, limit, request: amount(Amounts::Requests)? })
    }

    fn place_of(&self, asked: &Asked, of: Amounts, resource: &str) -> Result<Pointer, String> {
        self.place_in(&asked.resources.key(of.as_str()), resource)
    }

    /// Kubernetes wants huge pages beside memory or a processor.
    fn has_memory_beside(&self, asked: &Asked) -> Result<(), String> {
        let has = |of: Amounts, name| {
            let amount = self.job.at(&asked.resources.key(of.as_str()).key(name));
            amount.is_some_and(|amount: &Value| !amount.is_null())
        };
        let kinds = [Amounts::Limits, Amounts::Requests];
        if kinds.into_iter().any(|of| has(of, "cpu") || has(of, "memory")) {
            return Ok(());
        }
        Err("huge pages require `cpu` or `memory` beside them: set one of these first".into())
    }
}

/// The verb that changes limit and request of a resource that cannot be overcommitted.
fn setter_of_both(resource: &str) -> &'static str {
    if k8s::is_extended(resource) { "`set-extended`" } else { "`patch`" }
}

/// A quantity that a container can have of a resource.
fn amount(resource: &str, quantity: &str) -> Result<Quantity, String> {
    k8s::resource_name(resource)?;
    let quantity = Quantity::parse(quantity)?;
    if k8s::is_extended(resource) && quantity.whole().is_none() {
        return Err(format!(
            "`{resource}` is counted in whole units, and `{quantity}` is not whole"
        ));
    }
    if let Some(size) = k8s::page_size(resource)
        && !quantity.whole().is_some_and(|bytes| bytes.is_multiple_of(size))
    {
        return Err(format!("`{resource}` is counted in whole pages, and `{quantity}` is not"));
    }
    Ok(quantity)
}
