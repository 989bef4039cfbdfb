//! The phases of a run as its events show them, and the time that each has taken.

use crate::event::{ContainerRun, Event};
use crate::outcome::Part;
use std::collections::HashSet;
use std::time::{Duration, Instant};

/// A phase. A Job whose Pods are in several is in the last of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// It is suspended.
    Queued,
    /// A Pod waits for a node.
    Scheduled,
    /// A Pod has a node, and its task has not started: images are pulled, init containers run.
    Pulled,
    /// Its task runs.
    Ran,
    /// Its task has ended: it is tried again, or its Pods terminate.
    Ended,
}

/// All of them, in order.
pub const PHASES: [Phase; 5] =
    [Phase::Queued, Phase::Scheduled, Phase::Pulled, Phase::Ran, Phase::Ended];

/// The phases of one run.
#[derive(Debug, Default)]
pub struct Phases {
    now: Option<(Phase, Instant)>,
    begun: Option<Instant>,
    spent: [Duration; PHASES.len()],
    running: HashSet<(String, String)>,
    tries: HashSet<(String, u32)>,
}

impl Phases {
    /// The phase, and since when it lasts.
    pub fn now(&self) -> Option<(Phase, Instant)> {
        self.now
    }

    /// Take an event at its time.
    pub fn take(&mut self, event: &Event, at: Instant) {
        let next = match event {
            Event::Submitted(_) | Event::Attached(_) => {
                *self = Self { begun: Some(at), ..Self::default() };
                Phase::Scheduled
            }
            Event::Suspended => Phase::Queued,
            Event::Resumed => Phase::Scheduled,
            Event::PodScheduled { .. } if self.running.is_empty() => Phase::Pulled,
            Event::ContainerStarted(run) if run.part == Part::Main => {
                let ContainerRun { pod, container, restart, .. } = &**run;
                self.running.insert((pod.clone(), container.clone()));
                self.tries.insert((pod.clone(), *restart));
                Phase::Ran
            }
            Event::ContainerEnded(end) => {
                let was_running = self.running.remove(&(end.pod.clone(), end.container.clone()));
                if !was_running || !self.running.is_empty() {
                    return;
                }
                Phase::Ended
            }
            Event::Finished { .. } => {
                self.turn(None, at);
                return;
            }
            _ => return,
        };
        if self.begun.is_some() {
            self.turn(Some(next), at);
        }
    }

    /// Turn to a phase.
    fn turn(&mut self, next: Option<Phase>, at: Instant) {
        if let Some((phase, since)) = self.now {
            if Some(phase) == next {
                return;
            }
            self.spent[phase as usize] += at.saturating_duration_since(since);
        }
        self.now = next.map(|phase| (phase, at));
    }

    /// The time of each phase that there was, the time of all, and the number of tries; none if the
    /// run was not seen from its beginning.
    pub fn summary(&self, at: Instant) -> Option<Summary> {
        let total = at.saturating_duration_since(self.begun?);
        let spent = PHASES.into_iter().zip(self.spent);
        let phases = spent.filter(|(phase, time)| *phase != Phase::Ended && !time.is_zero());
        Some(Summary { total, phases: phases.collect(), tries: self.tries.len() })
    }
}

/// What a run took.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Summary {
    /// From the creation of the Job to its end.
    pub total: Duration,
    /// The phases that there were.
    pub phases: Vec<(Phase, Duration)>,
    /// How often the task was started.
    pub tries: usize,
}

impl Phase {
    /// What a Job does in this phase, for a line that is seen while it lasts.
    pub fn doing(self) -> &'static str {
        match self {
            Self::Queued => "queued    the Job is suspended",
            Self::Scheduled => "waiting   for a node",
            Self::Pulled => "starting  images are pulled, volumes are mounted",
            Self::Ran => "running",
            Self::Ended => "ending    the last Pods terminate",
        }
    }

    /// What the Job was when the phase was over.
    pub fn done(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Scheduled => "scheduled",
            Self::Pulled => "pulled",
            Self::Ran => "ran",
            Self::Ended => "ended",
        }
    }
}

/// A duration for people: `0.4 s`, `12 s`, `3 min 5 s`, `2 h 10 min`.
pub fn spoken(time: Duration) -> String {
    match time.as_secs() {
        0..10 => format!("{:.1} s", time.as_secs_f64()),
        seconds @ 10..60 => format!("{seconds} s"),
        seconds @ 60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        seconds => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
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
        let finished = || Event::Finished { job: job(), outcome: Outcome::Succeeded, gaps: 0 };
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
            let summary = phases.summary(at(events.len() - 1));
            let summary = summary.map(|Summary { total, phases, tries }| {
                let phases = phases
                    .iter()
                    .map(|(phase, time)| format!("{} {}", phase.done(), time.as_secs()));
                let rest = [format!("tries {tries}"), format!("total {}", total.as_secs())];
                phases.chain(rest).collect::<Vec<_>>().join(", ")
            });
            assert_eq!(summary.as_deref(), expected, "{name}");
        }
    }

    #[test]
    fn durations_are_short() {
        let rows = [(0.44, "0.4 s"), (12.6, "12 s"), (185.0, "3 min 5 s"), (7_800.0, "2 h 10 min")];
        for (seconds, expected) in rows {
            assert_eq!(spoken(Duration::from_secs_f64(seconds)), expected);
        }
    }
}
