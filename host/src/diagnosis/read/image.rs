//! Why an image is not there: the messages of the kubelet and of the container runtimes.

use super::Finding;
use super::run::Place;
use crate::diagnosis::words::{between, has_any, quoted};
use crate::diagnosis::{Cause, Wants};

/// Words of runtimes and registries, each with the cause that they tell; the first that is found
/// counts.
const WORDS: &[(&[&str], Cause)] = &[
    (&["toomanyrequests", "too many requests", "rate limit"], Cause::RegistryLimit),
    (
        &["no match for platform", "no matching manifest", "does not match the specified platform"],
        Cause::ImagePlatform,
    ),
    (&["no space left on device"], Cause::ImageDiskFull),
    (
        &[
            "connection refused",
            "no such host",
            "i/o timeout",
            "tls handshake",
            "x509:",
            "server gave http response to https client",
            "network is unreachable",
            "no route to host",
            "connection reset",
            "registry is unavailable",
            "registryunavailable",
            "server misbehaving",
            "context deadline exceeded",
            "503 service unavailable",
            "502 bad gateway",
        ],
        Cause::RegistryUnreachable,
    ),
    (
        &[
            "unauthorized",
            "authentication required",
            "authorization failed",
            "access denied",
            "access to the resource is denied",
            "no basic auth credentials",
            "403 forbidden",
            "insufficient_scope",
            "denied:",
        ],
        Cause::ImageUnauthorized,
    ),
    (
        &["not found", "manifest unknown", "name unknown", "does not exist", "no such image"],
        Cause::ImageMissing,
    ),
];

/// A container waits because of its image, if the reason is one of these.
pub fn waiting(place: &Place, reason: &str, message: &str, wants: &Wants) -> Option<Finding> {
    let named = ["Failed to apply default image tag \"", "image \"", "Container image \""];
    let image = wants
        .image(place.container)
        .or_else(|| named.iter().find_map(|start| between(message, start, "\"")))
        .unwrap_or_default();
    let of = format!("image {} of container {}", quoted(image), quoted(place.container));
    match reason {
        "InvalidImageName" => {
            let why = message.rsplit_once("invalid reference format: ").map(|(_, why)| why);
            let why = why.map(|why| format!(": {}", why.trim())).unwrap_or_default();
            Some(Finding::new(
                Cause::ImageNameInvalid,
                format!("{of} has an invalid name{why}"),
                "correct it in `docker.image`: lower case, `name:tag` or `name@sha256:…`",
            ))
        }
        "ErrImageNeverPull" => Some(Finding::new(
            Cause::ImageNeverPulled,
            format!("{of} is not on the node, and may not be pulled: its pull policy is `Never`"),
            "set `k8s.imagePullPolicy` to `IfNotPresent`, or load the image onto the node",
        )),
        "ErrImagePull"
        | "ImagePullBackOff"
        | "RegistryUnavailable"
        | "ImageInspectError"
        | "SignatureValidationFailed" => {
            Some(pull(&of, image, &format!("{reason}: {message}"), place))
        }
        _ => None,
    }
}

fn pull(of: &str, image: &str, message: &str, place: &Place) -> Finding {
    let cause = WORDS.iter().find(|(words, _)| has_any(message, words));
    let cause = cause.map_or(Cause::ImagePull, |(_, cause)| *cause);
    let registry = image.split_once('/').map_or("", |(first, _)| first);
    let has_registry = registry.contains(['.', ':']) || registry == "localhost";
    let registry =
        if has_registry { format!("registry {}", quoted(registry)) } else { "the registry".into() };
    let describe = super::describe(place.pod);
    match cause {
        Cause::RegistryLimit => Finding::new(
            cause,
            format!("{of} is not given out: {registry} has had too many requests"),
            "wait, or pull with credentials of your own: `k8s.imagePullSecrets`",
        )
        .with(describe),
        Cause::ImagePlatform => Finding::new(
            cause,
            format!("{of} is not made for the platform of the node"),
            "build it for that platform, or select other nodes: `k8s.nodeSelector`",
        )
        .with("get nodes --label-columns kubernetes.io/arch,kubernetes.io/os"),
        Cause::ImageDiskFull => Finding::new(
            cause,
            format!("{of} has no room on the node"),
            "have room made on the node, or run on another one",
        )
        .with("describe nodes"),
        Cause::RegistryUnreachable => Finding::new(
            cause,
            format!("{of} cannot be pulled: {registry} cannot be reached from the node"),
            "check its name and port in `docker.image`, and whether the nodes may reach it; it is \
             tried again",
        )
        .with(describe),
        Cause::ImageUnauthorized => Finding::new(
            cause,
            format!("{of} is not given out: {registry} does not accept the credentials, or there are none"),
            "create a Secret for it and name it in `k8s.imagePullSecrets`",
        )
        .with("create secret docker-registry NAME --docker-server=SERVER --docker-username=USER --docker-password=PASSWORD"),
        Cause::ImageMissing => Finding::new(
            cause,
            format!("{of} does not exist: {registry} does not have it"),
            "check name and tag in `docker.image`, or push it; it is tried again",
        )
        .with(describe),
        _ => Finding::new(
            cause,
            format!("{of} cannot be pulled"),
            "it is tried again; the events of the Pod say more",
        )
        .with(describe),
    }
}
