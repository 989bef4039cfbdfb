//! From fields of the Job to the answers of views. A field of another type than its view ends the
//! call.

use super::readers::Crossing;
use crate::job::{Amounts, Container, Job, Pointer, Unreadable, part, read, texts};
use crate::k8s::Quantity;
use crate::policy::guest::evaluation::Evaluation;
use serde_json::Value;

/// The amounts that a container can have of a resource, and the cost of the place of one besides
/// that of the resource's name.
const AMOUNTS: usize = 2;
const PLACE: usize = 64;

/// What a view answers of a field.
pub trait Field: Sized {
    fn field(json: &Value, place: &str) -> Result<Self, Unreadable>;
}

impl Field for Option<String> {
    fn field(json: &Value, place: &str) -> Result<Self, Unreadable> {
        Ok(read::<&str>(json, place)?.map(str::to_owned))
    }
}

impl Field for Option<i64> {
    fn field(json: &Value, place: &str) -> Result<Self, Unreadable> {
        read(json, place)
    }
}

impl Field for Option<bool> {
    fn field(json: &Value, place: &str) -> Result<Self, Unreadable> {
        read(json, place)
    }
}

impl Field for bool {
    fn field(json: &Value, place: &str) -> Result<Self, Unreadable> {
        Ok(read(json, place)?.unwrap_or_default())
    }
}

impl Field for Vec<String> {
    fn field(json: &Value, place: &str) -> Result<Self, Unreadable> {
        texts(json, place)
    }
}

/// A quantity as text.
pub fn written(quantity: Option<Quantity>) -> Option<String> {
    quantity.map(|quantity| quantity.to_string())
}

/// A text of an environment variable: of several with one name the last counts.
pub fn variable(
    job: &Job,
    container: &str,
    name: &str,
    field: &str,
) -> Result<Option<String>, Unreadable> {
    match job.items_with(container, "env", "/name", name)?.last() {
        Some((place, variable)) => {
            Ok(part::<&str>(variable, || place.clone(), field)?.map(str::to_owned))
        }
        None => Ok(None),
    }
}

/// The object and the key that an environment variable takes its value from.
pub fn reference(
    job: &Job,
    container: &str,
    name: &str,
    kind: &str,
) -> Result<Option<(String, String)>, Unreadable> {
    let text = |field| variable(job, container, name, &format!("/valueFrom/{kind}/{field}"));
    Ok(text("name")?.zip(text("key")?))
}

impl Evaluation {
    /// Answer with what is read of the Job.
    pub fn view<T: Crossing>(
        &mut self,
        asked: &str,
        view: impl FnOnce(&Job) -> Result<T, Unreadable>,
    ) -> wasmtime::Result<T> {
        let value = view(&self.job);
        self.answer_read("Job", asked, value)
    }

    /// The text of a member of an object.
    pub fn member(&mut self, object: &Pointer, key: &str) -> wasmtime::Result<Option<String>> {
        self.view(key, |job| Ok(job.read::<&str>(&object.key(key))?.map(str::to_owned)))
    }

    /// The names of the containers that a filter lets through.
    pub fn names(&mut self, filter: fn(&Container<'_>) -> bool) -> wasmtime::Result<Vec<String>> {
        self.view("", |job| {
            let containers = job.read_containers()?.into_iter();
            Ok(containers.filter(filter).map(|container| container.name.to_owned()).collect())
        })
    }

    /// The text of a field of each item of a container's list.
    pub fn texts(
        &mut self,
        container: &str,
        list: &str,
        field: &str,
    ) -> wasmtime::Result<Vec<String>> {
        self.view(container, |job| match job.read_container(container)? {
            Some(found) => job.texts_of(&found.pointer().key(list), field),
            None => Ok(Vec::new()),
        })
    }

    /// A container's limit or request of a resource.
    pub fn amount(
        &mut self,
        container: &str,
        of: Amounts,
        resource: &str,
    ) -> wasmtime::Result<Option<String>> {
        self.view(container, |job| match job.read_container(container)? {
            Some(found) => Ok(written(job.amount(&found, of, resource)?)),
            None => Ok(None),
        })
    }

    /// What the Pod takes of a resource. The name is put into a place of each container.
    pub fn total(&mut self, of: Amounts, resource: &str) -> wasmtime::Result<Option<String>> {
        let places = AMOUNTS * (1 + self.job.container_count());
        self.charge(places.saturating_mul(PLACE + resource.len()))?;
        self.view(resource, |job| Ok(written(job.total(of, resource)?)))
    }
}
