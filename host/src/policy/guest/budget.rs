//! The one budget of a call: everything that the host does on the guest's word is charged here
//! before it is done, and looks at the deadline meanwhile.

use crate::job::{Meter, Spent};
use crate::policy::{Exceeded, Limit, Limits};
use std::time::{Duration, Instant};

/// The work after which the clock is read again.
const STRIDE: usize = 64 << 10;

/// What was used of the limits on the host's work.
pub struct Budget {
    limits: Limits,
    /// All work so far, in bytes. Each counts as one instruction too.
    work: usize,
    edits: Edits,
    began: Instant,
    /// Time that does not count.
    waited: Duration,
    /// The work at which the clock is read next.
    next_look: usize,
    met: Option<Exceeded>,
}

/// The edits so far.
#[derive(Clone, Copy, Default)]
pub struct Edits {
    count: usize,
    bytes: usize,
}

impl Budget {
    /// The budget of a call that begins now.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            work: 0,
            edits: Edits::default(),
            began: Instant::now(),
            waited: Duration::ZERO,
            next_look: STRIDE,
            met: None,
        }
    }

    /// Charge for work that is about to be done.
    pub fn charge(&mut self, bytes: usize) -> Result<(), Exceeded> {
        self.work = self.work.saturating_add(bytes);
        self.limits.check(Limit::HostCallBytes, self.work)?;
        self.check_fuel(0)?;
        if self.work >= self.next_look {
            self.next_look = self.work.saturating_add(STRIDE);
            if self.time_left() == Duration::ZERO {
                return Err(self.limits.exceeded(Limit::Wall, None));
            }
        }
        Ok(())
    }

    /// An error unless so much work can be charged for.
    pub fn afford(&self, bytes: usize) -> Result<(), Exceeded> {
        self.limits.check(Limit::HostCallBytes, self.work.saturating_add(bytes))
    }

    /// An error if the guest, which used so much fuel itself, and the host together used more than
    /// there is.
    pub fn check_fuel(&self, of_guest: u64) -> Result<(), Exceeded> {
        if of_guest.saturating_add(self.work as u64) > self.limits.get(Limit::Fuel) {
            return Err(self.limits.exceeded(Limit::Fuel, None));
        }
        Ok(())
    }

    /// The time that the call may still take.
    pub fn time_left(&self) -> Duration {
        (self.limits.time(Limit::Wall) + self.waited).saturating_sub(self.began.elapsed())
    }

    /// Time spent in waiting for the cluster, all in all: it does not count.
    pub fn waited(&mut self, time: Duration) {
        self.waited = time;
    }

    /// The edits so far.
    pub fn edits(&self) -> Edits {
        self.edits
    }

    /// Go back to these edits: the others were undone.
    pub fn undo_to(&mut self, edits: Edits) {
        self.edits = edits;
    }

    /// The limit that was met.
    pub fn met(&self) -> Exceeded {
        self.met.expect("who ends the work keeps the limit")
    }

    fn keep(&mut self, checked: Result<(), Exceeded>) -> Result<(), Spent> {
        checked.map_err(|exceeded| {
            self.met = Some(exceeded);
            Spent
        })
    }
}

impl Meter for Budget {
    fn work(&mut self, bytes: usize) -> Result<(), Spent> {
        let charged = self.charge(bytes);
        self.keep(charged)
    }

    fn edit(&mut self, bytes: usize) -> Result<(), Spent> {
        self.edits.count += 1;
        self.edits.bytes = self.edits.bytes.saturating_add(bytes);
        let checked = self
            .limits
            .check(Limit::Edits, self.edits.count)
            .and_then(|()| self.limits.check(Limit::EditBytes, self.edits.bytes));
        self.keep(checked)
    }
}
