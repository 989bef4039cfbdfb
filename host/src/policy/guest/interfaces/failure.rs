//! `failure`: the last words of a guest that is about to trap.

use crate::policy::guest::bindings::failure::{Host, Place};
use crate::policy::guest::evaluation::Evaluation;

impl Host for Evaluation {
    fn panicked(&mut self, message: String, place: Option<Place>) -> wasmtime::Result<()> {
        let file = place.as_ref().map_or(0, |place| place.file.len());
        self.charge(message.len() + file)?;
        let at = |Place { file, line, column }| format!(" at {file}:{line}:{column}");
        let place = place.map(at).unwrap_or_default();
        self.last_words = Some(self.limits.clean(&format!("it panicked{place}: {message}")));
        Ok(())
    }
}
