//! `storage`: volumes, the claims behind them, and mounts.

use crate::job::Pointer;
use crate::k8s::{self, Quantity};
use crate::policy::guest::bindings::storage;
use crate::policy::guest::evaluation::{Answer, Evaluation};
use serde_json::{Value, json};

impl storage::Host for Evaluation {
    fn remap_claim(&mut self, claim: String, target: String, reason: String) -> Answer {
        let what = format!("claim `{claim}`");
        if let Err(why) = self.check_claim(&claim).and_then(|()| k8s::dns_subdomain(&target)) {
            return self.refuse(what, why);
        }
        let volumes = self.job.volumes().filter(|volume| volume.claim() == Some(&claim));
        let steps: Vec<_> =
            volumes.map(|volume| (volume.claim_name(), Some(json!(target)))).collect();
        self.edit_all(&what, steps, &reason)
    }

    fn set_volume_claim(&mut self, volume: String, target: String, reason: String) -> Answer {
        let what = format!("volume `{volume}`");
        let found = self.job.volume(&volume).filter(|volume| volume.claim().is_some());
        let Some(place) = found.map(|volume| volume.claim_name()) else {
            return self.refuse(what, "the Job has no volume with this name that uses a claim");
        };
        match k8s::dns_subdomain(&target) {
            Ok(()) => self.edit(&what, &place, json!(target), &reason),
            Err(why) => self.refuse(what, why),
        }
    }

    fn set_sub_path(&mut self, claim: String, sub_path: String, reason: String) -> Answer {
        let what = format!("sub-path of claim `{claim}`");
        if let Err(why) = self.check_claim(&claim).and_then(|()| k8s::relative_path(&sub_path)) {
            return self.refuse(what, why);
        }
        let folder = sub_path.trim_end_matches('/');
        let below = |mount: Pointer| {
            let place = mount.key("subPath");
            let below =
                self.job.at(&place).and_then(Value::as_str).filter(|below| !below.is_empty());
            let path = below.map_or_else(|| folder.to_owned(), |below| format!("{folder}/{below}"));
            (place, Some(json!(path)))
        };
        let steps: Vec<_> = self.job.mounts_of_claim(&claim).into_iter().map(below).collect();
        self.edit_all(&what, steps, &reason)
    }

    fn set_read_only(&mut self, claim: String, reason: String) -> Answer {
        let what = format!("mounts of claim `{claim}`");
        if let Err(why) = self.check_claim(&claim) {
            return self.refuse(what, why);
        }
        let mounts = self.job.mounts_of_claim(&claim).into_iter();
        self.edit_all(
            &what,
            mounts.map(|mount| (mount.key("readOnly"), Some(json!(true)))),
            &reason,
        )
    }

    fn add_claim(&mut self, volume: String, claim: String, reason: String) -> Answer {
        let source = json!({"persistentVolumeClaim": {"claimName": claim}});
        self.add_volume(&volume, k8s::dns_subdomain(&claim), source, &reason)
    }

    fn add_empty_dir(
        &mut self,
        volume: String,
        in_memory: bool,
        size: Option<String>,
        reason: String,
    ) -> Answer {
        let mut empty_dir = json!({});
        if in_memory {
            empty_dir["medium"] = json!("Memory");
        }
        if let Some(size) = &size {
            empty_dir["sizeLimit"] = json!(size);
        }
        let checked = size.as_deref().map_or(Ok(()), |size| Quantity::parse(size).map(|_| ()));
        self.add_volume(&volume, checked, json!({"emptyDir": empty_dir}), &reason)
    }

    fn add_config_map(&mut self, volume: String, config_map: String, reason: String) -> Answer {
        let source = json!({"configMap": {"name": config_map}});
        self.add_volume(&volume, k8s::dns_subdomain(&config_map), source, &reason)
    }

    fn add_secret(&mut self, volume: String, secret: String, reason: String) -> Answer {
        let source = json!({"secret": {"secretName": secret}});
        self.add_volume(&volume, k8s::dns_subdomain(&secret), source, &reason)
    }

    fn mount(
        &mut self,
        container: String,
        volume: String,
        path: String,
        sub_path: Option<String>,
        read_only: bool,
        reason: String,
    ) -> Answer {
        let what = format!("mount of `{volume}` in container `{container}`");
        let mounts = match self.check_mount(&container, &volume, &path, sub_path.as_deref()) {
            Ok(mounts) => mounts,
            Err(why) => return self.refuse(what, why),
        };
        let mut mount = json!({"name": volume, "mountPath": path});
        if let Some(sub_path) = sub_path {
            mount["subPath"] = json!(sub_path);
        }
        if read_only {
            mount["readOnly"] = json!(true);
        }
        self.append(&what, &mounts, mount, &reason)
    }
}

impl Evaluation {
    fn check_claim(&self, claim: &str) -> Result<(), String> {
        if self.job.claims().contains(&claim) {
            return Ok(());
        }
        let known: Vec<_> = self.job.claims().iter().map(|claim| format!("`{claim}`")).collect();
        Err(if known.is_empty() {
            "the Job does not use any claims".into()
        } else {
            format!("the Job does not use this claim: expected one of {}", known.join(", "))
        })
    }

    fn add_volume(
        &mut self,
        name: &str,
        source_is: Result<(), String>,
        source: Value,
        reason: &str,
    ) -> Answer {
        let what = format!("volume `{name}`");
        if let Err(why) = k8s::dns_label(name).and(source_is) {
            return self.refuse(what, why);
        }
        if self.job.volume(name).is_some() {
            return self.refuse(what, "the Job already has a volume with this name");
        }
        let mut volume = json!({"name": name});
        if let (Value::Object(volume), Value::Object(source)) = (&mut volume, source) {
            volume.extend(source);
        }
        self.append(&what, &Pointer::pod().key("volumes"), volume, reason)
    }

    /// The pointer to the container's mounts, if this mount can be added.
    fn check_mount(
        &self,
        container: &str,
        volume: &str,
        path: &str,
        sub: Option<&str>,
    ) -> Result<Pointer, String> {
        let mounts = self.container(container)?.key("volumeMounts");
        if self.job.volume(volume).is_none() {
            return Err(format!("the Job has no volume `{volume}`"));
        }
        if !path.starts_with('/') || path.contains(':') {
            return Err(format!("`{path}` is not an absolute path without `:`"));
        }
        sub.map_or(Ok(()), k8s::relative_path)?;
        let is_taken = |mount: &Value| mount.get("mountPath").and_then(Value::as_str) == Some(path);
        if self.job.items(&mounts).iter().any(is_taken) {
            return Err(format!("the container already has a mount at `{path}`"));
        }
        Ok(mounts)
    }
}
