//! The phases of a run as its events show them, and the time that each has taken.

#[cfg(test)]
mod tests;

use crate::event::{ContainerRun, Event, History, Moment};
use crate::outcome::Part;
use jiff::Timestamp;
use std::collections::{HashMap, HashSet};
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
    /// When it began, if that was seen.
    begun: Option<Instant>,
    spent: [Duration; PHASES.len()],
    running: HashSet<(String, String)>,
    /// How often the task was started in each Pod.
    tries: HashMap<String, usize>,
}

impl Phases {
    /// The phase, and since when it lasts.
    pub fn now(&self) -> Option<(Phase, Instant)> {
        self.now
    }

    /// Take an event at its time.
    pub fn take(&mut self, event: &Event, at: Instant) {
        let moment = match event {
            Event::Submitted(_) => return self.begin(Some(at), at),
            Event::Attached(_) => return self.begin(None, at),
            Event::Finished { .. } => return self.turn(None, at),
            Event::Suspended => Moment::Suspended,
            Event::Resumed => Moment::Resumed,
            Event::PodScheduled { .. } => Moment::Scheduled,
            Event::ContainerStarted(run) if run.part == Part::Main => {
                let ContainerRun { pod, container, restart, .. } = &**run;
                let (pod, container) = (pod.clone(), container.clone());
                Moment::Started { pod, container, restart: *restart }
            }
            Event::ContainerEnded(end) => {
                Moment::Ended { pod: end.pod.clone(), container: end.container.clone() }
            }
            _ => return,
        };
        if self.now.is_some() {
            self.pass(&moment, at);
        }
    }

    fn begin(&mut self, begun: Option<Instant>, at: Instant) {
        *self = Self { begun, now: Some((Phase::Scheduled, at)), ..Self::default() };
    }

    /// Go through a moment.
    fn pass(&mut self, moment: &Moment, at: Instant) {
        let next = match moment {
            Moment::Suspended => Phase::Queued,
            Moment::Resumed => Phase::Scheduled,
            Moment::Scheduled if self.running.is_empty() => Phase::Pulled,
            Moment::Scheduled => return,
            Moment::Started { pod, container, restart } => {
                self.running.insert((pod.clone(), container.clone()));
                let tries = self.tries.entry(pod.clone()).or_default();
                *tries = (*tries).max(*restart as usize + 1);
                Phase::Ran
            }
            Moment::Ended { pod, container } => {
                let was_running = self.running.remove(&(pod.clone(), container.clone()));
                if !was_running || !self.running.is_empty() {
                    return;
                }
                Phase::Ended
            }
        };
        self.turn(Some(next), at);
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

    /// The time of each phase that there was, the time of all, and the number of tries: as it was
    /// seen, or as the cluster tells it of a run that was not seen from its beginning.
    pub fn summary(&self, at: Instant, history: &History) -> Option<Summary> {
        match self.begun {
            Some(begun) => Some(self.since(begun, at)),
            None => Self::told(history, at),
        }
    }

    fn since(&self, begun: Instant, at: Instant) -> Summary {
        let total = at.saturating_duration_since(begun);
        let spent = PHASES.into_iter().zip(self.spent);
        let phases = spent.filter(|(phase, time)| *phase != Phase::Ended && !time.is_zero());
        Summary { total, phases: phases.collect(), tries: self.tries.values().sum() }
    }

    /// The same of what the cluster tells. Whatever instant it begins at, it takes as long.
    fn told(history: &History, begun: Instant) -> Option<Summary> {
        let created = history.created?;
        let at = |time: Timestamp| begun + time.duration_since(created).unsigned_abs();
        let mut phases = Self::default();
        phases.begin(Some(begun), begun);
        history.moments.iter().for_each(|(time, moment)| phases.pass(moment, at(*time)));
        let last = history.moments.last().map_or(created, |(time, _)| *time);
        let end = at(history.ended.unwrap_or_else(Timestamp::now).max(last));
        phases.turn(None, end);
        Some(phases.since(begun, end))
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
