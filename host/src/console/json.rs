//! Events as JSON: one object with a field `event`. Fields are only ever added, and all stand in
//! `docs/events.schema.json`.

#[cfg(test)]
mod tests;

use super::{diagnosis, transfer};
use crate::error::Error;
use crate::event::{ContainerRun, Event, Gap, JobRef, LeftJob, Piece};
use crate::job::{
    Capability, Claim, Conflict, Edit, LogLine, PolicyId, Rejection, Review, Verdict,
};
use crate::policy::{Configured, PolicyError};
use crate::text;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::{Value, json};

/// What all of them look like.
pub const SCHEMA: &str = include_str!("../../../docs/events.schema.json");

/// A value on one line. Characters that act on a terminal or are not seen are escapes.
pub fn line(value: &Value) -> String {
    text::json(&value.to_string())
}

/// The objects of an event: one, but for a piece of a log, which has one for each line.
pub fn objects(event: &Event) -> Vec<Value> {
    match event {
        Event::Log { run, piece } => logs(run, piece),
        event => vec![object(event)],
    }
}

fn object(event: &Event) -> Value {
    match event {
        Event::Warning(message) => json!({"event": "warning", "message": message}),
        Event::NothingToConfigure { cube } => json!({"event": "configure", "cube": cube}),
        Event::PoliciesFrom { path, named_by } => {
            json!({"event": "policies", "path": path, "namedBy": named_by})
        }
        Event::NoPolicies => json!({"event": "policies", "path": null, "namedBy": null}),
        Event::PolicyCompiling { policy, bytes, seconds } => {
            json!({"event": "compiling", "policy": policy, "bytes": bytes, "seconds": seconds})
        }
        Event::PolicyLoaded {
            policy,
            name_and_version: (name, version),
            digest,
            capabilities,
            mode,
        } => json!({
            "event": "policy", "policy": policy, "name": name, "version": version, "digest": digest,
            "capabilities": capability_names(capabilities), "mode": mode.to_string(),
        }),
        Event::Reviewed { task, review, .. } => reviewed(task, review),
        Event::Conflicting(Conflict { pointer, first, second, is_undone }) => json!({
            "event": "conflict", "pointer": pointer.as_str(), "first": first.as_str(),
            "second": second.as_str(), "undone": is_undone,
        }),
        Event::Locked { path, count } => {
            json!({"event": "locked", "path": path, "policies": count})
        }
        Event::Precompiled { path, folder } => {
            json!({"event": "precompiled", "path": path, "folder": folder})
        }
        Event::Claim { claim: Claim { name, size, class, access_modes }, state } => json!({
            "event": "claim", "claim": name, "state": state.as_str(), "size": size,
            "storageClass": class, "accessModes": access_modes,
        }),
        Event::Submitting(job) => with("submitting", job),
        Event::Submitted(job) => with("submitted", job),
        Event::Attached(job) => with("attached", job),
        Event::Cancelling(job) => with("cancelling", job),
        Event::Cancelled(job) => with("cancelled", job),
        Event::Removed(job) => with("removed", job),
        Event::AlreadyOver { job, state } => merged(with("over", job), json!({"state": state})),
        Event::Suspended => json!({"event": "suspended"}),
        Event::Resumed => json!({"event": "resumed"}),
        Event::Diagnosed(one) => diagnosis::object(one),
        Event::PodScheduled { pod, node } => {
            json!({"event": "scheduled", "pod": pod, "node": node})
        }
        Event::ContainerStarted(run) => of_run("started", run),
        Event::ContainerEnded(end) => merged(json!({"event": "ended"}), as_json(end)),
        Event::Log { run, piece } => log(run, &piece.bytes),
        Event::LogGap { run, gap: Gap { after, before, lasting, why } } => merged(
            of_run("gap", run),
            json!({
                "after": after, "before": before, "seconds": lasting.map(|time| time.as_secs_f64()),
                "message": why,
            }),
        ),
        Event::Outage { why, gives_up_after } => json!({
            "event": "outage", "message": why, "givesUpAfterSeconds": gives_up_after.as_secs_f64(),
        }),
        Event::OutageOver { lasted } => {
            json!({"event": "restored", "afterSeconds": lasted.as_secs_f64()})
        }
        Event::Transfer(one) => transfer::object(one),
        Event::Foreseen(foreseen) => merged(json!({"event": "foreseen"}), as_json(foreseen)),
        Event::Interrupted { signal, left, not_submitted } => json!({
            "event": "interrupted", "signal": signal, "notSubmitted": not_submitted,
            "left": left.as_ref().map(|LeftJob { job, is_certain }| {
                merged(named(job), json!({"created": if *is_certain { json!(true) } else { Value::Null }}))
            }),
        }),
        Event::Finished { job, outcome, gaps, .. } => {
            merged(merged(with("finished", job), as_json(outcome)), json!({"logGaps": gaps}))
        }
    }
}

