//! The merged section `runner`, read into the runner's settings.
//!
//! Invariant: a key that is not known is an error, so a misspelt setting never goes unnoticed.

use super::config::{DEFAULTS, RUNNERS};
use super::path::{PathRule, RelativePath};
use super::runner::{Claims, PullPolicy, Runner};
use super::{env, pod};
use crate::k8s::{self, ClaimName, InvalidName, Namespace};
use crate::omegaconf::{Key, Resolver, Spot, Walk};
use crate::yaml::{ConfigError, Fault, Node, Position, quote, typed};

/// Kubernetes' own number is 6; the documentation of this runner has always said 4.
const BACKOFF_LIMIT: u32 = 4;

/// The resource of NVIDIA's device plugin.
const GPU_RESOURCE: &str = "nvidia.com/gpu";

/// The largest number that Kubernetes takes for a 32-bit field.
const MOST: u32 = i32::MAX as u32;

const KEYS: [&str; 17] = [
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
];

/// Reads the merged section `runner`; `file` is the cube's, for what is missing from it.
pub(crate) fn read<'t>(resolver: &mut Resolver<'t>, file: &Position) -> Result<Runner, ConfigError> {
    let section = resolver.root().child("runner").unwrap_or_else(|| resolver.root());
    typed::known_keys("the runner's section", typed::map("the runner's section", section.node())?, &KEYS)?;
    let mut fields = Fields { resolver, section };
    fields.check_kind()?;
    Ok(Runner {
        image: fields.image(file).into(),
        claims: fields.claims(),
        workspace: fields.workspace()?,
        namespace: fields.namespace()?,
        image_pull_policy: fields.pull_policy()?,
        image_pull_secrets: fields.pull_secrets()?,
        service_account: fields.service_account()?,
        backoff_limit: fields.number("backoffLimit", 0)?.unwrap_or(BACKOFF_LIMIT),
        ttl_seconds_after_finished: fields.number("ttlSecondsAfterFinished", 0)?,
        active_deadline_seconds: fields.number("activeDeadlineSeconds", 1)?,
        resources: fields.with("resources", pod::resources)?,
        env: fields.with("env", env::variables)?.unwrap_or_default(),
        node_selector: fields.with("nodeSelector", pod::node_selector)?.unwrap_or_default(),
        tolerations: fields.with("tolerations", pod::tolerations)?.unwrap_or_default(),
        gpu_resource: fields.gpu_resource()?,
    })
}

struct Fields<'r, 't> {
    resolver: &'r mut Resolver<'t>,
    section: Spot<'t>,
}

