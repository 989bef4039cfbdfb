//! Every event is what the published schema says of it.

use super::*;
use crate::console::phases::{PHASES, Phase, Summary};
use crate::console::summary::fields;
use crate::diagnosis::{self, Diagnosis, Fact, Source, Subject};
use crate::event::{Amount, History, Piece, Transfer, Way, WayBack};
use crate::job::{Change, ClaimState, LogLevel, LogLine, Mode, Place, Pointer};
use crate::outcome::{Cause, ContainerEnd, Outcome, Part, PodLoss, Removal, Stuck};
use std::sync::Arc;
use std::time::Duration;

/// The published schema; objects have no other fields than it knows.
fn schema() -> jsonschema::Validator {
    let mut schema: Value = serde_json::from_str(super::SCHEMA).expect("the schema is JSON");
    let events: Vec<String> = schema["oneOf"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|one| Some(one["$ref"].as_str()?.trim_start_matches("#/$defs/").to_owned()))
        .collect();
    for name in events.iter().map(String::as_str).chain(["edit", "end", "loss"]) {
        schema["$defs"][name]["unevaluatedProperties"] = false.into();
    }
    jsonschema::draft202012::new(&schema).expect("the schema is one")
}

/// The events that the schema knows.
fn known() -> Vec<String> {
    let schema: Value = serde_json::from_str(super::SCHEMA).expect("the schema is JSON");
    let defs = schema["$defs"].as_object().expect("definitions").values();
    defs.filter_map(|def| def["properties"]["event"]["const"].as_str().map(str::to_owned)).collect()
}

fn review(verdict: Verdict) -> Review {
    let policy = || PolicyId::parse("p").expect("a name");
    let change = Change {
        pointer: Pointer::parse("/spec/suspend").expect("a pointer"),
        before: None,
        after: Some(json!(true)),
        position: None,
    };
    let log = [LogLevel::Info, LogLevel::Warn].map(|level| LogLine { level, message: "m".into() });
    Review {
        policy: policy(),
        digest: "sha256:0".into(),
        mode: Mode::Audit,
        round: 2,
        after: Some(policy()),
        verdict,
        edits: vec![Edit { policy: policy(), change, reason: "r".into() }],
        log: log.into(),
        fuel: 7,
    }
}

fn end() -> ContainerEnd {
    ContainerEnd {
        pod: "j-x2kpz".into(),
        container: "main".into(),
        exit_code: 3,
        reason: "Error".into(),
        message: String::new(),
    }
}

fn diagnosis(about: Subject) -> Diagnosis {
    let (reason, message) = ("r".into(), "m".into());
    Diagnosis {
        cause: diagnosis::Cause::ImageNameInvalid,
        summary: "s".into(),
        fact: Fact { about, source: Source::Event, reason, message },
        remedy: "r".into(),
        command: Some("kubectl get pods".into()),
    }
}

fn outcomes() -> Vec<Outcome> {
    let lost = |removal| {
        let pod = Some(PodLoss { pod: "j-x2kpz".into(), removal });
        Outcome::Failed(Box::new(Cause { pod, ..Cause::default() }))
    };
    let container = Some(end());
    vec![
        Outcome::Succeeded,
        Outcome::Failed(Box::new(Cause { container, ..Cause::default() })),
        lost(Removal::Eviction("why".into())),
        lost(Removal::Preemption("why".into())),
        lost(Removal::Drain("why".into())),
        lost(Removal::NodeLoss("why".into())),
        lost(Removal::Deletion),
        Outcome::Deleted,
        Outcome::Unknown,
        Outcome::DeadlineExceeded { message: "m".into() },
        Outcome::TimedOut { after_seconds: 5 },
        Outcome::NotStarted { after_seconds: 5 },
        Outcome::Stuck(Box::new(Stuck { cause: "c".into(), summary: "s".into() })),
        Outcome::Detached,
    ]
}

