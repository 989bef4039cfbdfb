//! `job`: the Job under review, read only, with the edits made so far.

use super::fields::{Field, reference, variable};
use super::readers::readers;
use crate::job::{Amounts, Pointer, Role, read};
use crate::policy::guest::bindings::job;
use crate::policy::guest::evaluation::Evaluation;
use serde_json::Value;
use std::collections::HashSet;

/// Views of fields at a fixed place of the Job.
macro_rules! job_fields {
    ($($name:ident: $type:ty = $place:literal;)*) => {
        $(fn $name(&mut self) -> wasmtime::Result<$type> {
            self.view("", |job| <$type>::field(job.json(), $place))
        })*
    };
}

/// Views of fields of a container.
macro_rules! container_fields {
    ($($name:ident: $type:ty = $place:literal;)*) => {
        $(fn $name(&mut self, container: String) -> wasmtime::Result<$type> {
            self.view(&container, |job| match job.read_container(&container)? {
                Some(found) => <$type>::field(found.json, $place)
                    .map_err(|error| error.below(&found.pointer())),
                None => Ok(<$type>::default()),
            })
        })*
    };
}

/// Views of fields that a container and the Pod can have.
macro_rules! security_fields {
    ($($name:ident: $type:ty = $place:literal;)*) => {
        $(fn $name(&mut self, container: Option<String>) -> wasmtime::Result<$type> {
            self.view(container.as_deref().unwrap_or_default(), |job| {
                let holder = match &container {
                    Some(name) => job.read_container(name)?.map(|found| found.pointer()),
                    None => Some(Pointer::pod()),
                };
                match holder {
                    Some(place) => {
                        <$type>::field(job.json(), &[place.as_str(), $place].concat())
                    }
                    None => Ok(<$type>::default()),
                }
            })
        })*
    };
}

/// Views of fields of a volume.
macro_rules! volume_fields {
    ($($name:ident: $type:ty = $place:literal;)*) => {
        $(fn $name(&mut self, volume: String) -> wasmtime::Result<$type> {
            self.view(&volume, |job| match job.read_volume(&volume)? {
                Some(found) => <$type>::field(found.json, $place)
                    .map_err(|error| error.below(&found.pointer())),
                None => Ok(<$type>::default()),
            })
        })*
    };
}

/// Views of fields of a container's mount.
macro_rules! mount_fields {
    ($($name:ident: $type:ty = $place:literal;)*) => {
        $(fn $name(&mut self, container: String, path: String) -> wasmtime::Result<$type> {
            self.view(&container, |job| {
                let mounts = job.items_with(&container, "volumeMounts", "/mountPath", &path)?;
                match mounts.first() {
                    Some((place, mount)) => {
                        <$type>::field(mount, $place).map_err(|error| error.below(place))
                    }
                    None => Ok(<$type>::default()),
                }
            })
        })*
    };
}

impl job::Host for Evaluation {
    readers!(|self| "Job", self.job.json());

    job_fields! {
        fs_group: Option<i64> = "/spec/template/spec/securityContext/fsGroup";
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
        self.member(&Pointer::metadata().key("labels"), &key)
    }

    fn annotation(&mut self, key: String) -> wasmtime::Result<Option<String>> {
        self.member(&Pointer::metadata().key("annotations"), &key)
    }

    fn main_container(&mut self) -> wasmtime::Result<String> {
        self.view("", |job| job.read_containers().map(|_| job.main_container().to_owned()))
    }

    fn containers(&mut self) -> wasmtime::Result<Vec<String>> {
        self.names(|_| true)
    }

    fn init_containers(&mut self) -> wasmtime::Result<Vec<String>> {
        self.names(|container| container.role == Role::Init)
    }

    fn sidecars(&mut self) -> wasmtime::Result<Vec<String>> {
        self.names(|container| container.role == Role::Sidecar)
    }

    fn container_pointer(&mut self, container: String) -> wasmtime::Result<Option<String>> {
        self.view(&container, |job| {
            Ok(job.read_container(&container)?.map(|found| found.pointer().to_string()))
        })
    }

    fn pull_secrets(&mut self) -> wasmtime::Result<Vec<String>> {
        self.view("", |job| job.texts_of(&Pointer::pod().key("imagePullSecrets"), "/name"))
    }

