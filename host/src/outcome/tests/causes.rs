//! Who is to blame: Pods, the message of the Job's condition, and the expected cause.

use super::*;

/// What is blamed: a container with its exit code, or the removal of a Pod.
#[derive(Debug, PartialEq)]
enum Fault {
    Nobody,
    Container(&'static str, &'static str, i32),
    Removal(&'static str, Removal),
}

#[test]
fn the_cause_is_the_one_that_decided() {
    use Fault::{Container, Nobody};
    use Part::{Init, Main, Other, Sidecar};
    let later = |pod: PodFacts| PodFacts { created: 200, ..pod };
    let removed = |removal: Removal, pod| PodFacts { removal: Some(removal), ..pod };
    let deleted = |at, pod| PodFacts { deletion: Some(at), ..pod };
    let of = |index, pod| PodFacts { index: Some(index), ..pod };
    let good = |pod| PodFacts { has_succeeded: true, ..pod };
    let restarted = |mut pod: PodFacts| {
        pod.ended.iter_mut().for_each(|container| container.is_restarted = true);
        pod
    };
    let evicted = || Removal::Eviction("The node was low on resource: memory.".into());
    let rows: Vec<(&str, Vec<PodFacts>, &str, Fault)> = vec![
        ("nobody was seen", vec![], "", Nobody),
        (
            "a sidecar that was told to stop",
            vec![pod("p", &[(Sidecar, 143, 111), (Main, 3, 110)])],
            "",
            Container("p", "main", 3),
        ),
        (
            "a sidecar never fails a Pod",
            vec![pod("p", &[(Sidecar, 143, 111), (Main, 0, 110)])],
            "",
            Nobody,
        ),
        (
            "another container beside a good task",
            vec![pod("p", &[(Other, 7, 111), (Main, 0, 110)])],
            "",
            Container("p", "other", 7),
        ),
        ("an init container", vec![pod("p", &[(Init, 2, 110)])], "", Container("p", "init", 2)),
        (
            "the last try",
            vec![pod("a", &[(Main, 1, 110)]), later(pod("b", &[(Main, 2, 210)]))],
            "",
            Container("b", "main", 2),
        ),
        (
            "the Pod that the condition names",
            vec![pod("p-1", &[(Main, 42, 110)]), pod("p-12", &[(Main, 1, 120)])],
            "Container main for pod default/p-1 failed with exit code 42 matching FailJob rule",
            Container("p-1", "main", 42),
        ),
        (
            "an eviction is not an exit code",
            vec![removed(evicted(), pod("p", &[(Main, 137, 110)]))],
            "",
            Fault::Removal("p", evicted()),
        ),
        (
            "an eviction before any container ran",
            vec![removed(evicted(), pod("p", &[]))],
            "",
            Fault::Removal("p", evicted()),
        ),
        (
            "deleted by hand",
            vec![deleted(110, pod("p", &[(Main, 143, 110)]))],
            "",
            Fault::Removal("p", Removal::Deletion),
        ),
        (
            "deleted by hand, and it answers with a code of its own",
            vec![deleted(110, pod("p", &[(Main, 1, 112)]))],
            "",
            Fault::Removal("p", Removal::Deletion),
        ),
        (
            "deleted by hand, and it answers at once",
            vec![deleted(110, pod("p", &[(Main, 3, 110)]))],
            "",
            Fault::Removal("p", Removal::Deletion),
        ),
        (
            "restarted until the Job gave up, and deleted for it",
            vec![deleted(110, restarted(pod("p", &[(Main, 3, 110)])))],
            "",
            Container("p", "main", 3),
        ),
        (
            "failed, and deleted afterwards",
            vec![deleted(120, pod("p", &[(Main, 3, 110)]))],
            "",
            Container("p", "main", 3),
        ),
        (
            "deleted because the other Pod had failed",
            vec![pod("a", &[(Main, 3, 110)]), deleted(110, pod("b", &[(Main, 143, 140)]))],
            "",
            Container("a", "main", 3),
        ),
        (
            "the second try was deleted by hand",
            vec![pod("a", &[(Main, 3, 110)]), later(deleted(210, pod("b", &[(Main, 143, 211)])))],
            "",
            Fault::Removal("b", Removal::Deletion),
        ),
        (
            "another try made the last failure good",
            vec![
                of(0, pod("a", &[(Main, 3, 110)])),
                of(1, pod("b", &[(Main, 4, 150)])),
                of(1, good(later(pod("c", &[(Main, 0, 210)])))),
            ],
            "",
            Container("a", "main", 3),
        ),
        (
            "another index made nothing good",
            vec![of(0, pod("a", &[(Main, 3, 110)])), of(1, good(pod("b", &[(Main, 0, 210)])))],
            "",
            Container("a", "main", 3),
        ),
        (
            "evicted once, then failed by itself",
            vec![
                removed(evicted(), pod("a", &[(Main, 137, 110)])),
                later(pod("b", &[(Main, 9, 210)])),
            ],
            "",
            Container("b", "main", 9),
        ),
    ];
    for (name, pods, message, expected) in rows {
        for reversed in [false, true] {
            let mut judge = Judge::default();
            let mut pods = pods.clone();
            if reversed {
                pods.reverse();
            }
            for pod in pods.iter().chain(&pods) {
                judge.observe(Observation::Pod(pod.clone()));
            }
            let condition =
                Condition { message: message.into(), ..condition("Failed", true, "Reason") };
            let Some(Outcome::Failed(cause)) = judge.observe(job(&[condition])) else {
                panic!("{name}: not failed");
            };
            let (container, removal) = match &expected {
                Nobody => (None, None),
                Container(pod, container, code) => (Some(end_of(pod, container, *code)), None),
                Fault::Removal(pod, removal) => {
                    (None, Some(PodLoss { pod: (*pod).into(), removal: removal.clone() }))
                }
            };
            assert_eq!((cause.container, cause.pod), (container, removal), "{name}");
        }
    }
}
