//! Why volumes are not there: they cannot be attached or mounted.

use super::{Finding, describe};
use crate::diagnosis::words::{between, is_plain, quoted, word_after};
use crate::diagnosis::{Cause, Wants};
use crate::text::sentence;

/// The longest part of a foreign sentence in one of ours, in bytes.
const WORDS: usize = 240;

/// A volume could not be mounted.
pub fn mount(pod: &str, message: &str, wants: &Wants) -> Finding {
    let volume = between(message, "for volume \"", "\"").unwrap_or_default();
    object(message, wants, volume).unwrap_or_else(|| {
        if let Some(path) = between(message, "hostPath type check failed", " is not ") {
            let path = path.trim_start_matches([':', ',', ' ']);
            return Finding::new(
                Cause::HostPath,
                format!("the node has no path {} of the type that the Job asks for", quoted(path)),
                "create it on the node, or choose another path or type",
            )
            .with(describe(pod));
        }
        if let Some(driver) = driver(message) {
            return Finding::new(
                Cause::VolumeDriverMissing,
                format!("the node has no driver {} for volume {}", quoted(driver), quoted(volume)),
                "have the driver installed, or use another volume",
            )
            .with("get csinodes,csidrivers");
        }
        let why = message.split_once("\" : ").map_or(message, |(_, why)| why);
        let why = why.split_once("Output: ").map_or(why, |(_, output)| output);
        let which = if volume.is_empty() {
            "a volume".into()
        } else {
            format!("volume {}", quoted(volume))
        };
        Finding::new(
            Cause::VolumeMount,
            format!("{which} cannot be mounted: {}", sentence(why, WORDS)),
            "see whether its server or device is there and may be used",
        )
        .with(describe(pod))
    })
}

fn driver(message: &str) -> Option<&str> {
    let name = between(message, "driver name ", " not found in the list of registered CSI drivers");
    name.or_else(|| between(message, "driver ", " not found in the list of registered CSI drivers"))
}

/// A Secret or ConfigMap, or a key in it, that is not there. `volume` is empty where it is wanted
/// for something else.
pub fn object(message: &str, wants: &Wants, volume: &str) -> Option<Finding> {
    if let Some(name) = between(message, "configmap \"", "\" not found") {
        return Some(
            Finding::new(
                Cause::ConfigMapMissing,
                format!("ConfigMap {} does not exist", quoted(name)),
                "create it in the namespace of the Job, with its real content",
            )
            .with(format!("create configmap {name} --from-file=FOLDER")),
        );
    }
    if let Some(name) = between(message, "secret \"", "\" not found") {
        return Some(
            Finding::new(
                Cause::SecretMissing,
                format!("Secret {} does not exist", quoted(name)),
                "create it in the namespace of the Job, with its real content",
            )
            .with(format!("create secret generic {name} --from-file=FOLDER")),
        );
    }
    // `couldn't find key k in Secret ns/name`, and `references non-existent secret key: k`.
    let (key, kind, name) = match between(message, "couldn't find key ", " in ") {
        Some(key) => {
            let kind = if message.contains(" in Secret ") { "secret" } else { "configmap" };
            let place = message.rsplit_once(" in ")?.1;
            let name = place.rsplit_once('/').map_or(place, |(_, name)| name);
            (key, kind, name.trim())
        }
        None => {
            let key = word_after(message, "key: ").filter(|_| message.contains("non-existent"))?;
            let (kind, name) = wants.source_of(volume).unwrap_or_else(|| {
                let is_secret = message.contains("secret key");
                (if is_secret { "secret" } else { "configmap" }, "")
            });
            (key, kind, name)
        }
    };
    let written = if kind == "secret" { "Secret" } else { "ConfigMap" };
    let called =
        if name.is_empty() { written.to_owned() } else { format!("{written} {}", quoted(name)) };
    let command = format!("describe {kind} {}", if is_plain(name) { name } else { "" });
    Some(
        Finding::new(
            Cause::KeyMissing,
            format!("{called} has no key {}", quoted(key)),
            "add the key, or name one that it has",
        )
        .with(command.trim()),
    )
}

/// A volume could not be attached.
pub fn attach(pod: &str, message: &str) -> Finding {
    let volume = between(message, "volume \"", "\"").unwrap_or_default();
    // The first is what older versions say, and the second what newer ones do.
    if message.contains("Multi-Attach error") || message.contains("Waiting for detach") {
        let by = message.split_once("already used by ").map(|(_, by)| by);
        let by = by.unwrap_or("another node");
        return Finding::new(
            Cause::VolumeInUse,
            format!(
                "volume {} is used on another node: by {}",
                quoted(volume),
                sentence(by, WORDS)
            ),
            "wait until that ends, or use a claim that many nodes may have (ReadWriteMany)",
        )
        .with("get pods --output wide");
    }
    let why = message.split_once("\" : ").map_or(message, |(_, why)| why);
    Finding::new(
        Cause::VolumeAttach,
        format!(
            "volume {} cannot be attached to the node: {}",
            quoted(volume),
            sentence(why, WORDS)
        ),
        "Kubernetes tries again; ask the administrator of the storage if it lasts",
    )
    .with(describe(pod))
}
