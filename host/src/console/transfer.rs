//! How far the carrying of data is, for people and for programs.

use super::phases::spoken;
use crate::event::{Amount, Event, Transfer, Way};
use crate::text::bytes;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// The time between two lines, where each stays.
const PAUSE: Duration = Duration::from_secs(10);
/// The same for programs.
const PAUSE_JSON: Duration = Duration::from_secs(1);

/// When it was told how far it is.
#[derive(Default)]
pub struct Pace(Option<Instant>);

impl Pace {
    /// Whether an event is to be told now. On a line that the next one replaces, always.
    pub fn allows(&mut self, event: &Event, is_json: bool, is_live: bool) -> bool {
        let now = Instant::now();
        match event {
            Event::Transfer(Transfer::Begun { .. }) => self.0 = Some(now),
            Event::Transfer(Transfer::Progress { .. }) if is_json || !is_live => {
                let pause = if is_json { PAUSE_JSON } else { PAUSE };
                if self.0.is_some_and(|last| now.duration_since(last) < pause) {
                    return false;
                }
                self.0 = Some(now);
            }
            _ => {}
        }
        true
    }
}

/// The line for people.
pub fn line(transfer: &Transfer) -> String {
    let (word, rest) = match transfer {
        Transfer::Waits { claim } => (
            "waiting",
            format!("another run brings data to claim `{claim}`: it goes on once that is done"),
        ),
        Transfer::Begun { way, claim, left, kept } => {
            let there = match (kept, way) {
                (0, _) => String::new(),
                (1, Way::ToClaim) => "; 1 file is there already".into(),
                (_, Way::ToClaim) => format!("; {kept} files are there already"),
                (1, Way::FromClaim) => "; 1 file is here already".into(),
                (_, Way::FromClaim) => format!("; {kept} files are here already"),
            };
            (way.doing(), format!("{} {} claim `{claim}`{there}", amount(*left), way.preposition()))
        }
        Transfer::Progress { way, done, all, took, .. } => (
            way.doing(),
            format!("{} of {}{}", bytes(done.bytes), amount(*all), rate(*done, *all, *took)),
        ),
        Transfer::Broken { claim, why, gives_up_after } => (
            "outage",
            format!(
                "the data of claim `{claim}` does not get on: {why}; it is tried again for {} s",
                gives_up_after.as_secs()
            ),
        ),
        Transfer::Resumed { claim, lasted } => (
            "restored",
            format!("the data of claim `{claim}` gets on again, after {} s", lasted.as_secs()),
        ),
        Transfer::Done { way, claim, done, kept, removed, took } => {
            let removed = match removed {
                0 => String::new(),
                removed => format!("; {removed} removed"),
            };
            let what = match (done.files, kept) {
                (0, 0) => "no files".into(),
                (0, _) => format!("nothing new, {} right already", files(*kept)),
                _ => format!("{} in {}", amount(*done), spoken(*took)),
            };
            (way.done(), format!("{what}, {} claim `{claim}`{removed}", way.preposition()))
        }
    };
    format!("{word:<9} {rest}")
}

/// The object for programs.
pub fn object(transfer: &Transfer) -> Value {
    let moved = |event: &str, way: &Way, claim: &str| json!({"event": event, "direction": way.direction(), "claim": claim});
    match transfer {
        Transfer::Waits { claim } => json!({"event": "claim-locked", "claim": claim}),
        Transfer::Begun { way, claim, left, kept } => super::json::merged(
            moved("transfer", way, claim),
            json!({"files": left.files, "bytes": left.bytes, "unchangedFiles": kept}),
        ),
        Transfer::Progress { way, claim, done, all, took } => super::json::merged(
            moved("transfer-progress", way, claim),
            json!({
                "doneFiles": done.files, "doneBytes": done.bytes,
                "files": all.files, "bytes": all.bytes, "seconds": took.as_secs_f64(),
            }),
        ),
        Transfer::Broken { claim, why, gives_up_after } => json!({
            "event": "transfer-outage", "claim": claim, "message": why,
            "givesUpAfterSeconds": gives_up_after.as_secs_f64(),
        }),
        Transfer::Resumed { claim, lasted } => json!({
            "event": "transfer-restored", "claim": claim, "afterSeconds": lasted.as_secs_f64(),
        }),
        Transfer::Done { way, claim, done, kept, removed, took } => super::json::merged(
            moved("transferred", way, claim),
            json!({
                "files": done.files, "bytes": done.bytes, "unchangedFiles": kept,
                "removedFiles": removed, "seconds": took.as_secs_f64(),
            }),
        ),
    }
}

fn files(count: usize) -> String {
    if count == 1 { "1 file".into() } else { format!("{count} files") }
}

fn amount(Amount { files: count, bytes: size }: Amount) -> String {
    format!("{}, {}", files(count), bytes(size))
}

/// How fast it goes, and how long it will still take.
fn rate(done: Amount, all: Amount, took: Duration) -> String {
    let seconds = took.as_secs_f64();
    if seconds < 0.5 || done.bytes == 0 {
        return String::new();
    }
    #[allow(clippy::cast_precision_loss, reason = "it is a guess")]
    let rate = done.bytes as f64 / seconds;
    #[allow(clippy::cast_precision_loss, reason = "it is a guess")]
    let left = all.bytes.saturating_sub(done.bytes) as f64 / rate;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is a guess")]
    let rate = bytes(rate as u64);
    format!(", {rate}/s, {} left", spoken(Duration::from_secs_f64(left)))
}

impl Way {
    fn doing(self) -> &'static str {
        match self {
            Self::ToClaim => "staging",
            Self::FromClaim => "fetching",
        }
    }

    fn done(self) -> &'static str {
        match self {
            Self::ToClaim => "staged",
            Self::FromClaim => "fetched",
        }
    }

    fn preposition(self) -> &'static str {
        match self {
            Self::ToClaim => "to",
            Self::FromClaim => "from",
        }
    }

    fn direction(self) -> &'static str {
        match self {
            Self::ToClaim => "to-claim",
            Self::FromClaim => "from-claim",
        }
    }
}
