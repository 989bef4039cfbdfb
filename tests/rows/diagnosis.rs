//! Facts of clusters and the diagnoses that follow: those that came from a cluster for the cases of
//! `tests/cases/diagnosis/`, and those of `tests/cases/facts.yaml`.

use std::collections::BTreeSet;
use std::fs;

use libtest_mimic::Trial;
use mlcube_k8s::diagnosis::{Cause, Diagnostics, Exit, Fact, Node, Source, Subject, Wants};
use mlcube_k8s::job::Job;
use mlcube_k8s::outcome::Part;
use serde::Deserialize;
use serde_json::json;

use crate::support::diagnosis::{Case, Names, Recorded, all as cases, facts_of};
use crate::support::read;
use crate::{trial, trials};

pub fn all() -> Vec<Trial> {
    let recorded = cases().into_iter().filter(|case| facts_of(case).exists());
    let mut all = trials("diagnosis/recorded", recorded.collect::<Vec<_>>(), String::clone, replay);
    all.extend(trials("diagnosis/told", rows(), |row| row.name.clone(), check));
    all.push(trial("diagnosis/every-cause-has-a-row", every_cause_has_a_row));
    all.push(trial("diagnosis/each-once", each_once));
    all.push(trial("diagnosis/nodes-say-more", nodes_say_more));
    all
}

fn names() -> Names {
    Names { namespace: "team".into(), name: "thing".into(), image: "image:1".into() }
}

/// The facts that a cluster told give the same diagnosis without it.
fn replay(case: String) {
    let names = names();
    let text = fs::read_to_string(facts_of(&case)).expect("facts");
    let recorded: Recorded =
        serde_json::from_str(&names.put_into(&text)).expect("facts of this form");
    let read = Case::read(&case, &names);
    let mut diagnostics = Diagnostics::default();
    diagnostics.set_wants(Wants::new(&read.to_job(&names, &case)));
    diagnostics.set_nodes(recorded.nodes);
    let told: Vec<_> = recorded.facts.iter().filter_map(|fact| diagnostics.observe(fact)).collect();
    assert!(read.expected.cause.is_some() && !recorded.facts.is_empty());
    assert_eq!(read.expected.differs(&told), None);
}

/// A fact, the cause that follows, and words that must be told.
#[derive(Clone, Deserialize)]
struct Row {
    name: String,
    fact: Fact,
    /// The claims that the Job names.
    #[serde(default)]
    claims: Vec<String>,
    #[serde(default)]
    cause: Option<String>,
    #[serde(default)]
    words: String,
}

fn rows() -> Vec<Row> {
    read("facts.yaml")
}

fn check(row: Row) {
    let (mut diagnostics, mut wants) = (Diagnostics::default(), Wants::default());
    wants.claims = row.claims;
    diagnostics.set_wants(wants);
    let told = diagnostics.observe(&row.fact);
    let Some(expected) = row.cause else { return assert_eq!(told, None) };
    let told = told.expect("a diagnosis");
    assert_eq!(told.cause.as_str(), expected, "{told:#?}");
    let command = told.command.clone().unwrap_or_default();
    let all = format!("{} {} {command}", told.summary, told.remedy);
    assert!(all.contains(&row.words), "`{}` is not in `{all}`", row.words);
    let is_silent = row.fact.source == Source::Silence;
    assert!(!told.remedy.is_empty() && told.evidence().is_empty() == is_silent);
}

fn fact(about: Subject, source: Source, reason: &str, message: &str) -> Fact {
    Fact { about, source, reason: reason.into(), message: message.into() }
}

fn pod() -> Subject {
    Subject::Pod("pod".into())
}

fn refused(message: &str) -> Fact {
    let message = format!("Error creating: pods \"job-x\" is forbidden: {message}");
    fact(Subject::Job, Source::Event, "FailedCreate", &message)
}

fn unscheduled(message: &str) -> Fact {
    fact(pod(), Source::Scheduling, "Unschedulable", &format!("0/3 nodes are available: {message}"))
}

