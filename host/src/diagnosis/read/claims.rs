//! Why a claim is not created, as the API server answers, or has no volume, as its events tell.

use super::{Finding, creation, quota};
use crate::diagnosis::Cause;
use crate::diagnosis::words::{between, has_any, quoted};
use crate::text::sentence;

/// The longest part of a foreign sentence in one of ours, in bytes.
const WORDS: usize = 240;
/// What provisioners say of access modes that they do not have: no two say the same.
const ACCESS_MODES: [&str; 6] = [
    "access mode",
    "accessmode",
    "readwritemany",
    "multi_node",
    "volume capabilities",
    "volume capability",
];
/// The name that stands for no provisioner at all.
const NOBODY: &str = "kubernetes.io/no-provisioner";

/// What an event of a claim says, or the answer to its creation.
pub fn read(claim: &str, reason: &str, message: &str) -> Option<Finding> {
    match reason {
        "FailedCreate" => refused(claim, message),
        "ProvisioningFailed" => Some(provisioning(claim, message)),
        "ExternalProvisioning" => Some(waiting(claim, message)),
        "VolumeMismatch" => Some(mismatch(claim, message)),
        "FailedBinding" if message.contains("no storage class") => Some(without_class(claim)),
        "FailedBinding" | "ClaimMisbound" => Some(misfit(
            format!("claim {} has no volume: {}", quoted(claim), sentence(message, WORDS)),
            claim,
        )),
        "ClaimLost" => Some(lost(&format!("claim {}", quoted(claim)), claim)),
        _ => None,
    }
}

/// A volume for a claim could not be made.
fn provisioning(claim: &str, message: &str) -> Finding {
    let claim_is = format!("claim {} has no volume", quoted(claim));
    if let Some(class) = between(message, "storageclass.storage.k8s.io \"", "\" not found") {
        return Finding::new(
            Cause::StorageClassMissing,
            format!("{claim_is}: its storage class {} does not exist", quoted(class)),
            "make the claim again with a class that exists",
        )
        .with("get storageclasses");
    }
    if message.contains(NOBODY) {
        return misfit(
            format!("{claim_is}: its storage class makes none, and no free one of it fits"),
            claim,
        );
    }
    let why = format!("{claim_is}: {}", sentence(message, WORDS));
    if has_any(message, &ACCESS_MODES) {
        return access_mode(why, claim);
    }
    Finding::new(
        Cause::ProvisioningFailed,
        why,
        "ask the administrator of the storage, or use another claim",
    )
    .with(describe(claim))
}

/// A provisioner has been asked for a volume.
fn waiting(claim: &str, message: &str) -> Finding {
    let by = between(message, "external provisioner '", "'");
    let by = by.or_else(|| between(message, "external provisioner \"", "\""));
    let by = by.map_or("its provisioner".into(), |name| format!("provisioner {}", quoted(name)));
    Finding::new(
        Cause::ProvisionerSilent,
        format!("claim {} waits for its volume, which {by} has not made yet", quoted(claim)),
        "wait; if it lasts, see whether the provisioner runs, or use a claim of another class",
    )
    .with(describe(claim))
}

/// The volume that a claim names is not one for it.
fn mismatch(claim: &str, message: &str) -> Finding {
    let volume = between(message, "requested volume \"", "\"").unwrap_or_default();
    let why = message.rsplit_once("\": ").map_or(message, |(_, why)| why);
    let what = format!("claim {} cannot have volume {}", quoted(claim), quoted(volume));
    let says = |words: &str| why.contains(words);
    let why = match () {
        () if says("accessMode") => {
            return access_mode(format!("{what}: it does not have the claim's access mode"), claim);
        }
        () if says("too small") => "it is too small".into(),
        () if says("storageClassName") => "it is of another storage class".into(),
        () if says("volumeMode") => "one is a file system, and the other a block device".into(),
        () => sentence(why, WORDS),
    };
    misfit(format!("{what}: {why}"), claim)
}

fn without_class(claim: &str) -> Finding {
    Finding::new(
        Cause::ClaimWithoutClass,
        format!(
            "claim {} has no volume: it has no storage class, and no free volume without one fits",
            quoted(claim)
        ),
        "make the claim again with a class (`--create-claims --storage-class` does), or have a \
         volume made for it",
    )
    .with("get storageclasses")
}

fn misfit(what: String, claim: &str) -> Finding {
    Finding::new(
        Cause::VolumeMisfit,
        what,
        "make a volume of the claim's class with its size and access mode, or the claim again to \
         fit one that is there",
    )
    .with(describe(claim))
}

fn access_mode(what: String, claim: &str) -> Finding {
    Finding::new(
        Cause::AccessMode,
        what,
        "make the claim again with another access mode, such as ReadWriteOnce, or of another class",
    )
    .with(describe(claim))
}

/// Claims whose volume is gone; `names` are the words for kubectl.
pub fn lost(which: &str, names: &str) -> Finding {
    Finding::new(
        Cause::ClaimLost,
        format!("the volume of {which} is gone, and so is what was on it"),
        "use another claim, or make this one again",
    )
    .with(describe(names))
}

/// The command that shows all about claims.
pub fn describe(names: &str) -> String {
    format!("describe persistentvolumeclaims {names}").trim().to_owned()
}

/// A rule of the cluster that refuses the creation of a claim; none if it is no known one.
fn refused(claim: &str, message: &str) -> Option<Finding> {
    let who = format!("claim {}", quoted(claim));
    let remedied = |finding: Finding, remedy: &str| Finding { remedy: remedy.into(), ..finding };
    let smaller = "choose a smaller `--size`, delete claims that are no longer needed, or have the \
                   quota raised";
    let other = "choose another `--size`";
    let rule = "choose another `--storage-class`, `--size` or `--access-mode` if it asks for that; \
                the rule itself is the administrator's";
    quota::exceeded(message, &who)
        .map(|finding| remedied(finding, smaller))
        .or_else(|| creation::limit_range(message).map(|finding| remedied(finding, other)))
        .or_else(|| creation::denied(message, &who).map(|finding| remedied(finding, rule)))
        .or_else(|| creation::terminating(message))
}
