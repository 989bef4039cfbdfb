//! What a container wrote, in pieces that are fit to be told: whole lines if they come soon, else
//! what there is of a line, never torn within a character.

use crate::event::Piece;

/// The most of one line that is kept while its end is awaited.
const LONGEST: usize = 256 << 10;

/// Bytes that were not told yet.
#[derive(Debug, Default)]
pub struct Pieces {
    held: Piece,
}

impl Pieces {
    /// Where the next bytes are appended.
    pub fn room(&mut self) -> &mut Piece {
        &mut self.held
    }

    /// Whether there is a part of a line.
    pub fn is_empty(&self) -> bool {
        self.held.bytes.is_empty()
    }

    /// The whole lines, and more if a line is very long.
    pub fn lines(&mut self) -> Option<Piece> {
        let bytes = &self.held.bytes;
        let end = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        if bytes.len() - end >= LONGEST { self.part() } else { self.first(end) }
    }

    /// All there is, but for the beginning of a character.
    pub fn part(&mut self) -> Option<Piece> {
        let begun = begun_character(&self.held.bytes);
        self.first(self.held.bytes.len() - begun)
    }

    /// All there is.
    pub fn all(&mut self) -> Option<Piece> {
        self.first(self.held.bytes.len())
    }

    fn first(&mut self, count: usize) -> Option<Piece> {
        let Piece { bytes, times } = &mut self.held;
        let mut rest = Piece { bytes: bytes.split_off(count), times: Vec::new() };
        let begun = times.partition_point(|(at, _)| *at < count);
        rest.times.extend(times.drain(begun..).map(|(at, time)| (at - count, time)));
        let first = std::mem::replace(&mut self.held, rest);
        Some(first).filter(|first| !first.bytes.is_empty())
    }
}

/// The number of bytes at the end that may be the beginning of a character in UTF-8.
fn begun_character(bytes: &[u8]) -> usize {
    let last = &bytes[bytes.len().saturating_sub(3)..];
    let from = (0..last.len()).find(|from| {
        let part = std::str::from_utf8(&last[*from..]);
        part.is_err_and(|error| error.valid_up_to() == 0 && error.error_len().is_none())
    });
    from.map_or(0, |from| last.len() - from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    /// What is told of some bytes at once, after a pause, and at the end.
    fn told(text: &[u8]) -> [Vec<u8>; 3] {
        let mut pieces = Pieces::default();
        pieces.room().bytes.extend_from_slice(text);
        [pieces.lines(), pieces.part(), pieces.all()].map(|piece| piece.unwrap_or_default().bytes)
    }

    #[test]
    fn lines_come_whole_and_parts_after_a_pause() {
        let rows: [(&[u8], [&[u8]; 3]); 9] = [
            (b"", [b"", b"", b""]),
            (b"one\ntwo\n", [b"one\ntwo\n", b"", b""]),
            (b"one\nhalf", [b"one\n", b"half", b""]),
            (b"10 %\r20 %\r", [b"", b"10 %\r20 %\r", b""]),
            (b"a\xe2\x82", [b"", b"a", b"\xe2\x82"]),
            (b"a\xe2\x82\xac", [b"", b"a\xe2\x82\xac", b""]),
            (b"a\xf0\x9f\x98", [b"", b"a", b"\xf0\x9f\x98"]),
            (b"\xff\xfe", [b"", b"\xff\xfe", b""]),
            (b"\xc3", [b"", b"", b"\xc3"]),
        ];
        for (text, expected) in rows {
            assert_eq!(told(text), expected, "{text:?}");
        }
    }

    #[test]
    fn each_line_keeps_its_time() {
        let time = |second| Timestamp::from_second(second).expect("a time");
        let mut pieces = Pieces::default();
        *pieces.room() = Piece {
            bytes: b"one\ntwo\nhalf".to_vec(),
            times: vec![(0, time(1)), (4, time(2)), (8, time(3))],
        };
        let times = |piece: Option<Piece>| piece.expect("a piece").times;
        assert_eq!(times(pieces.lines()), [(0, time(1)), (4, time(2))]);
        assert_eq!(times(pieces.part()), [(0, time(3))]);
        pieces.room().bytes.extend(b" of it");
        assert_eq!(times(pieces.all()), []);
    }

    #[test]
    fn a_line_without_an_end_does_not_grow() {
        let mut long = b"first\n".to_vec();
        long.extend(std::iter::repeat_n("ä".as_bytes(), LONGEST / 2).flatten());
        let mut torn = long.clone();
        torn.push("ä".as_bytes()[0]);
        assert_eq!(told(&long), [long, vec![], vec![]]);
        assert_eq!(told(&torn)[0].len(), torn.len() - 1);
        assert_eq!(told(&torn)[2].len(), 1);
    }
}
