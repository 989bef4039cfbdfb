//! The merged section `runner`, read into the runner's settings. A key that is not known is an
//! error, so a misspelt setting never goes unnoticed.

use super::fields::object_name;
use super::section::{Section, label};
use super::types::{PullPolicy, Runner};
use super::{amounts, env, pod};
use crate::cube::config::{DEFAULTS, RUNNERS};
use crate::cube::path::{PathRule, RelativePath};
use crate::k8s::{self, Namespace};
use crate::omegaconf::{Key, Resolver, Walk};
use crate::yaml::{ConfigError, Fault, Node, Position, quote, typed};

/// Kubernetes' own number is 6; the documentation of this runner has always said 4.
const BACKOFF_LIMIT: u32 = 4;

/// The resource of NVIDIA's device plugin.
const GPU_RESOURCE: &str = "nvidia.com/gpu";

/// The keys of the section.
pub const KEYS: [&str; 22] = [
    "runner",
    "pvc",
    "image",
    "namespace",
    "workspace",
    "backoffLimit",
    "ttlSecondsAfterFinished",
    "activeDeadlineSeconds",
    "serviceAccountName",
    "serviceAccount",
    "imagePullSecrets",
    "imagePullPolicy",
    "resources",
    "env",
    "nodeSelector",
    "tolerations",
    "gpuResource",
    "shmSize",
    "runAsUser",
    "runAsGroup",
    "fsGroup",
    "stageImage",
];

/// Read the merged section `runner`; `file` is the cube's, for what is missing from it.
pub fn read(resolver: &mut Resolver<'_>, file: &Position) -> Result<Runner, ConfigError> {
    let spot = resolver.root().child("runner").unwrap_or_else(|| resolver.root());
    typed::known_keys(
        "the runner's section",
        typed::map("the runner's section", spot.node())?,
        &KEYS,
    )?;
    let mut section = Section { resolver, spot };
    section.check_kind()?;
    Ok(Runner {
        image: section.image(file).into(),
        claims: section.claims()?,
        workspace: section.workspace()?,
        namespace: section.namespace()?,
        stage_image: section.with("stageImage", pod::image)?,
        image_pull_policy: section.pull_policy()?,
        image_pull_secrets: section.pull_secrets()?,
        service_account: section.service_account()?,
        backoff_limit: section.number("backoffLimit", 0)?.unwrap_or(BACKOFF_LIMIT),
        ttl_seconds_after_finished: section.number("ttlSecondsAfterFinished", 0)?,
        active_deadline_seconds: section.number("activeDeadlineSeconds", 1)?,
        resources: section.with("resources", pod::resources)?,
        env: section.with("env", env::variables)?.unwrap_or_default(),
        node_selector: section.with("nodeSelector", pod::node_selector)?.unwrap_or_default(),
        tolerations: section.with("tolerations", pod::tolerations)?.unwrap_or_default(),
        gpu_resource: section.gpu_resource()?,
        shared_memory: section.with("shmSize", pod::quantity)?,
        run_as_user: section.number("runAsUser", 0)?,
        run_as_group: section.number("runAsGroup", 0)?,
        fs_group: section.number("fsGroup", 0)?,
        warnings: section.amounts()?,
    })
}

impl Section<'_, '_> {
    fn check_kind(&mut self) -> Result<(), ConfigError> {
        let Some((name, node)) = self.text("runner")? else { return Ok(()) };
        if RUNNERS.contains(&name.as_str()) {
            return Ok(());
        }
        let message = format!("this platform is run by `{}`, not by `k8s`", quote(&name));
        let error = ConfigError::new(Fault::Schema, message).at(&node.at);
        Err(error.with_hint("choose a platform with `runner: k8s`"))
    }

