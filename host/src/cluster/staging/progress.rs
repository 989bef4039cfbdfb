//! How far the carrying of data is.

use crate::event::{Amount, Event, Transfer, Way};
use std::time::Duration;
use tokio::time::Instant;

/// The state of one claim's data, and whom it is told.
pub struct Progress<'e> {
    way: Way,
    claim: String,
    emit: &'e mut dyn FnMut(Event),
    all: Amount,
    done: Amount,
    carried: u64,
    kept: usize,
    begun: Option<Instant>,
    is_damaged: bool,
}

impl<'e> Progress<'e> {
    /// Nothing is known yet.
    pub fn new(way: Way, claim: &str, emit: &'e mut dyn FnMut(Event)) -> Self {
        let (all, done) = (Amount::default(), Amount::default());
        let claim = claim.to_owned();
        let (carried, kept, begun, is_damaged) = (0, 0, None, false);
        Self { way, claim, emit, all, done, carried, kept, begun, is_damaged }
    }

    /// The way of the data.
    pub fn way(&self) -> Way {
        self.way
    }

    /// Tell an event of something else.
    pub fn emit(&mut self, event: Event) {
        (self.emit)(event);
    }

    /// Tell something that the user should know.
    pub fn warn(&mut self, warning: String) {
        (self.emit)(Event::Warning(warning));
    }

    /// Something arrived otherwise than it was sent, in words; that is told once.
    pub fn damaged(&mut self, why: &str) {
        if !std::mem::replace(&mut self.is_damaged, true) {
            self.warn(format!("{why}: it is sent again"));
        }
    }

    /// Another run works on the claim.
    pub fn waits(&mut self, claim: &str) {
        (self.emit)(Event::Transfer(Transfer::Waits { claim: claim.to_owned() }));
    }

    /// The connection is lost.
    pub fn broken(&mut self, why: String, gives_up_after: Duration) {
        let claim = self.claim.clone();
        (self.emit)(Event::Transfer(Transfer::Broken { claim, why, gives_up_after }));
    }

    /// It goes on.
    pub fn resumed(&mut self, lasted: Duration) {
        let claim = self.claim.clone();
        (self.emit)(Event::Transfer(Transfer::Resumed { claim, lasted }));
    }

    /// So much is left to be carried. Of a later attempt that is what an earlier has left: the rest
    /// has arrived, whether that was told or not.
    pub fn begin(&mut self, files: usize, bytes: u64, kept: usize) {
        let left = Amount { files, bytes };
        if self.begun.is_some() {
            let files = self.all.files.saturating_sub(left.files);
            self.done = Amount { files, bytes: self.all.bytes.saturating_sub(left.bytes) };
            self.all = Amount { files: files + left.files, bytes: self.done.bytes + left.bytes };
            return;
        }
        (self.all, self.kept, self.begun) = (left, kept, Some(Instant::now()));
        let (way, claim) = (self.way, self.claim.clone());
        (self.emit)(Event::Transfer(Transfer::Begun { way, claim, left, kept }));
    }

    /// So much more has arrived.
    pub fn add(&mut self, files: usize, bytes: u64) {
        self.done.files += files;
        self.done.bytes += bytes;
        self.carried += bytes;
        let (way, claim, done, all) = (self.way, self.claim.clone(), self.done, self.all);
        let took = self.begun.map(|begun| begun.elapsed()).unwrap_or_default();
        (self.emit)(Event::Transfer(Transfer::Progress { way, claim, done, all, took }));
    }

    /// The bytes of all attempts that were told to have arrived.
    pub fn carried(&self) -> u64 {
        self.carried
    }

    /// All has arrived.
    pub fn end(self, removed: usize) {
        let Self { way, claim, done, kept, .. } = self;
        let took = self.begun.map(|begun| begun.elapsed()).unwrap_or_default();
        (self.emit)(Event::Transfer(Transfer::Done { way, claim, done, kept, removed, took }));
    }
}
