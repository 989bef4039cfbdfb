//! Several policies at once: what has to be compiled is compiled by as many threads as the machine runs, with a word about
//! each that takes its time; what is warm is loaded without a thread. Their order, and the error of the first that cannot
//! be used, are as if they were loaded one by one.

use super::{Policy, PolicyError, PolicyHost, PolicySource};
use crate::event::Event;
use std::iter;
use std::panic::resume_unwind;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// A file of this size is compiled for longer than people wait without a word.
const LARGE: usize = 1 << 20;
/// How often a compilation that goes on is told again.
const AGAIN: Duration = Duration::from_secs(3);

/// What happens to the policy with this place in the list.
enum Step {
    Compiles { index: usize, policy: String, bytes: usize },
    Ended { index: usize },
}

type Loaded = (usize, Result<Policy, PolicyError>);

impl PolicyHost {
    /// Load policies, in parallel what has to be compiled. `tell` hears of a large one that is being compiled, at once and
    /// every few seconds.
    pub fn load_all(&self, sources: Vec<PolicySource>, tell: impl FnMut(Event)) -> Result<Vec<Policy>, PolicyError> {
        let (warm, cold): (Vec<_>, Vec<_>) =
            sources.into_iter().enumerate().partition(|(_, source)| self.is_warm(source));
        let mut loaded: Vec<Loaded> = warm.into_iter().map(|(index, source)| (index, self.load(source))).collect();
        if !cold.is_empty() {
            loaded.extend(self.load_cold(cold, tell));
        }
        loaded.sort_by_key(|(index, _)| *index);
        loaded.into_iter().map(|(_, policy)| policy).collect()
    }

    fn load_cold(&self, sources: Vec<(usize, PolicySource)>, tell: impl FnMut(Event)) -> Vec<Loaded> {
        let threads = thread::available_parallelism().map_or(1, usize::from).min(sources.len());
        let queue = Mutex::new(sources.into_iter());
        let work = |sender: Sender<Step>| {
            let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
            iter::from_fn(next).map(|(index, source)| self.load_one(index, source, &sender)).collect::<Vec<_>>()
        };
        let (sender, steps) = mpsc::channel();
        thread::scope(|scope| {
            let spawn = |sender| scope.spawn(|| work(sender));
            let threads: Vec<_> = iter::repeat_n(sender, threads).map(spawn).collect();
            tell_steps(&steps, AGAIN, tell);
            threads.into_iter().flat_map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic))).collect()
        })
    }

    fn load_one(&self, index: usize, source: PolicySource, steps: &Sender<Step>) -> Loaded {
        // Nobody listens only when the whole is over.
        let step = |step| drop(steps.send(step));
        let compiles = |source: &PolicySource| {
            let (policy, bytes) = (source.name.to_string(), source.file.size());
            if bytes >= LARGE {
                step(Step::Compiles { index, policy, bytes });
            }
        };
        let policy = self.load_watched(source, &compiles);
        step(Step::Ended { index });
        (index, policy)
    }
}

/// Tell what takes its time until the last sender has gone.
fn tell_steps(steps: &Receiver<Step>, again: Duration, mut tell: impl FnMut(Event)) {
    let mut compiling = Vec::new();
    loop {
        match steps.recv_timeout(again) {
            Ok(Step::Compiles { index, policy, bytes }) => {
                tell(Event::PolicyCompiling { policy: policy.clone(), bytes, seconds: 0 });
                compiling.push((index, policy, bytes, Instant::now()));
            }
            Ok(Step::Ended { index }) => compiling.retain(|(compiles, ..)| *compiles != index),
            Err(RecvTimeoutError::Timeout) => {
                for (_, policy, bytes, since) in &compiling {
                    let seconds = since.elapsed().as_secs();
                    tell(Event::PolicyCompiling { policy: policy.clone(), bytes: *bytes, seconds });
                }
            }
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_compilation_is_told_until_it_ends() {
        let (sender, steps) = mpsc::channel();
        let step = |index: usize, policy: &str, bytes| Step::Compiles { index, policy: policy.to_owned(), bytes };
        for step in [step(0, "long", 5), step(1, "short", 6), Step::Ended { index: 1 }] {
            sender.send(step).expect("somebody listens");
        }
        let mut sender = Some(sender);
        let mut told = Vec::new();
        tell_steps(&steps, Duration::from_millis(1), |event| {
            let Event::PolicyCompiling { policy, bytes, .. } = event else { unreachable!("only this is told") };
            told.push((policy, bytes));
            if told.len() == 5 {
                sender = None;
            }
        });
        let long = ("long".to_owned(), 5);
        assert_eq!(told[..5], [long.clone(), ("short".to_owned(), 6), long.clone(), long.clone(), long]);
    }
}