fn waits(reason: &str, message: &str) -> Fact {
    let source = Source::Waiting { container: "main".into(), part: Part::Main, last: None };
    fact(pod(), source, reason, message)
}

fn every_cause_has_a_row() {
    let mut missing: BTreeSet<_> = Cause::ALL.iter().map(|cause| cause.as_str()).collect();
    let names = missing.clone();
    assert_eq!(names.len(), Cause::ALL.len(), "names are their own");
    for case in cases() {
        let expected = Case::read(&case, &self::names()).expected.cause;
        expected.iter().for_each(|cause| {
            missing.remove(cause.as_str());
        });
    }
    rows().iter().filter_map(|row| row.cause.as_ref()).for_each(|cause| {
        assert!(names.contains(cause.as_str()), "`{cause}` is a cause");
        missing.remove(cause.as_str());
    });
    assert!(missing.is_empty(), "no row for {missing:?}");
}

/// A cause is told once, however often it is said, and by whichever Pod; a pause says less than the
/// failure before it; and two causes do not take turns.
fn each_once() {
    let mut diagnostics = Diagnostics::default();
    let mut count = |fact: &Fact| usize::from(diagnostics.observe(fact).is_some());
    let failed = waits("ErrImagePull", "failed to pull image \"image:1\": manifest unknown");
    let pause = waits("ImagePullBackOff", "Back-off pulling image \"image:1\"");
    let other = Fact { about: Subject::Pod("other".into()), ..failed.clone() };
    let quota = refused("exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1");
    let sequence = [&failed, &pause, &failed, &other, &quota, &failed, &pause, &quota];
    assert_eq!(sequence.map(&mut count), [1, 0, 0, 0, 1, 0, 0, 0]);
    let changed = refused("exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2");
    assert_eq!(count(&changed), 1, "a change is told");
    let last = Some(Exit { code: 3, reason: "Error".into(), message: String::new() });
    let source = Source::Waiting { container: "main".into(), part: Part::Main, last };
    let crashed =
        fact(pod(), source, "CrashLoopBackOff", "back-off 10s restarting failed container");
    assert_eq!([&crashed, &crashed].map(count), [1, 0]);
}

/// A scheduler asks for taints first, so a node with the labels falls out before its labels count.
fn nodes_say_more() {
    let job = json!({
        "apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "job"},
        "spec": {"template": {"spec": {"nodeSelector": {"pool": "a"}, "containers": []}}},
    });
    let message =
        "2 node(s) didn't match Pod's node affinity/selector, 1 node(s) had untolerated taint(s).";
    let node = |name: &str, pool: &str, taint: &str| Node {
        name: name.into(),
        labels: vec![("pool".into(), pool.into())],
        taints: vec![(taint.into(), String::new(), "NoSchedule".into())],
        resources: Vec::new(),
    };
    let rows = [
        (vec![], Cause::NodeSelector, "`pool=a`"),
        (vec![node("n", "b", "team")], Cause::NodeSelector, "`pool=a`"),
        (vec![node("n", "a", "team")], Cause::NodeTainted, "`team:NoSchedule`"),
        (vec![node("n", "a", "node.kubernetes.io/unschedulable")], Cause::NodeCordoned, "`n`"),
        (vec![node("n", "a", "node.kubernetes.io/unreachable")], Cause::NodeNotReady, "`n`"),
        (vec![node("n", "a", "node.kubernetes.io/pid-pressure")], Cause::NodePressure, "processes"),
    ];
    for (nodes, cause, words) in rows {
        let mut diagnostics = Diagnostics::default();
        diagnostics.set_wants(Wants::new(&Job::from_json(job.clone()).expect("a Job")));
        diagnostics.set_nodes(nodes);
        let told = diagnostics.observe(&unscheduled(message)).expect("a diagnosis");
        assert_eq!(told.cause, cause, "{told:#?}");
        assert!(told.summary.contains(words), "{told:#?}");
    }
}
