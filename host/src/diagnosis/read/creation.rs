//! Why the Pods of a Job are not created: the message of the Job's event `FailedCreate`.

use super::{Finding, quota};
use crate::diagnosis::words::{between, quoted, word_after};
use crate::diagnosis::{Cause, Wants};
use crate::text::sentence;

/// The longest part of a foreign sentence in one of ours, in bytes.
const WORDS: usize = 300;

/// The words behind `kubectl` that show the webhooks.
const WEBHOOKS: &str = "get validatingwebhookconfigurations,mutatingwebhookconfigurations";

/// The Job's controller could not create a Pod.
pub fn failed(message: &str, wants: &Wants) -> Finding {
    quota::refused(message)
        .or_else(|| limit_range(message))
        .or_else(|| pod_security(message, wants))
        .or_else(|| missing(message))
        .or_else(|| unreachable(message))
        .or_else(|| denied(message, "the Pod"))
        .or_else(|| terminating(message))
        .or_else(|| forbidden(message, wants))
        .unwrap_or_else(|| {
            let why = message.strip_prefix("Error creating: ").unwrap_or(message);
            Finding::new(
                Cause::PodRefused,
                format!("the Pod cannot be created: {}", sentence(why, WORDS)),
                "change the Job or the cluster as it says; Kubernetes tries again",
            )
            .with(describe(wants))
        })
}

/// The Job is for another controller, which has done nothing.
pub fn managed(controller: &str, wants: &Wants) -> Finding {
    Finding::new(
        Cause::ManagedElsewhere,
        format!(
            "the Job is for the controller {}, which has not taken it up; Kubernetes' own leaves it alone",
            quoted(controller)
        ),
        "see whether that controller runs, or leave out `spec.managedBy`",
    )
    .with(format!("get job {} --output yaml", wants.job))
}

/// The command that shows all about the Job.
pub fn describe(wants: &Wants) -> String {
    format!("describe job {}", wants.job)
}

/// `maximum cpu usage per Container is 1, but limit is 2` and its like.
pub fn limit_range(message: &str) -> Option<Finding> {
    let is_one = [" usage per ", " limit to request ratio per "]
        .iter()
        .any(|words| message.contains(words) && message.contains(", but "));
    let rule = message.split_once("is forbidden: ").map_or(message, |(_, rule)| rule);
    is_one.then(|| {
        Finding::new(
            Cause::LimitRange,
            format!(
                "a LimitRange of the namespace forbids it: {}",
                sentence(rule.trim_matches(['[', ']']), WORDS)
            ),
            "change `k8s.resources` to what the range allows",
        )
        .with("describe limitrange")
    })
}

/// `violates PodSecurity "restricted:latest": privileged (container "main" must not set …)`.
fn pod_security(message: &str, wants: &Wants) -> Option<Finding> {
    let level = between(message, "violates PodSecurity \"", "\"")?;
    let rules = message.split_once("violates PodSecurity \"")?.1.split_once("\": ")?.1;
    Some(
        Finding::new(
            Cause::PodSecurity,
            format!(
                "Pod Security {} of the namespace forbids the Pod: {}",
                quoted(level),
                sentence(rules, WORDS)
            ),
            "set what it asks for by a policy or in the section `k8s`, or run in a namespace with \
             another level",
        )
        .with(format!("get namespace {} --show-labels", wants.namespace)),
    )
}

/// Objects that a Pod refers to and that do not exist.
fn missing(message: &str) -> Option<Finding> {
    if let Some(name) = between(message, "serviceaccount \"", "\" not found") {
        return Some(
            Finding::new(
                Cause::ServiceAccountMissing,
                format!("service account {} does not exist", quoted(name)),
                "create it, or set `k8s.serviceAccountName` to one that exists",
            )
            .with(format!("create serviceaccount {name}")),
        );
    }
    if let Some(name) = between(message, "no PriorityClass with name ", " was found") {
        return Some(
            Finding::new(
                Cause::PriorityClassMissing,
                format!("priority class {} does not exist", quoted(name)),
                "choose one that exists, or have it created",
            )
            .with("get priorityclasses"),
        );
    }
    let name = between(message, "RuntimeClass \"", "\" not found")?;
    Some(
        Finding::new(
            Cause::RuntimeClassMissing,
            format!("runtime class {} does not exist", quoted(name)),
            "choose one that exists, or have it created",
        )
        .with("get runtimeclasses"),
    )
}

fn unreachable(message: &str) -> Option<Finding> {
    let webhook = between(message, "failed calling webhook \"", "\"")?;
    Some(
        Finding::new(
            Cause::WebhookUnreachable,
            format!(
                "admission webhook {} does not answer, and no Pod is created without it",
                quoted(webhook)
            ),
            "tell who runs the webhook; Kubernetes tries again",
        )
        .with(WEBHOOKS),
    )
}

/// A webhook or a policy of the cluster that denies what is created.
pub fn denied(message: &str, what: &str) -> Option<Finding> {
    let finding = |rule: &str, name: &str, why: &str| {
        let why = sentence(why.trim_start_matches([':', ' ']), WORDS);
        let why = if why.is_empty() { String::new() } else { format!(": {why}") };
        Finding::new(
            Cause::AdmissionDenied,
            format!("{rule} {} denies {what}{why}", quoted(name)),
            "change the cube, or add a policy that makes the Job fit; the rule itself is the \
             administrator's",
        )
    };
    if let Some(webhook) = between(message, "admission webhook \"", "\" denied the request") {
        let why = message.split_once("denied the request").map_or("", |(_, why)| why);
        return Some(finding("admission webhook", webhook, why).with(WEBHOOKS));
    }
    let policy = between(message, "ValidatingAdmissionPolicy '", "'")?;
    let why = message.split_once("denied request").map_or("", |(_, why)| why);
    let command = format!("get validatingadmissionpolicies {policy} --output yaml");
    Some(finding("admission policy", policy, why).with(command))
}

/// A namespace that is being deleted.
pub fn terminating(message: &str) -> Option<Finding> {
    if !message.contains("because it is being terminated") {
        return None;
    }
    let namespace = between(message, "in namespace ", " because")?;
    Some(
        Finding::new(
            Cause::NamespaceTerminating,
            format!("namespace {} is being deleted", quoted(namespace)),
            "choose another with `--namespace`",
        )
        .with(format!("get namespace {namespace}")),
    )
}

fn forbidden(message: &str, wants: &Wants) -> Option<Finding> {
    if let Some(scopes) = between(message, "insufficient quota to match these scopes: ", "}]") {
        let class = word_after(scopes, "PriorityClass In [").unwrap_or(scopes);
        return Some(
            Finding::new(
                Cause::QuotaTooSmall,
                format!("no quota of the namespace allows Pods of {}", quoted(class)),
                "choose another priority class, or have a quota made for it",
            )
            .with("describe resourcequota"),
        );
    }
    let why = message.split_once("\" is invalid: ")?.1;
    Some(
        Finding::new(
            Cause::PodInvalid,
            format!("the Pod is invalid: {}", sentence(why, WORDS)),
            "change what it names, in the cube or in the policy that wrote it",
        )
        .with(describe(wants)),
    )
}
