//! `log`: lines for the people who read the review.

use crate::job::LogLevel;
use crate::policy::guest::bindings::log::{Host, Level};
use crate::policy::guest::evaluation::Evaluation;

impl Host for Evaluation {
    fn write(&mut self, level: Level, message: String) -> wasmtime::Result<()> {
        let level = match level {
            Level::Debug => LogLevel::Debug,
            Level::Info => LogLevel::Info,
            Level::Warn => LogLevel::Warn,
        };
        self.write_line(level, &message, 0)
    }
}
