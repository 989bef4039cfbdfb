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
