//! `storage`: volumes, the claims behind them, and mounts.

use crate::job::Pointer;
use crate::k8s::{self, Quantity};
use crate::policy::guest::bindings::storage;
use crate::policy::guest::evaluation::{Answer, Evaluation};
use crate::text;
use serde_json::{Value, json};

/// Where Kubernetes mounts the token of the Pod's ServiceAccount. Whatever is mounted there takes its
/// place.
const TOKENS: [&str; 2] =
    ["/var/run/secrets/kubernetes.io/serviceaccount", "/run/secrets/kubernetes.io/serviceaccount"];

impl storage::Host for Evaluation {
    fn remap_claim(&mut self, claim: String, target: String, reason: String) -> Answer {
        let what = format!("claim `{claim}`");
        if let Err(why) = self.check_claim(&claim).and_then(|()| k8s::dns_subdomain(&target)) {
            return self.refuse(what, why);
        }
        let volumes = self.job.volumes().filter(|volume| volume.claim() == Some(&claim));
        let places: Vec<_> = volumes.map(|volume| volume.claim_name()).collect();
        let steps = places.into_iter().map(|place| (place, Some(json!(target))));
        self.edit_all(&what, steps, &reason)
    }

    fn set_volume_claim(&mut self, volume: String, target: String, reason: String) -> Answer {
        let what = format!("volume `{volume}`");
        let place = self.check_volume(&volume);
        let place = place.and_then(|place| k8s::dns_subdomain(&target).map(|()| place));
        self.edit_found(&what, place, json!(target), &reason)
    }

    fn set_sub_path(&mut self, claim: String, sub_path: String, reason: String) -> Answer {
        let what = format!("sub-path of claim `{claim}`");
        let volumes = self.check_claim(&claim).map(|()| self.volumes_of(&claim));
        self.narrow(&what, volumes, &sub_path, &reason)
    }

    fn set_read_only(&mut self, claim: String, reason: String) -> Answer {
        let what = format!("mounts of claim `{claim}`");
        let volumes = self.check_claim(&claim).map(|()| self.volumes_of(&claim));
        self.protect(&what, volumes, &reason)
    }

    fn set_volume_sub_path(&mut self, volume: String, sub_path: String, reason: String) -> Answer {
        let what = format!("sub-path of volume `{volume}`");
        let volumes = self.check_volume(&volume).map(|_| vec![volume]);
        self.narrow(&what, volumes, &sub_path, &reason)
    }

