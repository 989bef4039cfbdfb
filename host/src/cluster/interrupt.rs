//! The signals that end a command: one listener, from its start to its end. It has a thread of its
//! own, because the program may be busy, or wait for a reader of its output, when a signal comes.

use crate::files;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;
use tokio::runtime::Builder;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::time::sleep;

/// The time in which the program ends by itself once nobody waits for it. It is only longer where
/// a thread is stuck, in a write that nobody reads for example.
const GRACE: Duration = Duration::from_millis(500);

/// A signal that ends a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// Ctrl-C.
    Interrupt,
    /// `kill`, the end of a session or of a Pod.
    Terminate,
    /// The terminal is closed.
    Hangup,
}

impl Signal {
    const ALL: [Self; 3] = [Self::Interrupt, Self::Terminate, Self::Hangup];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Interrupt => "SIGINT",
            Self::Terminate => "SIGTERM",
            Self::Hangup => "SIGHUP",
        }
    }

    /// The exit code of a program that it ended, by the custom of shells: 128 and its number.
    pub fn exit_code(self) -> u8 {
        128 + self.number()
    }

    fn number(self) -> u8 {
        match self {
            Self::Interrupt => 2,
            Self::Terminate => 15,
            Self::Hangup => 1,
        }
    }

    fn kind(self) -> SignalKind {
        SignalKind::from_raw(self.number().into())
    }
}

/// The signals of a command. Until it holds something that outlives it, the first signal ends it;
/// from then on the first is a wish, and the second ends it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Interrupts(Option<&'static Shared>);

#[derive(Debug, Default)]
struct Shared {
    holds: AtomicBool,
    seen: watch::Sender<Seen>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    first: Option<Signal>,
    count: u32,
}

impl Interrupts {
    /// Listen from now on, until the program ends. A signal that is ignored stays so, as `nohup`
    /// and background commands of scripts want it.
    pub fn listen() -> Self {
        let shared: &'static Shared = Box::leak(Box::default());
        let (ready, is_ready) = mpsc::channel();
        let listener = thread::Builder::new().name("signals".into()).spawn(move || {
            if let Ok(runtime) = Builder::new_current_thread().enable_all().build() {
                runtime.block_on(shared.listen(ready));
            }
        });
        // Without a listener signals do what they always do.
        if listener.is_ok() {
            let _ = is_ready.recv();
        }
        Self(Some(shared))
    }

    /// From now on something may be left behind.
    pub fn hold(self) {
        if let Some(shared) = self.0 {
            shared.holds.store(true, SeqCst);
        }
    }

    /// The first signal, if there was one.
    pub fn signal(self) -> Option<Signal> {
        self.0.and_then(|shared| shared.seen.borrow().first)
    }

    /// Wait for the first signal.
    pub async fn first(self) -> Signal {
        self.wait(|seen, _| seen.count > 0).await
    }

    /// Wait until nothing more is waited for: the first signal where nothing is left behind, else
    /// the second.
    pub async fn abandoned(self) -> Signal {
        self.wait(Seen::is_abandoned).await
    }

    async fn wait(self, is_enough: impl Fn(&Seen, bool) -> bool) -> Signal {
        if let Some(shared) = self.0 {
            let mut seen = shared.seen.subscribe();
            let seen = seen.wait_for(|seen| is_enough(seen, shared.holds.load(SeqCst))).await;
            if let Some(signal) = seen.ok().and_then(|seen| seen.first) {
                return signal;
            }
        }
        std::future::pending().await
    }
}

impl Seen {
    fn is_abandoned(&self, holds: bool) -> bool {
        self.count > u32::from(holds)
    }
}

impl Shared {
    async fn listen(&'static self, ready: mpsc::Sender<()>) {
        let ignored = ignored();
        for one in Signal::ALL.into_iter().filter(|one| ignored & (1 << (one.number() - 1)) == 0) {
            let Ok(mut signals) = signal(one.kind()) else { continue };
            tokio::spawn(async move {
                while signals.recv().await.is_some() {
                    self.hear(one);
                }
            });
        }
        drop(ready);
        std::future::pending().await
    }

    fn hear(&'static self, signal: Signal) {
        self.seen.send_modify(|seen| {
            seen.first.get_or_insert(signal);
            seen.count = seen.count.saturating_add(1);
        });
        let seen = *self.seen.borrow();
        if seen.is_abandoned(self.holds.load(SeqCst)) {
            tokio::spawn(async move {
                sleep(GRACE).await;
                #[allow(clippy::exit, reason = "the other threads do not end by themselves")]
                std::process::exit(seen.first.unwrap_or(signal).exit_code().into());
            });
        }
    }
}

/// The signals that are ignored, a bit for each; none where the system does not tell.
fn ignored() -> u64 {
    let status = files::text(Path::new("/proc/self/status"), 1 << 16).unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_is_one_signal_and_the_end_another() {
        let rows = [(0, false, false), (1, false, true), (0, true, false), (1, true, false)];
        for (count, holds, is_abandoned) in rows.into_iter().chain([(2, true, true)]) {
            let seen = Seen { first: None, count };
            assert_eq!(seen.is_abandoned(holds), is_abandoned, "{count} {holds}");
        }
    }

    #[test]
    fn exit_codes_are_those_of_shells() {
        assert_eq!(Signal::ALL.map(Signal::exit_code), [130, 143, 129]);
    }

    #[test]
    fn what_is_ignored_is_known() {
        // Rust ignores SIGPIPE, signal 13.
        assert_eq!(ignored() & (1 << 12), 1 << 12);
    }
}
