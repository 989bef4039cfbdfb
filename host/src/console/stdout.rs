//! The standard output, on which data goes. A write that fails is the last: what came after a hole
//! would look whole.

use crate::event::ContainerRun;
use std::io::{self, IsTerminal, Write};
use std::sync::Arc;

/// The standard output.
#[derive(Default)]
pub struct Stdout {
    is_lost: bool,
    /// What wrote the line that has not ended.
    writing: Option<Arc<ContainerRun>>,
}

impl Stdout {
    /// Whether something could not be written.
    pub fn is_lost(&self) -> bool {
        self.is_lost
    }

    /// Write text. The error is told once.
    pub fn write(&mut self, text: &str) -> io::Result<()> {
        self.bytes(text.as_bytes())
    }

    /// Write what a container wrote, as it is. Only where another run of a container has left its
    /// line without an end, that line ends first.
    pub fn log(&mut self, run: &Arc<ContainerRun>, bytes: &[u8]) -> io::Result<()> {
        if self.writing.as_ref().is_some_and(|other| other != run) {
            self.end_line()?;
        }
        self.writing = (!bytes.ends_with(b"\n")).then(|| Arc::clone(run));
        self.bytes(bytes)
    }

    /// End a line that has no end.
    pub fn end_line(&mut self) -> io::Result<()> {
        self.writing.take().map_or(Ok(()), |_| self.bytes(b"\n"))
    }

    /// End a line that has no end where people see it beside the lines for them.
    pub fn make_room(&mut self) -> io::Result<()> {
        if self.writing.is_some() && io::stdout().is_terminal() { self.end_line() } else { Ok(()) }
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
