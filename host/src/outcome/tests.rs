//! Histories and causes, as rows.

mod causes;

use super::*;
use std::time::Duration;

fn condition(kind: &str, is_true: bool, reason: &str) -> Condition {
    Condition { kind: kind.into(), is_true, reason: reason.into(), message: String::new() }
}

fn facts(conditions: &[Condition]) -> JobFacts {
    JobFacts { conditions: conditions.to_vec(), completions: Some(1), ..JobFacts::default() }
}

fn job(conditions: &[Condition]) -> Observation {
    Observation::Job(facts(conditions))
}

fn deleting(conditions: &[Condition]) -> Observation {
    Observation::Job(JobFacts { is_deleting: true, ..facts(conditions) })
}

fn end_of(pod: &str, container: &str, exit_code: i32) -> ContainerEnd {
    let reason = if exit_code == 0 { "Completed" } else { "Error" };
    ContainerEnd {
        pod: pod.into(),
        container: container.into(),
        exit_code,
        reason: reason.into(),
        message: String::new(),
    }
}

/// A Pod that was created at 100, whose containers ended with these codes at these times.
fn pod(name: &str, ended: &[(Part, i32, i64)]) -> PodFacts {
    let ended = ended.iter().map(|&(part, code, at)| ContainerFacts {
        end: end_of(name, called(part), code),
        at,
        part,
        is_restarted: false,
    });
    PodFacts {
        name: name.into(),
        created: 100,
        is_over: true,
        ended: ended.collect(),
        ..PodFacts::default()
    }
}

fn called(part: Part) -> &'static str {
    match part {
        Part::Main => "main",
        Part::Init => "init",
        Part::Other => "other",
        Part::Sidecar => "sidecar",
    }
}

fn end(code: i32) -> Observation {
    Observation::Pod(PodFacts { has_succeeded: code == 0, ..pod("p", &[(Part::Main, code, 110)]) })
}

fn failed(reason: &str, container: Option<ContainerEnd>) -> Outcome {
    Outcome::Failed(Box::new(Cause { reason: reason.into(), container, ..Cause::default() }))
}

