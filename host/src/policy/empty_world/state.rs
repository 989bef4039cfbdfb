//! What the empty world keeps of one call: the lines that the guest began to write, its last words, the random numbers.
//! Each is bounded: a line is kept as far as the log would show it.

use crate::job::LogLevel;
use crate::policy::Limit;
use crate::policy::evaluation::Evaluation;
use crate::text::clean;
use std::collections::VecDeque;

/// How many lines count as last words: a place, what went wrong there, and a remark.
const LAST_WORDS: usize = 3;

/// The state of the empty world in one call.
#[derive(Default)]
pub struct State {
    out: Vec<u8>,
    err: Vec<u8>,
    last_words: VecDeque<String>,
    drawn: u64,
}

/// Where a guest can write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// What it has to say.
    Out,
    /// What it complains of.
    Err,
}

impl Stream {
    /// The number that its handle carries. Other handles carry 0.
    pub fn number(self) -> u32 {
        match self {
            Self::Out => 1,
            Self::Err => 2,
        }
    }

    /// The stream of a handle.
    pub fn numbered(number: u32) -> Option<Self> {
        [Self::Out, Self::Err].into_iter().find(|stream| stream.number() == number)
    }
}

impl State {
    /// The next random number (SplitMix64 from the same seed in every call).
    pub fn draw(&mut self) -> u64 {
        self.drawn = self.drawn.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.drawn ^ (self.drawn >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn unfinished(&mut self, stream: Stream) -> &mut Vec<u8> {
        match stream {
            Stream::Out => &mut self.out,
            Stream::Err => &mut self.err,
        }
    }
}

impl Evaluation {
    /// Take what the guest writes to a stream; each line becomes one of the log.
    pub fn hear(&mut self, stream: Stream, bytes: impl Iterator<Item = u8>) -> wasmtime::Result<()> {
        for byte in bytes {
            let line = self.wasi.unfinished(stream);
            match byte {
                b'\n' => self.end_line(stream)?,
                // One byte more than is shown: the log marks the cut.
                byte if line.len() <= self.limits.count(Limit::Text) => line.push(byte),
                _ => {}
            }
        }
        Ok(())
    }

    /// The guest will write no more.
    pub fn end_output(&mut self) -> wasmtime::Result<()> {
        for stream in [Stream::Out, Stream::Err] {
            if !self.wasi.unfinished(stream).is_empty() {
                self.end_line(stream)?;
            }
        }
        Ok(())
    }

    /// The last lines that the guest complained with, where there are any.
    pub fn last_words(&self) -> Option<String> {
        let unfinished = String::from_utf8_lossy(&self.wasi.err);
        let lines = self.wasi.last_words.iter().map(String::as_str).chain([&*unfinished]);
        let words: Vec<_> = lines.map(str::trim).filter(|line| !line.is_empty()).collect();
        (!words.is_empty()).then(|| clean(&words.join(" / "), self.limits.count(Limit::Text)))
    }

    fn end_line(&mut self, stream: Stream) -> wasmtime::Result<()> {
        let line = std::mem::take(self.wasi.unfinished(stream));
        let line = String::from_utf8_lossy(&line);
        if stream == Stream::Err {
            let last_words = &mut self.wasi.last_words;
            last_words.push_back(line.clone().into_owned());
            last_words.drain(..last_words.len().saturating_sub(LAST_WORDS));
        }
        self.write_line(LogLevel::Debug, &line)
    }
}