    fn image(&mut self, file: &Position) -> Result<String, ConfigError> {
        let missing = || {
            let message = "no image: neither `docker.image` nor `k8s.image` is set";
            let error = ConfigError::new(Fault::Schema, message).at(file);
            error.with_hint("add `docker: {image: …}` to the file, or give `-P docker.image=…`")
        };
        let child = self.spot.child("image").ok_or_else(missing)?;
        // By default the image is the docker runner's; then that is where a fault is.
        let keys = ["docker", "image"].map(|key| Key::Name(key.to_owned()));
        let (what, spot) = match child.node().at.source() {
            DEFAULTS => match self.resolver.walk(0, &keys, file, &[])? {
                Walk::Found(spot) => ("`docker.image`".to_owned(), spot),
                Walk::Nowhere(..) => return Err(missing()),
            },
            _ => (label("image"), child),
        };
        let node = self.resolver.resolve(spot)?;
        if node.is_null() {
            return Err(missing());
        }
        let image = typed::text(&what, &node)?;
        k8s::image(image).map_err(|why| typed::invalid(&what, &node, why))?;
        Ok(image.to_owned())
    }

    fn workspace(&mut self) -> Result<RelativePath, ConfigError> {
        let read = self.with("workspace", |label, node| {
            let refuse = |rule: PathRule| {
                let message = format!(
                    "{label}: `{}` {}",
                    quote(node.as_text().unwrap_or_default()),
                    rule.why
                );
                let error = ConfigError::new(Fault::Value, message).at(&node.at);
                error.with_hint("give the folder inside the claim, such as `workspace`")
            };
            RelativePath::parse(typed::text(label, node)?).map_err(refuse)
        });
        Ok(read?.unwrap_or_else(RelativePath::here))
    }

    fn namespace(&mut self) -> Result<Option<Namespace>, ConfigError> {
        self.with("namespace", |label, node| {
            typed::text(label, node)?.parse().map_err(|why| typed::invalid(label, node, why))
        })
    }

    fn pull_policy(&mut self) -> Result<Option<PullPolicy>, ConfigError> {
        let known = [PullPolicy::Always, PullPolicy::IfNotPresent, PullPolicy::Never];
        let words = known.map(PullPolicy::word);
        let word =
            self.with("imagePullPolicy", |label, node| typed::one_of(label, node, &words))?;
        Ok(known.into_iter().find(|policy| Some(policy.word()) == word))
    }

    fn pull_secrets(&mut self) -> Result<Vec<String>, ConfigError> {
        let secrets = self.with("imagePullSecrets", |label, node| {
            typed::list(label, node)?.iter().map(|item| secret(label, item)).collect()
        })?;
        Ok(secrets.unwrap_or_default())
    }

    fn service_account(&mut self) -> Result<Option<String>, ConfigError> {
        let long = self.with("serviceAccountName", object_name)?;
        let short = self.with("serviceAccount", object_name)?;
        Ok(long.or(short))
    }

    /// Warnings about amounts that are hardly meant.
    fn amounts(&mut self) -> Result<Vec<String>, ConfigError> {
        let mut warnings = Vec::new();
        if let Some(node) = self.value("resources")? {
            let groups = ["limits", "requests"].into_iter().filter_map(|key| {
                Some((
                    format!("{}: `{key}`", label("resources")),
                    node.as_map()?.value(key)?.as_map()?,
                ))
            });
            for (label, entries) in groups {
                for entry in entries.iter() {
                    warnings.extend(amounts::warning(&label, &entry.key, &entry.value));
                }
            }
        }
        if let Some(node) = self.value("shmSize")? {
            warnings.extend(amounts::warning("runner setting", "shmSize", &node));
        }
        Ok(warnings)
    }

    fn gpu_resource(&mut self) -> Result<String, ConfigError> {
        let Some((key, node)) = self.text("gpuResource")? else {
            return Ok(GPU_RESOURCE.to_owned());
        };
        if key.contains('/') && k8s::resource_name(&key).is_ok() {
            return Ok(key);
        }
        let error = typed::wrong(&label("gpuResource"), &node, "the name of an extended resource");
        Err(error.with_hint(
            "write it as the node reports it, such as `nvidia.com/gpu` or `amd.com/gpu`",
        ))
    }
}

/// A secret's name, alone or as `{name: …}`, the form that Kubernetes writes.
fn secret(label: &str, node: &Node) -> Result<String, ConfigError> {
    let Some(map) = node.as_map() else { return object_name(label, node) };
    typed::known_keys(label, map, &["name"])?;
    match map.value("name") {
        Some(name) => object_name(label, name),
        None => Err(typed::missing(label, node, "name")),
    }
}