#[test]
fn every_history_has_one_outcome() {
    let met = condition("SuccessCriteriaMet", true, "CompletionsReached");
    let target = condition("FailureTarget", true, "BackoffLimitExceeded");
    let complete = condition("Complete", true, "CompletionsReached");
    let given_up = condition("Failed", true, "BackoffLimitExceeded");
    let suspended = condition("Suspended", true, "JobSuspended");
    let resumed = condition("Suspended", false, "JobResumed");
    let deadline = Outcome::DeadlineExceeded { message: String::new() };
    let main = |code| Some(end_of("p", "main", code));
    let running = || Observation::Pod(PodFacts { is_over: false, ..pod("p", &[]) });
    let (gone, gap) = (Observation::JobGone, Observation::Gap);
    let pod_gone = || Observation::PodGone("p".into());
    let next = Observation::Pod(PodFacts { created: 200, is_over: false, ..pod("q", &[]) });
    let two = || Observation::Job(JobFacts { completions: Some(2), ..facts(&[]) });
    let told_to_stop = Observation::Pod(PodFacts {
        has_succeeded: true,
        deletion: Some(110),
        ..pod("p", &[(Part::Main, 0, 111)])
    });
    let rows: Vec<(&str, Vec<Observation>, Option<Outcome>)> = vec![
        ("nothing yet", vec![job(&[])], None),
        (
            "success, as Kubernetes 1.31 and later tell it",
            vec![job(&[met.clone(), complete.clone()])],
            Some(Outcome::Succeeded),
        ),
        ("success is foreseen, Pods still end", vec![job(std::slice::from_ref(&met))], None),
        (
            "deleted after success was certain",
            vec![job(std::slice::from_ref(&met)), gone.clone()],
            Some(Outcome::Succeeded),
        ),
        (
            "what was foreseen is not taken back by an older status",
            vec![job(&[met]), job(&[]), gone.clone()],
            Some(Outcome::Succeeded),
        ),
        ("suspended is queued, not failed", vec![job(std::slice::from_ref(&suspended))], None),
        (
            "resumed, then complete",
            vec![job(&[suspended]), job(&[resumed, complete.clone()])],
            Some(Outcome::Succeeded),
        ),
        ("a false condition says nothing", vec![job(&[condition("Failed", false, "")])], None),
        ("failure is foreseen", vec![end(3), job(std::slice::from_ref(&target))], None),
        (
            "failed",
            vec![end(3), job(&[target.clone(), given_up.clone()])],
            Some(failed("BackoffLimitExceeded", main(3))),
        ),
        (
            "failed before any Pod was seen",
            vec![job(std::slice::from_ref(&given_up))],
            Some(failed("BackoffLimitExceeded", None)),
        ),
        (
            "deleted after failure was certain",
            vec![job(&[target]), gone.clone()],
            Some(failed("BackoffLimitExceeded", None)),
        ),
        (
            "the Job's own deadline",
            vec![job(&[condition("Failed", true, "DeadlineExceeded")])],
            Some(deadline),
        ),
        ("deleted", vec![job(&[]), gone.clone()], Some(Outcome::Deleted)),
        ("deleted after its task was done", vec![job(&[]), end(0), gone.clone()], {
            Some(Outcome::Succeeded)
        }),
        ("of two Pods one was done", vec![two(), end(0), gone.clone()], Some(Outcome::Deleted)),
        (
            "a task that is told to stop may answer with 0",
            vec![job(&[]), told_to_stop, gone.clone()],
            Some(Outcome::Deleted),
        ),
        (
            "gone while nobody looked",
            vec![job(&[]), gap.clone(), gone.clone()],
            Some(Outcome::Unknown),
        ),
        (
            "done, and gone while nobody looked",
            vec![job(&[]), end(0), gap.clone(), gone.clone()],
            Some(Outcome::Succeeded),
        ),
        (
            "failed once, and gone while nobody looked",
            vec![job(&[]), end(1), gap.clone(), gone.clone()],
            Some(Outcome::Unknown),
        ),
        (
            "seen again after a gap",
            vec![job(&[]), gap.clone(), job(&[]), gone.clone()],
            Some(Outcome::Deleted),
        ),
        (
            "deleted after a Pod whose end nobody saw",
            vec![job(&[]), running(), gap.clone(), pod_gone(), job(&[]), gone.clone()],
            Some(Outcome::Unknown),
        ),
        (
            "deleted after a Pod whose end nobody saw, and another that ran",
            vec![
                job(&[]),
                running(),
                gap.clone(),
                pod_gone(),
                next.clone(),
                job(&[]),
                gone.clone(),
            ],
            Some(Outcome::Deleted),
        ),
        (
            "being deleted before its Pod is gone",
            vec![job(&[]), running(), deleting(&[]), gap.clone(), pod_gone()],
            Some(Outcome::Deleted),
        ),
        (
            "being deleted before the gap",
            vec![job(&[]), running(), deleting(&[]), gap, gone.clone()],
            Some(Outcome::Deleted),
        ),
        ("gone before it was ever seen", vec![gone], Some(Outcome::Unknown)),
        ("being deleted, a Pod still ends", vec![job(&[]), running(), deleting(&[])], None),
        (
            "a finalizer keeps it after its Pods",
            vec![job(&[]), running(), deleting(&[]), end(143)],
            Some(Outcome::Deleted),
        ),
        (
            "complete while a finalizer keeps it",
            vec![running(), deleting(&[complete])],
            Some(Outcome::Succeeded),
        ),
        (
            "our time is over",
            vec![Observation::TimeOver(Duration::from_secs(5))],
            Some(Outcome::TimedOut { after_seconds: 5 }),
        ),
        ("interrupted", vec![Observation::Interrupted], Some(Outcome::Detached)),
    ];
    for (name, history, expected) in rows {
        let mut judge = Judge::default();
        let outcomes: Vec<_> = history.into_iter().filter_map(|fact| judge.observe(fact)).collect();
        assert_eq!(outcomes.into_iter().next(), expected, "{name}");
    }
}
