//! `job`: the Job under review, read only, with the edits made so far.

use super::readers::readers;
use crate::job::{Container, Pointer, Role, find};
use crate::policy::guest::bindings::job;
use crate::policy::guest::evaluation::Evaluation;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Views of fields at a fixed place of the Job.
macro_rules! job_fields {
    ($($name:ident: $type:ty = $place:literal;)*) => {
        $(fn $name(&mut self) -> wasmtime::Result<$type> {
            let value = field(self.job.json(), $place);
            self.answer("", value)
        })*
    };
}

/// Views of fields of a container.
macro_rules! container_fields {
    ($($name:ident: $type:ty = $place:literal;)*) => {
        $(fn $name(&mut self, container: String) -> wasmtime::Result<$type> {
            let value = self.job.container(&container).map(|container| field(container.json, $place));
            self.answer(&container, value.unwrap_or_default())
        })*
    };
}

/// Views of fields that a container and the Pod can have.
macro_rules! security_fields {
    ($($name:ident: $type:ty = $place:literal;)*) => {
        $(fn $name(&mut self, container: Option<String>) -> wasmtime::Result<$type> {
            let holder = match &container {
                Some(name) => self.job.container(name).map(|container| container.json),
                None => self.job.at(&Pointer::pod()),
            };
            let value = holder.map(|holder| field(holder, $place)).unwrap_or_default();
            self.answer(container.as_deref().unwrap_or_default(), value)
        })*
    };
}

/// Views of fields of a volume.
macro_rules! volume_fields {
    ($($name:ident: $type:ty = $place:literal;)*) => {
        $(fn $name(&mut self, volume: String) -> wasmtime::Result<$type> {
            let value = self.job.volume(&volume).map(|volume| field(volume.json, $place));
            self.answer(&volume, value.unwrap_or_default())
        })*
    };
}

/// Views of fields of a container's mount.
macro_rules! mount_fields {
    ($($name:ident: $type:ty = $place:literal;)*) => {
        $(fn $name(&mut self, container: String, path: String) -> wasmtime::Result<$type> {
            let value = self.job.mount(&container, &path).map(|mount| field(mount, $place));
            self.answer(&container, value.unwrap_or_default())
        })*
    };
}

impl job::Host for Evaluation {
    readers!(|self| self.job.json());

    job_fields! {
        fs_group: Option<i64> = "/spec/template/spec/securityContext/fsGroup";
        service_account: Option<String> = "/spec/template/spec/serviceAccountName";
        automount_service_account_token: Option<bool> = "/spec/template/spec/automountServiceAccountToken";
        priority_class: Option<String> = "/spec/template/spec/priorityClassName";
        scheduler: Option<String> = "/spec/template/spec/schedulerName";
        queue: Option<String> = "/metadata/labels/kueue.x-k8s.io~1queue-name";
        backoff_limit: Option<i64> = "/spec/backoffLimit";
        backoff_limit_per_index: Option<i64> = "/spec/backoffLimitPerIndex";
        active_deadline_seconds: Option<i64> = "/spec/activeDeadlineSeconds";
        ttl_seconds_after_finished: Option<i64> = "/spec/ttlSecondsAfterFinished";
        termination_grace_period_seconds: Option<i64> = "/spec/template/spec/terminationGracePeriodSeconds";
        suspended: bool = "/spec/suspend";
        completions: Option<i64> = "/spec/completions";
        parallelism: Option<i64> = "/spec/parallelism";
        completion_mode: Option<String> = "/spec/completionMode";
        restart_policy: Option<String> = "/spec/template/spec/restartPolicy";
    }

    container_fields! {
        image: Option<String> = "/image";
        pull_policy: Option<String> = "/imagePullPolicy";
        command: Vec<String> = "/command";
        arguments: Vec<String> = "/args";
        read_only_root_filesystem: Option<bool> = "/securityContext/readOnlyRootFilesystem";
        allow_privilege_escalation: Option<bool> = "/securityContext/allowPrivilegeEscalation";
        privileged: Option<bool> = "/securityContext/privileged";
        added_capabilities: Vec<String> = "/securityContext/capabilities/add";
        dropped_capabilities: Vec<String> = "/securityContext/capabilities/drop";
    }

    security_fields! {
        run_as_user: Option<i64> = "/securityContext/runAsUser";
        run_as_group: Option<i64> = "/securityContext/runAsGroup";
        run_as_non_root: Option<bool> = "/securityContext/runAsNonRoot";
        seccomp_profile: Option<String> = "/securityContext/seccompProfile/type";
    }

    volume_fields! {
        claim_of: Option<String> = "/persistentVolumeClaim/claimName";
        config_map_of: Option<String> = "/configMap/name";
        secret_of: Option<String> = "/secret/secretName";
    }