fn transfers() -> Vec<Transfer> {
    let (claim, took) = (|| "data".to_owned(), Duration::from_millis(1500));
    let some = Amount { files: 2, bytes: 5 };
    let way = Way::ToClaim;
    vec![
        Transfer::Waits { claim: claim() },
        Transfer::Begun { way, claim: claim(), left: some, kept: 1 },
        Transfer::Begun { way: Way::FromClaim, claim: claim(), left: some, kept: 1 },
        Transfer::Progress { way, claim: claim(), done: Amount::default(), all: some, took },
        Transfer::Broken { claim: claim(), why: "w".into(), gives_up_after: took },
        Transfer::Resumed { claim: claim(), lasted: took },
        Transfer::Done { way, claim: claim(), done: some, kept: 1, removed: 1, took },
    ]
}

/// An event of each kind, and of each form that a kind has.
fn samples() -> Vec<Event> {
    let run = Arc::new(ContainerRun {
        pod: "j-x2kpz".into(),
        container: "main".into(),
        restart: 1,
        part: Part::Sidecar,
        attempt: 2,
        is_alone: false,
    });
    let job = JobRef {
        namespace: "n".into(),
        name: "j".into(),
        uid: "u".into(),
        task: "train".into(),
        outputs: vec![Place { parameter: "model".into(), claim: "c".into(), path: "p".into() }],
        back: WayBack::default(),
    };
    let sent = JobRef { uid: String::new(), ..job.clone() };
    let interrupted = |left| {
        let not_submitted = Some(vec!["test".into()]);
        Event::Interrupted { signal: "SIGINT", left, not_submitted }
    };
    let left = |job: &JobRef, is_certain| Some(LeftJob { job: job.clone(), is_certain });
    let piece = Piece {
        bytes: b"one\n\xff\nthree".to_vec(),
        times: vec![(0, "2026-11-26T08:59:15.5Z".parse().expect("a time"))],
    };
    let time = || Some("2026-11-26T08:59:15.5Z".to_owned());
    let whole = Gap {
        after: time(),
        before: time(),
        lasting: Some(Duration::from_millis(1500)),
        why: "w".into(),
    };
    let none = Gap { after: None, before: None, lasting: None, why: "w".into() };
    let rejection = Rejection { reason: "r".into(), remedy: None };
    let verdicts = [
        Verdict::Admit,
        Verdict::Warn(vec!["w".into()]),
        Verdict::Reject(rejection),
        Verdict::Broke("b".into()),
    ];
    let reviewed =
        |verdict| Event::Reviewed { task: "train".into(), review: review(verdict), is_news: true };
    let name = || PolicyId::parse("p").expect("a name");
    let mut samples = vec![
        Event::Warning("w".into()),
        Event::NothingToConfigure { cube: "c".into() },
        Event::PoliciesFrom { path: "p".into(), named_by: "`--policies`" },
        Event::NoPolicies,
        Event::PolicyCompiling { policy: "p".into(), bytes: 1, seconds: 2 },
        Event::PolicyLoaded {
            policy: "p".into(),
            name_and_version: ("p".into(), "1".into()),
            digest: "sha256:0".into(),
            capabilities: vec![Capability::Scheduling],
            mode: Mode::Enforce,
        },
        Event::Conflicting(Conflict {
            pointer: Pointer::parse("/spec").expect("a pointer"),
            first: name(),
            second: name(),
            is_undone: true,
        }),
        Event::Locked { path: "p".into(), count: 1 },
        Event::Precompiled { path: "p".into(), folder: "f".into() },
        Event::Claim {
            claim: Claim {
                name: "data".into(),
                size: Some("20Gi".into()),
                class: Some("standard".into()),
                access_modes: vec!["ReadWriteOnce".into()],
            },
            state: ClaimState::Created,
        },
        Event::Claim {
            claim: Claim { name: "data".into(), ..Claim::default() },
            state: ClaimState::Found,
        },
        Event::Claim { claim: Claim::default(), state: ClaimState::Planned },
        Event::Submitting(sent.clone()),
        interrupted(None),
        interrupted(left(&sent, false)),
        interrupted(left(&job, true)),
        Event::Interrupted { signal: "SIGINT", left: None, not_submitted: None },
        Event::Attached(job.clone()),
        Event::Cancelling(job.clone()),
        Event::Cancelled(job.clone()),
        Event::Removed(job.clone()),
        Event::AlreadyOver { job: job.clone(), state: "failed" },
        Event::Outage { why: "w".into(), gives_up_after: Duration::from_secs(300) },
        Event::OutageOver { lasted: Duration::from_secs(12) },
        Event::Submitted(job.clone()),
        Event::Suspended,
        Event::Resumed,
        Event::Diagnosed(Box::new(diagnosis(Subject::Job))),
        Event::Diagnosed(Box::new(diagnosis(Subject::Pod("j-x2kpz".into())))),
        Event::PodScheduled { pod: "j-x2kpz".into(), node: "n".into() },
        Event::ContainerStarted(Arc::clone(&run)),
        Event::ContainerEnded(end()),
        Event::Log { run: Arc::clone(&run), piece },
        Event::LogGap { run: Arc::clone(&run), gap: whole },
        Event::LogGap { run, gap: none },
    ];
    samples.extend(transfers().into_iter().map(Event::Transfer));
    samples.extend(verdicts.map(reviewed));
    samples.extend(outcomes().into_iter().map(Event::Foreseen));
    samples.extend(outcomes().into_iter().map(|outcome| Event::Finished {
        job: job.clone(),
        outcome,
        gaps: 1,
        history: History::default(),
    }));
    samples
}

