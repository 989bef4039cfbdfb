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
    kept: usize,
    begun: Option<Instant>,
}

impl<'e> Progress<'e> {
    /// Nothing is known yet.
    pub fn new(way: Way, claim: &str, emit: &'e mut dyn FnMut(Event)) -> Self {
        let (all, done) = (Amount::default(), Amount::default());
        Self { way, claim: claim.to_owned(), emit, all, done, kept: 0, begun: None }
    }

    /// Tell an event of something else.
    pub fn emit(&mut self, event: Event) {
        (self.emit)(event);
    }

    /// Tell something that the user should know.
    pub fn warn(&mut self, warning: String) {
        (self.emit)(Event::Warning(warning));
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

    /// So much is left to be carried. Of a later attempt that is what an earlier has left.
    pub fn begin(&mut self, files: usize, bytes: u64, kept: usize) {
        let left = Amount { files, bytes };
        if self.begun.is_some() {
            self.all = Amount { files: self.done.files + files, bytes: self.done.bytes + bytes };
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
        let (way, claim, done, all) = (self.way, self.claim.clone(), self.done, self.all);
        let took = self.begun.map(|begun| begun.elapsed()).unwrap_or_default();
        (self.emit)(Event::Transfer(Transfer::Progress { way, claim, done, all, took }));
    }

    /// The bytes that have arrived so far.
    pub fn bytes(&self) -> u64 {
        self.done.bytes
    }

    /// All has arrived.
    pub fn end(self, removed: usize) {
        let Self { way, claim, done, kept, .. } = self;
        let took = self.begun.map(|begun| begun.elapsed()).unwrap_or_default();
        (self.emit)(Event::Transfer(Transfer::Done { way, claim, done, kept, removed, took }));
    }
}