    mount_fields! {
        mount_volume: Option<String> = "/name";
        mount_sub_path: Option<String> = "/subPath";
        mount_read_only: bool = "/readOnly";
    }

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

    fn container_pointer(&mut self, container: String) -> wasmtime::Result<Option<String>> {
        let pointer = self.job.container(&container).map(|container| container.pointer.to_string());
        self.answer(&container, pointer)
    }

    fn pull_secrets(&mut self) -> wasmtime::Result<Vec<String>> {
        self.answer("", self.texts(&Pointer::pod().key("imagePullSecrets"), "/name"))
    }

    fn env_names(&mut self, container: String) -> wasmtime::Result<Vec<String>> {
        let place = self.job.container(&container).map(|container| container.pointer.key("env"));
        self.answer(&container, place.map(|place| self.texts(&place, "/name")).unwrap_or_default())
    }

    fn env(&mut self, container: String, name: String) -> wasmtime::Result<Option<String>> {
        let value = self.job.env(&container, &name).and_then(|variable| field(variable, "/value"));
        self.answer(&container, value)
    }

    fn env_secret_key(
        &mut self,
        container: String,
        name: String,
    ) -> wasmtime::Result<Option<(String, String)>> {
        self.answer(&container, self.reference(&container, &name, "secretKeyRef"))
    }

    fn env_config_map_key(
        &mut self,
        container: String,
        name: String,
    ) -> wasmtime::Result<Option<(String, String)>> {
        self.answer(&container, self.reference(&container, &name, "configMapKeyRef"))
    }

    fn claims(&mut self) -> wasmtime::Result<Vec<String>> {
        self.answer("", self.job.claims().into_iter().map(str::to_owned).collect())
    }

    fn volumes(&mut self) -> wasmtime::Result<Vec<String>> {
        self.answer("", self.job.volumes().map(|volume| volume.name.to_owned()).collect())
    }

    fn volume_kind(&mut self, volume: String) -> wasmtime::Result<Option<String>> {
        let kind = self.job.volume(&volume).and_then(|volume| volume.kind());
        self.answer(&volume, kind.map(str::to_owned))
    }

    fn mount_paths(&mut self, container: String) -> wasmtime::Result<Vec<String>> {
        let place =
            self.job.container(&container).map(|container| container.pointer.key("volumeMounts"));
        self.answer(
            &container,
            place.map(|place| self.texts(&place, "/mountPath")).unwrap_or_default(),
        )
    }

    fn node_label(&mut self, key: String) -> wasmtime::Result<Option<String>> {
        let value = self.job.at(&Pointer::pod().key("nodeSelector").key(&key));
        self.answer(&key, value.and_then(Value::as_str).map(str::to_owned))
    }

    fn tolerates(&mut self, key: String) -> wasmtime::Result<bool> {
        self.answer(&key, self.job.tolerates(&key))
    }

    fn node_affinity(&mut self) -> wasmtime::Result<Option<String>> {
        let affinity = self.job.at(&Pointer::pod().key("affinity").key("nodeAffinity"));
        self.answer("", affinity.map(Value::to_string))
    }

    fn limit(
        &mut self,
        container: String,
        resource_name: String,
    ) -> wasmtime::Result<Option<String>> {
        self.answer(&container, self.job.resource(&container, "limits", &resource_name))
    }

    fn request(
        &mut self,
        container: String,
        resource_name: String,
    ) -> wasmtime::Result<Option<String>> {
        self.answer(&container, self.job.resource(&container, "requests", &resource_name))
    }

    fn failure_rules(&mut self) -> wasmtime::Result<Vec<String>> {
        let rules = self.job.items(&Pointer::spec().key("podFailurePolicy").key("rules"));
        self.answer("", rules.iter().map(Value::to_string).collect())
    }
}

impl Evaluation {
    fn names(&self, filter: fn(&Container<'_>) -> bool) -> Vec<String> {
        self.job
            .containers()
            .iter()
            .filter(|container| filter(container))
            .map(|c| c.name.to_owned())
            .collect()
    }

    /// The text at a place in each item of a list.
    fn texts(&self, list: &Pointer, place: &str) -> Vec<String> {
        self.job.items(list).iter().filter_map(|item| field(item, place)).collect()
    }

    /// The object and the key that an environment variable takes its value from.
    fn reference(&self, container: &str, name: &str, kind: &str) -> Option<(String, String)> {
        let source = self.job.env(container, name)?.get("valueFrom")?.get(kind)?;
        Some((field::<Option<_>>(source, "/name")?, field::<Option<_>>(source, "/key")?))
    }
}

/// The value at a place, if it is of the type.
fn field<T: DeserializeOwned + Default>(json: &Value, place: &str) -> T {
    find(json, place).and_then(|value| T::deserialize(value).ok()).unwrap_or_default()
}