    fn set_volume_read_only(&mut self, volume: String, reason: String) -> Answer {
        let what = format!("mounts of volume `{volume}`");
        let volumes = self.check_volume(&volume).map(|_| vec![volume]);
        self.protect(&what, volumes, &reason)
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
        let mut mount = json!({"name": volume, "mountPath": path});
        if let Some(sub_path) = &sub_path {
            mount["subPath"] = json!(sub_path);
        }
        if read_only {
            mount["readOnly"] = json!(true);
        }
        match self.check_mount(&container, &mount) {
            Ok(mounts) => self.append(&what, &mounts, mount, &reason),
            Err(why) => self.refuse(what, why),
        }
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

    /// The place of the claim's name of a volume that uses one.
    fn check_volume(&self, volume: &str) -> Result<Pointer, String> {
        let found = self.job.volume(volume).filter(|volume| volume.claim().is_some());
        found
            .map(|volume| volume.claim_name())
            .ok_or_else(|| "the Job has no volume with this name that uses a claim".into())
    }

    fn volumes_of(&self, claim: &str) -> Vec<String> {
        let volumes = self.job.volumes().filter(|volume| volume.claim() == Some(claim));
        volumes.map(|volume| volume.name.to_owned()).collect()
    }

    /// Put a folder before the sub-path of every mount of some volumes.
    fn narrow(
        &mut self,
        what: &str,
        volumes: Result<Vec<String>, String>,
        sub_path: &str,
        reason: &str,
    ) -> Answer {
        let checked = volumes.and_then(|volumes| k8s::relative_path(sub_path).map(|()| volumes));
        let volumes = match checked {
            Ok(volumes) => volumes,
            Err(why) => return self.refuse(what, why),
        };
        let folder = sub_path.trim_end_matches('/');
        // Kubernetes puts variables into an expression, and takes no sub-path beside it.
        let literal = folder.replace("$(", "$$(");
        let mut mounts = Vec::new();
        for (container, place, mount) in self.job.mounts_of(&volumes) {
            let text = |field: &str| mount.get(field).and_then(Value::as_str).unwrap_or_default();
            let (field, folder) = match text("subPathExpr") {
                "" => ("subPath", folder),
                _ => ("subPathExpr", literal.as_str()),
            };
            let now = text(field);
            let drafted = self.origin.drafted.sub_path(container, text("mountPath"));
            let is_within = text::below(now, folder).is_some();
            if !is_within || drafted == Some(now) {
                mounts.push((place.key(field), folder, now.to_owned()));
            }
        }
        let steps = mounts.into_iter().map(|(place, folder, now)| {
            let path = if now.is_empty() { folder.to_owned() } else { format!("{folder}/{now}") };
            (place, Some(json!(path)))
        });
        self.edit_all(what, steps, reason)
    }

    /// Make every mount of some volumes read-only.
    fn protect(
        &mut self,
        what: &str,
        volumes: Result<Vec<String>, String>,
        reason: &str,
    ) -> Answer {
        match volumes {
            Ok(volumes) => {
                let mounts = self.job.mounts_of(&volumes).into_iter();
                let steps: Vec<_> = mounts
                    .map(|(_, place, _)| (place.key("readOnly"), Some(json!(true))))
                    .collect();
                self.edit_all(what, steps, reason)
            }
            Err(why) => self.refuse(what, why),
        }
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
        let mut volume = json!({"name": name});
        if let (Value::Object(volume), Value::Object(source)) = (&mut volume, source) {
            volume.extend(source);
        }
        if self.job.volume(name).is_some_and(|known| *known.json != volume) {
            return self.refuse(what, "the Job already has another volume with this name");
        }
        self.append(&what, &Pointer::pod().key("volumes"), volume, reason)
    }

    /// The pointer to the container's mounts, if this mount can be added.
    fn check_mount(&self, container: &str, mount: &Value) -> Result<Pointer, String> {
        let text = |mount: &Value, field: &str| mount.get(field)?.as_str().map(str::to_owned);
        let volume = text(mount, "name").unwrap_or_default();
        let path = text(mount, "mountPath").unwrap_or_default();
        let mounts = self.container(container)?.key("volumeMounts");
        if self.job.volume(&volume).is_none() {
            return Err(format!("the Job has no volume `{volume}`"));
        }
        k8s::mount_path(&path)?;
        text(mount, "subPath").map_or(Ok(()), |sub_path| k8s::relative_path(&sub_path))?;
        if TOKENS.iter().any(|folder| is_within(&path, folder)) {
            return Err(format!(
                "`{path}` is where Kubernetes mounts the ServiceAccount's token: `containers` has \
                 `set-service-account`"
            ));
        }
        let devices = self.job.items(&self.container(container)?.key("volumeDevices"));
        let device = |device: &Value| text(device, "devicePath").is_some_and(|it| same(&it, &path));
        let other = |known: &Value| {
            known != mount && text(known, "mountPath").is_some_and(|known| same(&known, &path))
        };
        if self.job.items(&mounts).iter().any(other) || devices.iter().any(device) {
            return Err(format!("the container already has a mount at `{path}`"));
        }
        Ok(mounts)
    }
}

/// The parts of a path; that it ends with a slash makes no other path.
fn parts(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|part| !part.is_empty() && *part != ".")
}

fn same(one: &str, other: &str) -> bool {
    parts(one).eq(parts(other))
}

fn is_within(path: &str, folder: &str) -> bool {
    let mut path = parts(path);
    parts(folder).all(|part| path.next() == Some(part))
}
