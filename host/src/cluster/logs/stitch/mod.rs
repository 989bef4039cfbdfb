//! One log out of several responses. Each line of a response begins with its time; a log that broke
//! off is asked for again from the second of its last line, and what was told already is passed
//! over. Nothing here reads a clock or waits.

#[cfg(test)]
mod tests;

use crate::event::Piece;
use jiff::{SignedDuration, Timestamp};

/// The longest time before a line: `2026-11-26T08:59:15.123456789+00:00`.
const LONGEST_STAMP: usize = 35;
/// The most that is kept of a server's own words.
const LONGEST_MESSAGE: usize = 1 << 10;

/// Puts a log together.
#[derive(Debug, Default)]
pub struct Stitcher {
    /// Whether the times of lines are kept.
    keeps_times: bool,
    /// The line that was told last, wholly or in part.
    place: Option<Place>,
    /// The latest time of any line told: clocks are set back at times.
    latest: Option<Timestamp>,
    at: At,
    /// Whether the place is still to be found in this response, and how many lines with its time
    /// have been seen there.
    seeking: Option<u64>,
    /// How many bytes are to be passed over before the next is told.
    skip: u64,
    told: u64,
    message: Vec<u8>,
}

/// The end of what was told.
#[derive(Clone, Copy, Debug)]
struct Place {
    /// The time of the line.
    stamp: Timestamp,
    /// Which of the lines with this time it is, from one.
    nth: u64,
    /// How much of it was told, its end among it.
    bytes: u64,
}

/// The place in the response.
#[derive(Debug)]
enum At {
    /// In the time before a line: what came of it.
    Stamp(Vec<u8>),
    /// In a line.
    Text,
    /// In a line without a time: the rest of a long line from before, or words of the server.
    Foreign,
}

impl Default for At {
    fn default() -> Self {
        Self::Stamp(Vec::new())
    }
}

/// The time between two lines that is worth a look: a kubelet that removes lines which were not read
/// removes seconds of them.
pub const APART: SignedDuration = SignedDuration::from_secs(2);

/// A place between two lines where lines may be missing.
#[derive(Debug, PartialEq)]
pub struct Between {
    /// The time of the line before it.
    pub after: Timestamp,
    /// The time of the line behind it.
    pub before: Timestamp,
    /// Whether lines are missing for certain or almost: what was told is no longer there. Else the
    /// two lines are only far apart in time.
    pub is_lost: bool,
}

impl Stitcher {
    /// Nothing yet.
    pub fn new(keeps_times: bool) -> Self {
        Self { keeps_times, ..Self::default() }
    }

    /// The time from which the log is to be asked for, in whole seconds as the API server has it;
    /// none for all of it.
    pub fn since(&self) -> Option<Timestamp> {
        let second = self.place?.stamp.as_second();
        Some(Timestamp::from_second(second).expect("a part of a time is a time"))
    }

    /// The time of the line told last.
    pub fn last(&self) -> Option<Timestamp> {
        self.place.map(|place| place.stamp)
    }

    /// The number of bytes told.
    pub fn told(&self) -> u64 {
        self.told
    }

    /// Begin a response, asked for from `since` on.
    pub fn begin(&mut self) {
        self.at = At::default();
        self.seeking = self.place.map(|_| 0);
        self.skip = 0;
        self.message.clear();
    }

