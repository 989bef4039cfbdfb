//! The file of a log that a kubelet reads. When a container writes faster than its log is read, a
//! kubelet passes over whole files, and the response says nothing of it: two lines come at once,
//! and are far apart in time. What lies in one file is whole.

use super::source::Source;
use super::stitch::{Between, time};
use futures::AsyncReadExt;
use jiff::Timestamp;
use kube::api::LogParams;
use std::pin::pin;

/// More than the time before a line.
const BEGINNING: i64 = 64;

/// The times of the first and the last line of a file, as far as they are known.
#[derive(Clone, Copy, Debug, Default)]
pub struct File(Option<(Timestamp, Timestamp)>);

impl File {
    /// Look at the file that the kubelet reads now.
    pub async fn look(source: &Source, previous: bool) -> Self {
        let first = LogParams { limit_bytes: Some(BEGINNING), ..LogParams::default() };
        let last = LogParams { tail_lines: Some(1), ..LogParams::default() };
        // Without both nothing is known.
        let first = first_time(source, first, previous).await;
        Self(first.zip(first_time(source, last, previous).await))
    }

    /// Whether it is known, and holds both lines.
    pub fn holds(&self, between: &Between) -> Option<bool> {
        self.0.map(|(first, last)| first <= between.after && between.before <= last)
    }
}

/// The time of the first line of a response.
async fn first_time(source: &Source, part: LogParams, previous: bool) -> Option<Timestamp> {
    let mut beginning = Vec::new();
    let stream = source.get(part, previous).await.ok()?;
    pin!(stream).take(BEGINNING.unsigned_abs()).read_to_end(&mut beginning).await.ok()?;
    time(beginning.split(|byte| *byte == b' ').next()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_one_file_have_nothing_between_them() {
        let at = |second| Timestamp::from_second(second).expect("a time");
        let file = File(Some((at(10), at(20))));
        let rows = [
            ("both in it", file, 10, 20, Some(true)),
            ("the first of the file follows", file, 9, 10, Some(false)),
            ("a later file", file, 19, 21, Some(false)),
            ("no file was seen", File::default(), 10, 20, None),
        ];
        for (name, file, after, before, expected) in rows {
            let between = Between { after: at(after), before: at(before), is_lost: false };
            assert_eq!(file.holds(&between), expected, "{name}");
        }
    }
}