/// The names of capabilities, for programs.
pub fn capability_names(capabilities: &[Capability]) -> Vec<&'static str> {
    capabilities.iter().map(|capability| capability.as_str()).collect()
}

/// An error as one object.
pub fn error(error: &Error, by: Configured) -> Value {
    let mut object =
        json!({"event": "error", "message": error.to_string(), "hint": error.hint(by)});
    if let Error::Policy(PolicyError::Broke { policy, log, .. }) = error {
        object["policy"] = policy.as_str().into();
        object["log"] = logged(log);
    }
    object
}

/// The review of one policy.
fn reviewed(task: &str, review: &Review) -> Value {
    let (verdict, rejection) = match &review.verdict {
        Verdict::Admit => ("admit", Value::Null),
        Verdict::Warn(_) => ("warn", Value::Null),
        Verdict::Reject(Rejection { reason, remedy }) => {
            ("reject", json!({"reason": reason, "remedy": remedy}))
        }
        Verdict::Broke(why) => ("broke", json!({"reason": why})),
    };
    json!({
        "event": "review", "task": task, "policy": review.policy.as_str(), "digest": review.digest,
        "mode": review.mode.to_string(), "round": review.round,
        "after": review.after.as_ref().map(PolicyId::as_str), "verdict": verdict, "rejection": rejection,
        "warnings": review.warnings().collect::<Vec<_>>(),
        "edits": review.edits.iter().map(|one| edit(one, review)).collect::<Vec<_>>(),
        "log": logged(&review.log), "fuel": review.fuel,
    })
}

fn logged(log: &[LogLine]) -> Value {
    let line = |line: &LogLine| json!({"level": line.level.as_str(), "message": line.message});
    log.iter().map(line).collect()
}

fn edit(edit: &Edit, review: &Review) -> Value {
    let change = &edit.change;
    json!({
        "policy": edit.policy.as_str(), "digest": review.digest, "pointer": change.pointer.as_str(),
        "before": change.before, "after": change.after, "reason": edit.reason,
    })
}

/// The lines of a piece of a log.
fn logs(run: &ContainerRun, Piece { bytes, times }: &Piece) -> Vec<Value> {
    let (mut times, mut at) = (times.iter().peekable(), 0);
    let one = |line: &[u8]| {
        let mut object = log(run, line);
        if let Some((_, time)) = times.next_if(|(begin, _)| *begin == at) {
            object["time"] = format!("{time:.9}").into();
        }
        at += line.len();
        object
    };
    bytes.split_inclusive(|byte| *byte == b'\n').map(one).collect()
}

/// A line of a log, or a part of one, which is marked: what goes on with it comes next. What is not
/// UTF-8 is in Base64, and is marked too.
fn log(run: &ContainerRun, line: &[u8]) -> Value {
    let mut object = of_run("log", run);
    let text = line.strip_suffix(b"\n").unwrap_or(line);
    if text.len() == line.len() {
        object["partial"] = true.into();
    }
    object["line"] = match std::str::from_utf8(text) {
        Ok(text) => text.into(),
        Err(_) => {
            object["encoding"] = "base64".into();
            STANDARD.encode(text).into()
        }
    };
    object
}

fn of_run(event: &str, run: &ContainerRun) -> Value {
    let ContainerRun { pod, container, restart, part, .. } = run;
    json!({
        "event": event, "pod": pod, "container": container, "restart": restart, "part": part,
    })
}

fn with(event: &str, job: &JobRef) -> Value {
    merged(json!({"event": event}), named(job))
}

/// A Job by name, and the commands that lead back to it.
fn named(job: &JobRef) -> Value {
    let JobRef { namespace, name, uid, task, outputs, back } = job;
    json!({
        "namespace": namespace, "job": name, "uid": Some(uid).filter(|uid| !uid.is_empty()),
        "task": task, "outputs": outputs, "follow": back.follow, "stop": back.stop,
        "fetch": back.fetch,
    })
}

fn as_json(facts: &impl Serialize) -> Value {
    serde_json::to_value(facts).expect("facts are JSON")
}

pub fn merged(mut object: Value, more: Value) -> Value {
    merge(&mut object, more);
    object
}

/// Add the fields of an object to another.
pub fn merge(object: &mut Value, more: Value) {
    if let (Value::Object(object), Value::Object(more)) = (object, more) {
        object.extend(more);
    }
}