    fn env_names(&mut self, container: String) -> wasmtime::Result<Vec<String>> {
        self.texts(&container, "env", "/name")
    }

    fn env(&mut self, container: String, name: String) -> wasmtime::Result<Option<String>> {
        self.view(&container, |job| variable(job, &container, &name, "/value"))
    }

    fn env_secret_key(
        &mut self,
        container: String,
        name: String,
    ) -> wasmtime::Result<Option<(String, String)>> {
        self.view(&container, |job| reference(job, &container, &name, "secretKeyRef"))
    }

    fn env_config_map_key(
        &mut self,
        container: String,
        name: String,
    ) -> wasmtime::Result<Option<(String, String)>> {
        self.view(&container, |job| reference(job, &container, &name, "configMapKeyRef"))
    }

    /// Its older name is still read by Kubernetes.
    fn service_account(&mut self) -> wasmtime::Result<Option<String>> {
        self.view("", |job| {
            let text = |field| Option::<String>::field(job.json(), field);
            let name = text("/spec/template/spec/serviceAccountName")?;
            let name = name.filter(|name| !name.is_empty());
            Ok(name.or(text("/spec/template/spec/serviceAccount")?))
        })
    }

    fn claims(&mut self) -> wasmtime::Result<Vec<String>> {
        self.view("", |job| {
            let mut known = HashSet::new();
            let mut claims = Vec::new();
            for volume in job.read_volumes()? {
                let claim = job.read_claim(&volume)?.filter(|claim| known.insert(*claim));
                claims.extend(claim.map(str::to_owned));
            }
            Ok(claims)
        })
    }

    fn volumes(&mut self) -> wasmtime::Result<Vec<String>> {
        self.view("", |job| {
            Ok(job.read_volumes()?.iter().map(|volume| volume.name.to_owned()).collect())
        })
    }

    fn volume_kind(&mut self, volume: String) -> wasmtime::Result<Option<String>> {
        self.view(&volume, |job| {
            let kind = job.read_volume(&volume)?.and_then(|volume| volume.kind());
            Ok(kind.map(str::to_owned))
        })
    }

    fn drafted_claim_of(&mut self, volume: String) -> wasmtime::Result<Option<String>> {
        self.answer(&volume, self.origin.drafted.claim_of(&volume).map(str::to_owned))
    }

    fn mount_paths(&mut self, container: String) -> wasmtime::Result<Vec<String>> {
        self.texts(&container, "volumeMounts", "/mountPath")
    }

    fn node_label(&mut self, key: String) -> wasmtime::Result<Option<String>> {
        self.member(&Pointer::pod().key("nodeSelector"), &key)
    }

    fn tolerates(&mut self, key: String) -> wasmtime::Result<bool> {
        self.view(&key, |job| job.tolerates(&key))
    }

    fn node_affinity(&mut self) -> wasmtime::Result<Option<String>> {
        let found = read::<&Value>(self.job.json(), "/spec/template/spec/affinity/nodeAffinity");
        let text = self.written("", found)?;
        self.answer_read("Job", "", text)
    }

    fn limit(&mut self, container: String, resource: String) -> wasmtime::Result<Option<String>> {
        self.amount(&container, Amounts::Limits, &resource)
    }

    fn request(&mut self, container: String, resource: String) -> wasmtime::Result<Option<String>> {
        self.amount(&container, Amounts::Requests, &resource)
    }

    fn resource_names(&mut self) -> wasmtime::Result<Vec<String>> {
        self.view("", |job| Ok(job.resource_names()?.into_iter().map(str::to_owned).collect()))
    }

    fn total_limit(&mut self, resource: String) -> wasmtime::Result<Option<String>> {
        self.total(Amounts::Limits, &resource)
    }

    fn total_request(&mut self, resource: String) -> wasmtime::Result<String> {
        Ok(self.total(Amounts::Requests, &resource)?.unwrap_or_default())
    }

    fn failure_rules(&mut self) -> wasmtime::Result<Vec<String>> {
        let rules = self.job.read(&Pointer::spec().key("podFailurePolicy").key("rules"));
        let texts = self.all_written(rules)?;
        self.answer_read("Job", "", texts)
    }
}