impl<'t> Fields<'_, 't> {
    /// The resolved value of a key; nothing when it is absent or null.
    fn value(&mut self, key: &str) -> Result<Option<Node>, ConfigError> {
        let Some(child) = self.section.child(key) else { return Ok(None) };
        let node = self.resolver.resolve(child)?;
        Ok(if node.is_null() { None } else { Some(node) })
    }

    fn with<T>(
        &mut self,
        key: &str,
        read: impl FnOnce(&str, &Node) -> Result<T, ConfigError>,
    ) -> Result<Option<T>, ConfigError> {
        self.value(key)?.map(|node| read(&label(key), &node)).transpose()
    }

    fn text(&mut self, key: &str) -> Result<Option<(String, Node)>, ConfigError> {
        self.with(key, |label, node| Ok((typed::text(label, node)?.to_owned(), node.clone())))
    }

    fn number(&mut self, key: &str, least: u32) -> Result<Option<u32>, ConfigError> {
        self.with(key, |label, node| typed::number(label, node, least, MOST))
    }

    fn namespace(&mut self) -> Result<Option<Namespace>, ConfigError> {
        self.with("namespace", |label, node| {
            typed::text(label, node)?.parse().map_err(|why| typed::invalid(label, node, why))
        })
    }

    fn check_kind(&mut self) -> Result<(), ConfigError> {
        let Some((name, node)) = self.text("runner")? else { return Ok(()) };
        if RUNNERS.contains(&name.as_str()) {
            return Ok(());
        }
        let message = format!("this platform is run by `{}`, not by `k8s`", quote(&name));
        Err(ConfigError::new(Fault::Schema, message).at(&node.at).with_hint("choose a platform with `runner: k8s`"))
    }

    fn image(&mut self, file: &Position) -> Result<String, ConfigError> {
        let missing = || {
            let error =
                ConfigError::new(Fault::Schema, "no image: neither `docker.image` nor `k8s.image` is set").at(file);
            error.with_hint("add `docker: {image: …}` to the file, or give `-P docker.image=…`")
        };
        let child = self.section.child("image").ok_or_else(missing)?;
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

    fn claims(&mut self) -> Claims {
        let both = |claim: Result<ClaimName, ConfigError>| Claims { input: claim.clone().into(), output: claim.into() };
        let Some(pvc) = self.section.child("pvc") else {
            return both(Err(no_claim("no claim", &self.section.node().at)));
        };
        let at = pvc.node().at.clone();
        match self.resolver.follow(pvc) {
            Err(fault) => both(Err(fault)),
            Ok(spot) if spot.node().is_null() => both(Err(no_claim("no claim: `pvc` is empty", &at))),
            Ok(spot) if spot.node().as_map().is_some() => {
                Claims { input: self.one_claim(&spot, "input").into(), output: self.one_claim(&spot, "output").into() }
            }
            // What was followed lies where it was written; the setting is where it is used.
            Ok(spot) => {
                both(claim_name(&label("pvc"), &Node::new(spot.node().data.clone(), &at), &self.name_position()))
            }
        }
    }

    /// Where the cube's name is written, which the claim is called after by default.
    fn name_position(&self) -> Position {
        let name = self.resolver.root().child("name");
        name.map_or_else(|| Position::whole(DEFAULTS), |name| name.node().at.clone())
    }

    fn one_claim(&mut self, pvc: &Spot<'t>, key: &str) -> Result<ClaimName, ConfigError> {
        typed::known_keys(&label("pvc"), typed::map(&label("pvc"), pvc.node())?, &["input", "output"])?;
        let node = pvc.child(key).map(|child| self.resolver.resolve(child)).transpose()?;
        match node.filter(|node| !node.is_null()) {
            Some(node) => claim_name(&label(&format!("pvc.{key}")), &node, &node.at),
            None => Err(no_claim(&format!("runner setting `pvc` names no `{key}` claim"), &pvc.node().at)),
        }
    }

    fn workspace(&mut self) -> Result<RelativePath, ConfigError> {
        let read = self.with("workspace", |label, node| {
            let refuse = |rule: PathRule| {
                let message = format!("{label}: `{}` {}", quote(node.as_text().unwrap_or_default()), rule.why);
                let error = ConfigError::new(Fault::Value, message).at(&node.at);
                error.with_hint("give the folder inside the claim, such as `workspace`")
            };
            RelativePath::parse(typed::text(label, node)?).map_err(refuse)
        });
        Ok(read?.unwrap_or_else(RelativePath::here))
    }

    fn pull_policy(&mut self) -> Result<Option<PullPolicy>, ConfigError> {
        let known = [PullPolicy::Always, PullPolicy::IfNotPresent, PullPolicy::Never];
        let word =
            self.with("imagePullPolicy", |label, node| typed::one_of(label, node, &known.map(PullPolicy::word)))?;
        Ok(known.into_iter().find(|policy| Some(policy.word()) == word))
    }

    fn pull_secrets(&mut self) -> Result<Vec<String>, ConfigError> {
        let read =
            |label: &str, node: &Node| typed::list(label, node)?.iter().map(|item| secret(label, item)).collect();
        Ok(self.with("imagePullSecrets", read)?.unwrap_or_default())
    }

    fn service_account(&mut self) -> Result<Option<String>, ConfigError> {
        let long = self.with("serviceAccountName", object_name)?;
        let short = self.with("serviceAccount", object_name)?;
        Ok(long.or(short))
    }

    fn gpu_resource(&mut self) -> Result<String, ConfigError> {
        let Some((key, node)) = self.text("gpuResource")? else {
            return Ok(GPU_RESOURCE.to_owned());
        };
        if key.contains('/') && k8s::resource_name(&key).is_ok() {
            return Ok(key);
        }
        let error = typed::wrong(&label("gpuResource"), &node, "the name of a resource is needed");
        Err(error.with_hint("write it as the node reports it, such as `nvidia.com/gpu` or `amd.com/gpu`"))
    }
}

fn label(key: &str) -> String {
    format!("runner setting `{key}`")
}

fn no_claim(message: &str, at: &Position) -> ConfigError {
    ConfigError::new(Fault::Schema, message)
        .at(at)
        .with_hint("set `pvc: name`, or `pvc: {input: …, output: …}`, in the section `k8s`")
}

fn claim_name(label: &str, node: &Node, name: &Position) -> Result<ClaimName, ConfigError> {
    typed::text(label, node)?.parse().map_err(|why: InvalidName| {
        let from_name = node.at.source() == DEFAULTS;
        let origin = if from_name { ", by default the cube's `name`" } else { "" };
        let error = ConfigError::new(Fault::Value, format!("{label}{origin}: {why}"));
        let error = error.at(if from_name { name } else { &node.at });
        error.with_hint("set `pvc:` in the section `k8s`, or give `-P k8s.pvc=…`, with the name of an existing claim")
    })
}

/// A secret's name, alone or as `{name: …}`, the form that Kubernetes writes.
fn secret(label: &str, node: &Node) -> Result<String, ConfigError> {
    let Some(map) = node.as_map() else { return object_name(label, node) };
    typed::known_keys(label, map, &["name"])?;
    map.value("name")
        .map_or_else(|| Err(typed::wrong(label, node, "a `name` is needed")), |name| object_name(label, name))
}

/// The name of an object in the cluster.
pub(crate) fn object_name(label: &str, node: &Node) -> Result<String, ConfigError> {
    let name = typed::text(label, node)?;
    k8s::dns_subdomain(name).map_err(|why| typed::invalid(label, node, why))?;
    Ok(name.to_owned())
}
