//! Phases of runs that are seen from their beginning, and of others.

use super::*;
use crate::event::JobRef;
use crate::outcome::{ContainerEnd, Outcome};
use std::sync::Arc;

fn started(pod: &str, part: Part) -> Event {
    let container = if part == Part::Main { "main" } else { "side" };
    let (pod, container) = (pod.to_owned(), container.to_owned());
    let run = ContainerRun { pod, container, restart: 0, part, attempt: 1, is_alone: true };
    Event::ContainerStarted(Arc::new(run))
}

fn ended(pod: &str, container: &str) -> Event {
    let (pod, container) = (pod.to_owned(), container.to_owned());
    let (reason, message) = (String::new(), String::new());
    Event::ContainerEnded(ContainerEnd { pod, container, exit_code: 1, reason, message })
}

fn scheduled(pod: &str) -> Event {
    Event::PodScheduled { pod: pod.into(), node: "n".into() }
}

/// Events a second apart, and the seconds of the phases.
#[test]
fn time_is_counted_by_phase() {
    let job = JobRef::default;
    let submitted = || Event::Submitted(job());
    let history = History::default;
    let finished = || {
        let (job, outcome) = (job(), Outcome::Succeeded);
        Event::Finished { job, outcome, gaps: 0, history: history() }
    };
    let main = |pod| started(pod, Part::Main);
    let rows: Vec<(&str, Vec<Event>, Option<&str>)> = vec![
        (
            "one Pod",
            vec![submitted(), scheduled("a"), main("a"), ended("a", "main"), finished()],
            Some("scheduled 1, pulled 1, ran 1, tries 1, total 4"),
        ),
        (
            "queued first",
            vec![
                submitted(),
                Event::Suspended,
                Event::Resumed,
                scheduled("a"),
                main("a"),
                finished(),
            ],
            Some("queued 1, scheduled 2, pulled 1, ran 1, tries 1, total 5"),
        ),
        (
            "a second try",
            vec![
                submitted(),
                main("a"),
                ended("a", "main"),
                scheduled("b"),
                main("b"),
                ended("b", "main"),
                finished(),
            ],
            Some("scheduled 1, pulled 1, ran 2, tries 2, total 6"),
        ),
        (
            "two at once",
            vec![
                submitted(),
                scheduled("a"),
                main("a"),
                scheduled("b"),
                main("b"),
                ended("a", "main"),
                ended("b", "main"),
                finished(),
            ],
            Some("scheduled 1, pulled 1, ran 4, tries 2, total 7"),
        ),
        (
            "helpers do not count",
            vec![
                submitted(),
                scheduled("a"),
                started("a", Part::Sidecar),
                ended("a", "side"),
                main("a"),
                finished(),
            ],
            Some("scheduled 1, pulled 3, ran 1, tries 1, total 5"),
        ),
        ("not seen from the beginning", vec![main("a"), finished()], None),
    ];
    for (name, events, expected) in rows {
        let (mut phases, start) = (Phases::default(), Instant::now());
        let at = |index: usize| start + Duration::from_secs(index as u64);
        for (index, event) in events.iter().enumerate() {
            phases.take(event, at(index));
        }
        assert_eq!(phases.now(), None, "{name}");
        let summary = phases.summary(at(events.len() - 1), &history());
        assert_eq!(summary.map(told).as_deref(), expected, "{name}");
    }
}

fn told(Summary { total, phases, tries }: Summary) -> String {
    let phases = phases.iter().map(|(phase, time)| format!("{} {}", phase.done(), time.as_secs()));
    let rest = [format!("tries {tries}"), format!("total {}", total.as_secs())];
    phases.chain(rest).collect::<Vec<_>>().join(", ")
}

/// Moments of a run that was met on its way, at seconds after its creation, and the second of its
/// end. When it is heard of them says nothing.
#[test]
fn the_cluster_tells_what_was_not_seen() {
    let second = |second| Timestamp::from_second(1_700_000_000 + second).expect("a time");
    let begins = |pod: &str, restart| {
        let (pod, container) = (pod.to_owned(), "main".to_owned());
        Moment::Started { pod, container, restart }
    };
    let ends = |pod: &str| Moment::Ended { pod: pod.into(), container: "main".into() };
    let (suspended, resumed, scheduled) = (Moment::Suspended, Moment::Resumed, Moment::Scheduled);
    type Row = (&'static str, Vec<(i64, Moment)>, i64, &'static str);
    let rows: Vec<Row> = vec![
        (
            "one Pod",
            vec![(2, scheduled.clone()), (5, begins("a", 0)), (3605, ends("a"))],
            3606,
            "scheduled 2, pulled 3, ran 3600, tries 1, total 3606",
        ),
        (
            "all in a second",
            vec![(1, scheduled.clone()), (1, begins("a", 0)), (1, ends("a"))],
            2,
            "scheduled 1, tries 1, total 2",
        ),
        (
            "the second try is listed first",
            vec![
                (20, scheduled.clone()),
                (21, begins("a", 0)),
                (30, ends("a")),
                (1, scheduled.clone()),
                (2, begins("z", 0)),
                (9, ends("z")),
            ],
            31,
            "scheduled 1, pulled 2, ran 16, tries 2, total 31",
        ),
        (
            "queued first",
            vec![(0, suspended), (600, resumed), (601, scheduled.clone()), (602, begins("a", 0))],
            700,
            "queued 600, scheduled 1, pulled 1, ran 98, tries 1, total 700",
        ),
        (
            "the last two of many restarts",
            vec![(1, scheduled), (50, begins("a", 6)), (60, ends("a")), (70, begins("a", 7))],
            80,
            "scheduled 1, pulled 49, ran 20, tries 8, total 80",
        ),
    ];
    for (name, moments, ended, expected) in rows {
        let history = History {
            created: Some(second(0)),
            moments: moments.into_iter().map(|(at, moment)| (second(at), moment)).collect(),
            ended: Some(second(ended)),
        };
        let (mut phases, now) = (Phases::default(), Instant::now());
        phases.take(&Event::Attached(JobRef::default()), now);
        assert_eq!(phases.now(), Some((Phase::Scheduled, now)), "{name}");
        assert_eq!(phases.summary(now, &history).map(told).as_deref(), Some(expected), "{name}");
        assert_eq!(phases.summary(now, &History::default()), None, "{name}");
        // Nothing is ever taken away: the end may come before what is told of it.
        let early = History { ended: Some(second(0)), ..history };
        assert!(phases.summary(now, &early).is_some(), "{name}");
        // What was seen goes before.
        phases.take(&Event::Submitted(JobRef::default()), now);
        let own = phases.summary(now + Duration::from_secs(4), &early).map(told);
        assert_eq!(own.as_deref(), Some("tries 0, total 4"), "{name}");
    }
}

#[test]
fn durations_are_short() {
    let rows = [(0.44, "0.4 s"), (12.6, "12 s"), (185.0, "3 min 5 s"), (7_800.0, "2 h 10 min")];
    for (seconds, expected) in rows {
        assert_eq!(spoken(Duration::from_secs_f64(seconds)), expected);
    }
}