#[test]
fn every_event_is_in_the_schema() {
    let schema = schema();
    let mut told: Vec<Value> = samples().iter().flat_map(objects).collect();
    let phases = PHASES.map(|phase| (phase, Duration::from_millis(1500)));
    let phases = phases.into_iter().filter(|(phase, _)| *phase != Phase::Ended).collect();
    let summary = Summary { total: Duration::from_secs(6), phases, tries: 1 };
    let mut finished = told.last().cloned().expect("the last is the end");
    merge(&mut finished, fields(&summary));
    told.push(finished);
    let what = "cube `c`".to_owned();
    let early = PolicyError::Broke {
        policy: PolicyId::parse("p").expect("a name"),
        log: review(Verdict::Admit).log,
        error: Box::new(PolicyError::NameTaken { policy: PolicyId::parse("p").expect("a name") }),
    };
    for sample in [Error::Usage { what, hint: String::new() }, early.into()] {
        told.push(error(&sample, Configured::default()));
    }
    for object in &told {
        let wrong: Vec<_> = schema.iter_errors(object).map(|error| error.to_string()).collect();
        assert!(wrong.is_empty(), "{object}: {}", wrong.join("\n"));
    }
    for name in known() {
        assert!(told.iter().any(|object| object["event"] == *name), "`{name}` has no sample");
    }
    let source = include_str!("../../event.rs");
    let (_, variants) = source.split_once("pub enum Event {").expect("events");
    let (variants, _) = variants.split_once("\n}").expect("an end");
    let variants = variants.lines().filter_map(|line| {
        let name = line.strip_prefix("    ")?;
        let name = name.split(|c: char| !c.is_alphanumeric()).next()?;
        name.starts_with(|c: char| c.is_uppercase()).then_some(name)
    });
    let sampled: Vec<String> = samples().iter().map(|event| format!("{event:?}")).collect();
    for name in variants {
        let is_own = |text: &String| {
            text.strip_prefix(name).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
        };
        assert!(sampled.iter().any(is_own), "`Event::{name}` has no sample");
    }
}

#[test]
fn what_is_not_in_the_schema_is_found() {
    let schema = schema();
    let rows = [
        json!({"event": "suspended", "more": 1}),
        json!({"event": "warning"}),
        json!({"event": "unheard of"}),
        json!({"event": "finished", "namespace": "n", "job": "j", "uid": "u", "task": "t", "logGaps": 0}),
        json!({"event": "foreseen", "outcome": "succeeded", "message": "m"}),
    ];
    for object in rows {
        assert!(!schema.is_valid(&object), "{object}");
    }
}
