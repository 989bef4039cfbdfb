//! The standard output, on which data goes. A write that fails is the last: what came after a hole
//! would look whole.

use super::log::Lines;
use crate::event::{ContainerRun, Piece};
use std::io::{self, IsTerminal, Write};
use std::sync::Arc;

/// The standard output.
#[derive(Default)]
pub struct Stdout {
    is_lost: bool,
    lines: Lines,
}

impl Stdout {
    /// Whether something could not be written.
    pub fn is_lost(&self) -> bool {
        self.is_lost
    }

    /// Whether people see it beside the lines for them.
    pub fn is_terminal(&self) -> bool {
        io::stdout().is_terminal()
    }

    /// Write text. The error is told once.
    pub fn write(&mut self, text: &str) -> io::Result<()> {
        self.bytes(text.as_bytes())
    }

    /// Write what a container wrote.
    pub fn log(
        &mut self,
        run: &Arc<ContainerRun>,
        piece: &Piece,
        is_named: bool,
    ) -> io::Result<()> {
        let bytes = self.lines.add(run, piece, is_named);
        self.bytes(&bytes)
    }

    /// Whether a line that has no end stands where people see it.
    pub fn has_open_line(&self) -> bool {
        self.lines.is_open() && self.is_terminal()
    }

    /// End a line that has no end.
    pub fn end_line(&mut self) -> io::Result<()> {
        self.lines.end().map_or(Ok(()), |end| self.bytes(end))
    }

    /// End a line that has no end where people see it beside the lines for them.
    pub fn make_room(&mut self) -> io::Result<()> {
        if self.has_open_line() { self.end_line() } else { Ok(()) }
    }

    fn bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.is_lost {
            return Ok(());
        }
        let mut stdout = io::stdout().lock();
        let written = stdout.write_all(bytes).and_then(|()| stdout.flush());
        self.is_lost = written.is_err();
        written
    }
}
