//! The logs of containers of which only those that fail are told. The end of each is held until it is
//! known how its container ended.

use crate::event::{ContainerRun, Event, Gap, Piece};
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

/// The most that is held of the log of one run of a container.
const MOST: usize = 256 << 10;

/// The logs of the runs of containers.
#[derive(Debug, Default)]
pub struct Held {
    runs: HashMap<Arc<ContainerRun>, Fate>,
}

/// What becomes of the log of a run.
#[derive(Debug)]
enum Fate {
    /// It is not known yet.
    Open(Tail),
    /// It is told.
    Told,
    /// It is not told.
    Dropped,
}

/// The end of a log.
#[derive(Debug, Default)]
struct Tail {
    events: VecDeque<Event>,
    bytes: usize,
    is_cut: bool,
}

impl Held {
    /// Take what was heard of a run; gives it back if it is to be told.
    pub fn take(&mut self, run: &Arc<ContainerRun>, event: Event) -> Option<Event> {
        let open = || Fate::Open(Tail::default());
        match self.runs.entry(Arc::clone(run)).or_insert_with(open) {
            Fate::Open(tail) => {
                tail.push(event);
                None
            }
            Fate::Told => Some(event),
            Fate::Dropped => None,
        }
    }

    /// It is known how a run ended; gives what is held of it, if it is told.
    pub fn decide(&mut self, run: &Arc<ContainerRun>, is_told: bool) -> Vec<Event> {
        let fate = if is_told { Fate::Told } else { Fate::Dropped };
        match self.runs.insert(Arc::clone(run), fate) {
            Some(Fate::Open(tail)) if is_told => tail.events(run),
            // What was decided stays: a Pod that is gone says nothing about a container that ended.
            Some(decided @ (Fate::Told | Fate::Dropped)) => {
                self.runs.insert(Arc::clone(run), decided);
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    /// The runs of which it is not known how they ended.
    pub fn open(&self) -> Vec<Arc<ContainerRun>> {
        let open = self.runs.iter().filter(|(_, fate)| matches!(fate, Fate::Open(_)));
        let mut open: Vec<_> = open.map(|(run, _)| Arc::clone(run)).collect();
        open.sort_by(|a, b| {
            (&a.pod, &a.container, a.restart).cmp(&(&b.pod, &b.container, b.restart))
        });
        open
    }
}

impl Tail {
    fn push(&mut self, event: Event) {
        self.bytes += size(&event);
        self.events.push_back(event);
        while self.bytes > MOST && self.events.len() > 1 {
            self.bytes -= self.events.pop_front().as_ref().map_or(0, size);
            self.is_cut = true;
        }
    }

    fn events(self, run: &Arc<ContainerRun>) -> Vec<Event> {
        let first = self.events.iter().find_map(|event| match event {
            Event::Log { piece: Piece { times, .. }, .. } => times.first(),
            _ => None,
        });
        let before = first.map(|(_, time)| time.to_string());
        let why = format!("`--logs=failed` keeps the last {} KiB", MOST >> 10);
        let gap = Gap { after: None, before, lasting: None, why };
        let cut = self.is_cut.then(|| Event::LogGap { run: Arc::clone(run), gap });
        cut.into_iter().chain(self.events).collect()
    }
}

fn size(event: &Event) -> usize {
    match event {
        Event::Log { piece, .. } => piece.bytes.len(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::Part;

    fn run(pod: &str) -> Arc<ContainerRun> {
        let (pod, container) = (pod.to_owned(), "main".to_owned());
        Arc::new(ContainerRun {
            pod,
            container,
            restart: 0,
            part: Part::Main,
            attempt: 1,
            is_alone: true,
        })
    }

    fn log(run: &Arc<ContainerRun>, text: &str) -> Event {
        let piece = Piece { bytes: text.into(), times: Vec::new() };
        Event::Log { run: Arc::clone(run), piece }
    }

    fn told(events: impl IntoIterator<Item = Event>) -> Vec<String> {
        let told = events.into_iter().map(|event| match event {
            Event::Log { piece, .. } => String::from_utf8_lossy(&piece.bytes).into_owned(),
            Event::LogGap { gap, .. } => gap.why,
            other => format!("{other:?}"),
        });
        told.collect()
    }

    #[test]
    fn a_log_is_told_when_its_container_has_failed() {
        let (good, bad, lost) = (run("good"), run("bad"), run("lost"));
        let mut held = Held::default();
        for run in [&good, &bad, &lost] {
            assert!(held.take(run, log(run, "one\n")).is_none());
        }
        assert_eq!(told(held.decide(&good, false)), [""; 0]);
        assert_eq!(told(held.decide(&bad, true)), ["one\n"]);
        // What comes later goes the same way, and what was decided stays.
        assert_eq!(told(held.take(&good, log(&good, "two\n"))), [""; 0]);
        assert_eq!(told(held.take(&bad, log(&bad, "two\n"))), ["two\n"]);
        assert_eq!(told(held.decide(&good, true)), [""; 0]);
        assert_eq!(held.open(), [lost]);
    }

    #[test]
    fn what_is_held_is_bounded_and_the_cut_is_told() {
        let (run, mut held) = (run("p"), Held::default());
        let part = "x".repeat(MOST / 2);
        for _ in 0..5 {
            held.take(&run, log(&run, &part));
        }
        let cut = "`--logs=failed` keeps the last 256 KiB".to_owned();
        assert_eq!(told(held.decide(&run, true)), [cut, part.clone(), part]);
    }
}
