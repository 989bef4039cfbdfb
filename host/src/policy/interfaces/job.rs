//! `job`: the Job under review, read only, with the edits made so far.

use super::readers::readers;
use crate::job::{Container, Pointer, Role};
use crate::policy::bindings::job;
use crate::policy::evaluation::Evaluation;
use serde_json::Value;

impl job::Host for Evaluation {
    readers!(|self| self.job.json());

    fn name(&mut self) -> wasmtime::Result<String> {
        self.answer("", self.job.name().to_owned())
    }

    fn namespace(&mut self) -> wasmtime::Result<Option<String>> {
        self.answer("", self.job.namespace().map(str::to_owned))
    }

    fn label(&mut self, key: String) -> wasmtime::Result<Option<String>> {
        self.answer(&key, self.job.label(&key).map(str::to_owned))
    }

    fn annotation(&mut self, key: String) -> wasmtime::Result<Option<String>> {
        self.answer(&key, self.job.annotation(&key).map(str::to_owned))
    }

    fn main_container(&mut self) -> wasmtime::Result<String> {
        self.answer("", self.job.main_container().to_owned())
    }

    fn containers(&mut self) -> wasmtime::Result<Vec<String>> {
        self.answer("", self.names(|_| true))
    }

    fn init_containers(&mut self) -> wasmtime::Result<Vec<String>> {
        self.answer("", self.names(|container| container.role == Role::Init))
    }

    fn sidecars(&mut self) -> wasmtime::Result<Vec<String>> {
        self.answer("", self.names(|container| container.role == Role::Sidecar))
    }

    fn image(&mut self, container: String) -> wasmtime::Result<Option<String>> {
        let image = self.job.container(&container).and_then(|container| container.json.get("image"));
        self.answer(&container, image.and_then(Value::as_str).map(str::to_owned))
    }

    fn claims(&mut self) -> wasmtime::Result<Vec<String>> {
        self.answer("", self.job.claims().into_iter().map(str::to_owned).collect())
    }

    fn volumes(&mut self) -> wasmtime::Result<Vec<String>> {
        self.answer("", self.job.volumes().map(|volume| volume.name.to_owned()).collect())
    }

    fn claim_of(&mut self, volume: String) -> wasmtime::Result<Option<String>> {
        let claim = self.job.volume(&volume).and_then(|volume| volume.claim());
        self.answer(&volume, claim.map(str::to_owned))
    }

    fn node_label(&mut self, key: String) -> wasmtime::Result<Option<String>> {
        let value = self.job.at(&Pointer::pod().key("nodeSelector").key(&key));
        self.answer(&key, value.and_then(Value::as_str).map(str::to_owned))
    }

    fn tolerates(&mut self, key: String) -> wasmtime::Result<bool> {
        self.answer(&key, self.job.tolerates(&key))
    }

    fn limit(&mut self, container: String, resource_name: String) -> wasmtime::Result<Option<String>> {
        self.answer(&container, self.job.resource(&container, "limits", &resource_name))
    }

    fn request(&mut self, container: String, resource_name: String) -> wasmtime::Result<Option<String>> {
        self.answer(&container, self.job.resource(&container, "requests", &resource_name))
    }
}

impl Evaluation {
    fn names(&self, filter: fn(&Container<'_>) -> bool) -> Vec<String> {
        self.job.containers().iter().filter(|container| filter(container)).map(|c| c.name.to_owned()).collect()
    }
}
