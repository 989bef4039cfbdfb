//! The output of a guest in one call: the unfinished lines and the end of its stderr; and its
//! random numbers. Each is bounded: a line is kept as far as the log would show it.

use std::collections::VecDeque;

/// The lines of stderr that are kept for the error of a call that traps: a place, the error, and a
/// remark.
const TAIL: usize = 3;

/// The state of the WASI stubs in one call.
#[derive(Default)]
pub struct Streams {
    out: Vec<u8>,
    err: Vec<u8>,
    tail: VecDeque<String>,
    drawn: u64,
}

/// An output stream of a guest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Out,
    /// Standard error.
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

impl Streams {
    /// The next random number (SplitMix64 from the same seed in every call).
    pub fn draw(&mut self) -> u64 {
        self.drawn = self.drawn.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.drawn ^ (self.drawn >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Take a byte that the guest writes. A line feed gives the line. Of a long line `longest`
    /// bytes are kept and one more, which shows that it was cut.
    pub fn write(&mut self, stream: Stream, byte: u8, longest: usize) -> Option<String> {
        if byte == b'\n' {
            return Some(self.take(stream));
        }
        let line = self.unfinished(stream);
        if line.len() <= longest {
            line.push(byte);
        }
        None
    }

    /// The unfinished lines: the guest will write no more.
    pub fn finish(&mut self) -> Vec<String> {
        let began = |stream: &Stream| !self.unfinished(*stream).is_empty();
        let mut streams = vec![Stream::Out, Stream::Err];
        streams.retain(began);
        streams.into_iter().map(|stream| self.take(stream)).collect()
    }

    /// The last lines that the guest wrote to stderr, joined; none if there are none.
    pub fn stderr_tail(&self) -> Option<String> {
        let unfinished = String::from_utf8_lossy(&self.err);
        let lines = self.tail.iter().map(String::as_str).chain([&*unfinished]);
        let lines: Vec<_> = lines.map(str::trim).filter(|line| !line.is_empty()).collect();
        if lines.is_empty() { None } else { Some(lines.join(" / ")) }
    }

    fn take(&mut self, stream: Stream) -> String {
        let line = std::mem::take(self.unfinished(stream));
        let line = String::from_utf8_lossy(&line).into_owned();
        if stream == Stream::Err {
            self.tail.push_back(line.clone());
            self.tail.drain(..self.tail.len().saturating_sub(TAIL));
        }
        line
    }

    fn unfinished(&mut self, stream: Stream) -> &mut Vec<u8> {
        match stream {
            Stream::Out => &mut self.out,
            Stream::Err => &mut self.err,
        }
    }
}
