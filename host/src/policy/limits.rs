//! What a policy may use. Every limit is on by default; a review that meets one ends with an error that names it.

use std::fmt;
use std::time::Duration;

/// The bounds of one call into a policy.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Work in the guest, in wasmtime's fuel (about one per instruction). A review by a small Rust policy takes some ten
    /// thousand, by a Python one some hundred thousand: this leaves a factor of a thousand.
    pub fuel: u64,
    /// Wall time, for what fuel does not count: a guest that waits in host calls. A review takes microseconds; a slow
    /// machine under load still ends within this.
    pub wall: Duration,
    /// Linear memory in bytes, all memories together. Python starts with 12 MB.
    pub memory: usize,
    /// Table elements, all tables together. Python's tables have some thousands.
    pub table_elements: usize,
    /// Core instances: a Python component has more than thirty.
    pub instances: usize,
    /// Bytes of native stack.
    pub stack: usize,
    /// Edits in one review. A large Job has some hundred fields.
    pub edits: usize,
    /// Bytes that cross between guest and host in the arguments and results of host calls.
    pub host_call_bytes: usize,
    /// Log lines in one review.
    pub log_lines: usize,
    /// Bytes of one log line or one other text for people; the rest is cut.
    pub text: usize,
    /// Bytes of the file. A Python policy has 18 MB.
    pub module: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            fuel: 100_000_000,
            wall: Duration::from_secs(2),
            memory: 64 << 20,
            table_elements: 100_000,
            instances: 100,
            stack: 512 << 10,
            edits: 1_000,
            host_call_bytes: 16 << 20,
            log_lines: 200,
            text: 2_000,
            module: 64 << 20,
        }
    }
}

/// A limit that was met, with its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exceeded {
    /// Too much work.
    Fuel(u64),
    /// Too much time.
    Wall(Duration),
    /// Too much memory.
    Memory(usize),
    /// Too many table elements.
    TableElements(usize),
    /// Too deep a recursion.
    Stack(usize),
    /// Too many edits.
    Edits(usize),
    /// Too much passed through host calls.
    HostCallBytes(usize),
    /// Too many log lines.
    LogLines(usize),
}

impl fmt::Display for Exceeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fuel(fuel) => write!(f, "fuel limit of {fuel} instructions"),
            Self::Wall(wall) => write!(f, "time limit of {} s", wall.as_secs_f32()),
            Self::Memory(bytes) => write!(f, "memory limit of {} MiB", bytes >> 20),
            Self::TableElements(count) => write!(f, "limit of {count} table elements"),
            Self::Stack(bytes) => write!(f, "stack limit of {} KiB", bytes >> 10),
            Self::Edits(count) => write!(f, "limit of {count} edits"),
            Self::HostCallBytes(bytes) => {
                write!(f, "limit of {} MiB through host calls", bytes >> 20)
            }
            Self::LogLines(count) => write!(f, "limit of {count} log lines"),
        }
    }
}

impl std::error::Error for Exceeded {}
