//! Several policies at once: those that must be compiled are compiled by as many threads as the
//! machine runs, with an event for each that takes long; warm ones are loaded without a thread.
//! Their order, and the error of the first that cannot be used, are as if they were loaded one by
//! one.

use super::opened::OpenedPolicy;
use crate::event::Event;
use crate::policy::PolicyError;
use std::iter;
use std::panic::resume_unwind;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// The size from which compiling a file takes so long that it is reported.
const LARGE: usize = 1 << 20;
/// The interval at which a running compilation is reported again.
const AGAIN: Duration = Duration::from_secs(3);

/// The stack of a thread that calls policies: twice the most that one of them may take.
const STACK: usize = 2 << 20;

/// Called when a file is not in the cache and its compilation begins.
pub type OnCompile<'a> = &'a dyn Fn(&OpenedPolicy);

/// A step in loading the policy with this place in the list.
enum Step {
    Compiles { index: usize, policy: String, bytes: usize },
    Ended { index: usize },
}

/// What comes of a policy, with its place in the list.
type Loaded<T> = (usize, Result<T, PolicyError>);

/// Load policies with `load`, or do something else that needs them compiled; in parallel for those
/// that are not warm.
pub fn load_all<T: Send>(
    policies: Vec<OpenedPolicy>,
    is_warm: impl Fn(&OpenedPolicy) -> bool,
    load: impl Fn(OpenedPolicy, OnCompile<'_>) -> Result<T, PolicyError> + Sync,
    emit: impl FnMut(Event),
) -> Result<Vec<T>, PolicyError> {
    let numbered = policies.into_iter().enumerate();
    let (warm, cold): (Vec<_>, Vec<_>) = numbered.partition(|(_, policy)| is_warm(policy));
    let warm = warm.into_iter().map(|(index, policy)| (index, load(policy, &|_| {})));
    let mut loaded: Vec<Loaded<T>> = warm.collect();
    if !cold.is_empty() {
        loaded.extend(load_cold(cold, load, emit));
    }
    loaded.sort_by_key(|(index, _)| *index);
    loaded.into_iter().map(|(_, policy)| policy).collect()
}

fn load_cold<T: Send>(
    policies: Vec<(usize, OpenedPolicy)>,
    load: impl Fn(OpenedPolicy, OnCompile<'_>) -> Result<T, PolicyError> + Sync,
    emit: impl FnMut(Event),
) -> Vec<Loaded<T>> {
    let threads = thread::available_parallelism().map_or(1, usize::from).min(policies.len());
    let queue = Mutex::new(policies.into_iter());
    let load_one = |index: usize, policy: OpenedPolicy, steps: &Sender<Step>| {
        // The receiver is gone only when loading is over.
        let step = |step| drop(steps.send(step));
        let on_compile = |policy: &OpenedPolicy| {
            let name = policy.name().to_string();
            let bytes = policy.size();
            if bytes >= LARGE {
                step(Step::Compiles { index, policy: name, bytes });
            }
        };
        let policy = load(policy, &on_compile);
        step(Step::Ended { index });
        (index, policy)
    };
    let work = |steps: Sender<Step>| {
        let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
        let loaded = iter::from_fn(next).map(|(index, policy)| load_one(index, policy, &steps));
        loaded.collect::<Vec<_>>()
    };
    let (sender, steps) = mpsc::channel();
    thread::scope(|scope| {
        let thread = || thread::Builder::new().stack_size(STACK);
        let spawn = |sender| {
            thread()
                .spawn_scoped(scope, || work(sender))
                .expect("the machine has a thread to spare")
        };
        let threads: Vec<_> = iter::repeat_n(sender, threads).map(spawn).collect();
        emit_steps(&steps, AGAIN, emit);
        let joined = threads.into_iter().map(|thread| thread.join());
        joined.flat_map(|loaded| loaded.unwrap_or_else(|panic| resume_unwind(panic))).collect()
    })
}

/// Emit events of long compilations until the last sender has gone.
fn emit_steps(steps: &Receiver<Step>, again: Duration, mut emit: impl FnMut(Event)) {
    let mut compiling = Vec::new();
    loop {
        match steps.recv_timeout(again) {
            Ok(Step::Compiles { index, policy, bytes }) => {
                emit(Event::PolicyCompiling { policy: policy.clone(), bytes, seconds: 0 });
                compiling.push((index, policy, bytes, Instant::now()));
            }
            Ok(Step::Ended { index }) => compiling.retain(|(compiles, ..)| *compiles != index),
            Err(RecvTimeoutError::Timeout) => {
                for (_, policy, bytes, since) in &compiling {
                    let seconds = since.elapsed().as_secs();
                    emit(Event::PolicyCompiling { policy: policy.clone(), bytes: *bytes, seconds });
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
    fn a_long_compilation_is_reported_until_it_ends() {
        let (sender, steps) = mpsc::channel();
        let step = |index: usize, policy: &str, bytes| Step::Compiles {
            index,
            policy: policy.to_owned(),
            bytes,
        };
        for step in [step(0, "long", 5), step(1, "short", 6), Step::Ended { index: 1 }] {
            sender.send(step).expect("somebody listens");
        }
        let mut sender = Some(sender);
        let mut emitted = Vec::new();
        emit_steps(&steps, Duration::from_millis(1), |event| {
            let Event::PolicyCompiling { policy, bytes, .. } = event else {
                unreachable!("only this is emitted")
            };
            emitted.push((policy, bytes));
            if emitted.len() == 5 {
                sender = None;
            }
        });
        let long = ("long".to_owned(), 5);
        assert_eq!(
            emitted[..5],
            [long.clone(), ("short".to_owned(), 6), long.clone(), long.clone(), long]
        );
    }
}