    /// Take bytes of the response, and append to `out` what is new in them: all, or those before a
    /// place where lines may be missing.
    pub fn push(&mut self, input: &mut &[u8], out: &mut Piece) -> Option<Between> {
        while !input.is_empty() {
            let bytes = *input;
            match &mut self.at {
                At::Stamp(stamp) => {
                    let end = bytes.iter().position(|byte| matches!(byte, b' ' | b'\n'));
                    let taken = end.unwrap_or(bytes.len()).min(LONGEST_STAMP + 1 - stamp.len());
                    stamp.extend_from_slice(&bytes[..taken]);
                    *input = &bytes[taken..];
                    if stamp.len() <= LONGEST_STAMP && input.is_empty() {
                        return None;
                    }
                    let stamp = std::mem::take(stamp);
                    match time(&stamp).zip(input.strip_prefix(b" ")) {
                        Some((stamp, text)) => {
                            (*input, self.at) = (text, At::Text);
                            if let Some(between) = self.line(stamp) {
                                return Some(between);
                            }
                        }
                        None => (self.message, self.at) = (stamp, At::Foreign),
                    }
                }
                At::Text => {
                    let (text, rest) = bytes.split_at(line_end(bytes).unwrap_or(bytes.len()));
                    *input = rest;
                    self.text(text, out);
                    if text.ends_with(b"\n") {
                        (self.at, self.skip) = (At::default(), 0);
                    }
                }
                At::Foreign => {
                    let (text, rest) = bytes.split_at(line_end(bytes).unwrap_or(bytes.len()));
                    *input = rest;
                    let room = LONGEST_MESSAGE.saturating_sub(self.message.len()).min(text.len());
                    self.message.extend_from_slice(&text[..room]);
                    if text.ends_with(b"\n") {
                        self.at = At::default();
                    }
                }
            }
        }
        None
    }

    /// Whether what was told last has been found in this response, so that nothing is missing
    /// between that and what this response tells.
    pub fn is_joined(&self) -> bool {
        self.seeking.is_none()
    }

    /// The words of the server with which the response ends in place of lines: a kubelet that
    /// cannot read a log says so where the log should be.
    pub fn message(&self) -> Option<String> {
        let text = match &self.at {
            At::Stamp(text) if !text.iter().all(|byte| b"0123456789-:.+TZ".contains(byte)) => text,
            _ => &self.message,
        };
        Some(String::from_utf8_lossy(text).trim().to_owned()).filter(|text| !text.is_empty())
    }

    /// A line begins.
    fn line(&mut self, stamp: Timestamp) -> Option<Between> {
        self.message.clear();
        let mut is_lost = false;
        if let (Some(seen), Some(place)) = (&mut self.seeking, self.place) {
            if stamp == place.stamp {
                *seen += 1;
                let is_found = *seen == place.nth;
                self.skip = if is_found { place.bytes } else { u64::MAX };
                self.seeking = self.seeking.filter(|_| !is_found);
                return None;
            }
            if self.latest.is_some_and(|latest| stamp <= latest) {
                self.skip = u64::MAX;
                return None;
            }
            (self.seeking, is_lost) = (None, true);
        }
        let before = self.place;
        let nth = before.filter(|place| place.stamp == stamp).map_or(1, |place| place.nth + 1);
        self.place = Some(Place { stamp, nth, bytes: 0 });
        self.latest = self.latest.max(Some(stamp));
        let between = Between { after: before?.stamp, before: stamp, is_lost };
        Some(between).filter(|found| is_lost || found.before.duration_since(found.after) >= APART)
    }

    /// The next bytes of a line.
    fn text(&mut self, text: &[u8], out: &mut Piece) {
        let passed = usize::try_from(self.skip).map_or(text.len(), |skip| skip.min(text.len()));
        self.skip -= passed as u64;
        let new = &text[passed..];
        self.told += new.len() as u64;
        if let Some(place) = &mut self.place {
            if self.keeps_times && place.bytes == 0 && !new.is_empty() {
                out.times.push((out.bytes.len(), place.stamp));
            }
            place.bytes += new.len() as u64;
        }
        out.bytes.extend_from_slice(new);
    }
}

/// The number of bytes up to the end of the line, and with it.
fn line_end(bytes: &[u8]) -> Option<usize> {
    bytes.iter().position(|byte| *byte == b'\n').map(|end| end + 1)
}

/// The time before a line.
pub fn time(stamp: &[u8]) -> Option<Timestamp> {
    std::str::from_utf8(stamp).ok()?.parse().ok()
}
