//! The pace at which an object is created though answers are lost: how long each is waited for, when
//! the request is sent again, and when that is told.

use super::answer::{self, Answer};
use super::interrupt::Interrupts;
use super::words;
use crate::event::Event;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};

/// How long a creation may take.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// The wait for the answer to one request.
    pub answer: Duration,
    /// The time in which a request is sent again.
    pub total: Duration,
    /// The first pause between two requests; it doubles up to sixteen times as much.
    pub pause: Duration,
    /// The wait for an answer that is under way when a signal comes.
    pub grace: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            answer: Duration::from_secs(30),
            total: Duration::from_secs(60),
            pause: Duration::from_millis(250),
            grace: Duration::from_secs(5),
        }
    }
}

/// The time after which it is told that the object is not created yet.
const TOLD: Duration = Duration::from_secs(2);

/// The pace of one creation.
pub struct Pace {
    bounds: Bounds,
    interrupts: Interrupts,
    start: Instant,
    pause: Duration,
    is_told: bool,
}

impl Pace {
    /// It begins now.
    pub fn new(bounds: Bounds, interrupts: Interrupts) -> Self {
        let (start, pause) = (Instant::now(), bounds.pause);
        Self { bounds, interrupts, start, pause, is_told: false }
    }

    /// The answer to a request, as far as it is waited for.
    pub async fn answer<T>(&self, attempt: impl Future<Output = Answer<T>>) -> Answer<T> {
        let silence = || Answer::Unclear(answer::silence(), None);
        let grace = async {
            self.interrupts.first().await;
            sleep(self.bounds.grace).await;
        };
        tokio::select! {
            answer = timeout(self.bounds.answer, attempt) => answer.unwrap_or_else(|_| silence()),
            () = grace => silence(),
        }
    }

    /// Wait before the next request, no longer than until a signal; `what` is not created yet.
    pub async fn wait(
        &mut self,
        what: &str,
        error: &kube::Error,
        after: Option<Duration>,
        emit: &mut impl FnMut(Event),
    ) {
        let wait = after.unwrap_or(self.pause).min(self.left());
        if !self.is_told && self.start.elapsed() + wait >= TOLD {
            self.is_told = true;
            emit(Event::Warning(format!(
                "{what} is not created yet: {}; it is tried again for up to {} s",
                words::why(error),
                self.bounds.total.as_secs()
            )));
        }
        self.pause = (self.pause * 2).min(self.bounds.pause * 16);
        tokio::select! {
            () = sleep(wait) => {}
            _ = self.interrupts.first() => {}
        }
    }

    /// The time that is left.
    pub fn left(&self) -> Duration {
        self.bounds.total.saturating_sub(self.start.elapsed())
    }

    /// Whether nothing is sent any more: the time is over, or a signal came.
    pub fn is_over(&self) -> bool {
        self.left().is_zero() || self.interrupts.signal().is_some()
    }
}
