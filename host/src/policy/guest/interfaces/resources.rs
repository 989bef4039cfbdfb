//! `resources`: limits and requests of a container.

use crate::job::Pointer;
use crate::k8s::{self, Quantity};
use crate::policy::guest::bindings::resources;
use crate::policy::guest::evaluation::{Answer, Evaluation};
use serde_json::json;

impl resources::Host for Evaluation {
    fn set_limit(
        &mut self,
        container: String,
        resource: String,
        quantity: String,
        reason: String,
    ) -> Answer {
        let what = format!("limit `{resource}` of container `{container}`");
        let place = self
            .check_limit(&container, &resource, &quantity)
            .map(|place| place.key("limits").key(&resource));
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
        let place = self
            .check_request(&container, &resource, &quantity)
            .map(|place| place.key("requests").key(&resource));
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
        if !k8s::is_extended(&resource) {
            return self.refuse(
                what,
                format!("`{resource}` is not an extended resource like `nvidia.com/gpu`"),
            );
        }
        let count = count.to_string();
        let place = match self.place(&container, &resource, &count) {
            Ok((place, _)) => place,
            Err(why) => return self.refuse(what, why),
        };
        let request = self.job.resource(&container, "requests", &resource).map(|_| "requests");
        let kinds = request.into_iter().chain(["limits"]);
        self.edit_all(
            &what,
            kinds.map(|kind| (place.key(kind).key(&resource), Some(json!(count)))),
            &reason,
        )
    }
}

impl Evaluation {
    /// The pointer to the resources of a container, and the parsed quantity, if both are valid.
    fn place(
        &mut self,
        container: &str,
        resource: &str,
        quantity: &str,
    ) -> Result<(Pointer, Quantity), String> {
        k8s::resource_name(resource)?;
        let quantity = Quantity::parse(quantity)?;
        if k8s::is_extended(resource) && quantity.whole().is_none() {
            return Err(format!(
                "`{resource}` is counted in whole units, and `{quantity}` is not whole"
            ));
        }
        let container = self.container(container)?;
        Ok((container.key("resources"), quantity))
    }

    fn check_limit(
        &mut self,
        container: &str,
        resource: &str,
        quantity: &str,
    ) -> Result<Pointer, String> {
        let (place, limit) = self.place(container, resource, quantity)?;
        let Some(request) = self.quantity(container, "requests", resource) else {
            return Ok(place);
        };
        if k8s::is_extended(resource) && request != limit {
            return Err(format!(
                "the request is `{request}`, and Kubernetes requires limit and request to be \
                 equal: use `set-extended`"
            ));
        }
        if request > limit {
            return Err(format!("`{limit}` is below the request of `{request}`"));
        }
        Ok(place)
    }

    fn check_request(
        &mut self,
        container: &str,
        resource: &str,
        quantity: &str,
    ) -> Result<Pointer, String> {
        let (place, request) = self.place(container, resource, quantity)?;
        let limit = self.quantity(container, "limits", resource);
        if k8s::is_extended(resource) && limit.as_ref().is_some_and(|limit| *limit != request) {
            return Err(
                "the limit differs, and Kubernetes requires limit and request to be equal: \
                 use `set-extended`"
                    .into(),
            );
        }
        match limit.filter(|limit| request > *limit) {
            Some(limit) => Err(format!("`{request}` is above the limit of `{limit}`")),
            None => Ok(place),
        }
    }

    fn quantity(&self, container: &str, kind: &str, resource: &str) -> Option<Quantity> {
        Quantity::parse(&self.job.resource(container, kind, resource)?).ok()
    }
}
