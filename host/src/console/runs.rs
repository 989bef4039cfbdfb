//! Runs, as tables and as JSON.

use super::columns::{aligned, cell};
use crate::cluster::{Run, RunPod};
use crate::event::WayBack;
use jiff::Timestamp;
use serde_json::{Value, json};

/// The runs as a table.
pub fn table(runs: &[Run], now: Timestamp) -> String {
    let heads = ["JOB", "CUBE", "TASK", "STATE", "AGE"].map(str::to_owned).to_vec();
    let row = |run: &Run| {
        let age = run.created.map_or_else(String::new, |created| age(created, now));
        vec![cell(&run.job), cell(&run.cube), cell(&run.task), run.state.name().into(), age]
    };
    let rows: Vec<Vec<String>> = std::iter::once(heads).chain(runs.iter().map(row)).collect();
    let rows: Vec<&[String]> = rows.iter().map(Vec::as_slice).collect();
    aligned(&rows).join("\n")
}

/// A run and its Pods as a table.
pub fn status(run: &Run, pods: &[RunPod], back: &WayBack, now: Timestamp) -> String {
    let at = |time: Option<Timestamp>| time.map(|time| format!("{time} ({} ago)", age(time, now)));
    let reason = run.reason.as_ref().zip(run.message.as_ref());
    let reason = reason.map(|(reason, message)| format!("{reason}: {message}"));
    let is_over = run.state.is_over();
    let rows = [
        ("job", Some(format!("{}/{}", run.namespace, run.job))),
        ("cube", Some(cell(&run.cube))),
        ("task", Some(cell(&run.task))),
        ("state", Some(run.state.name().to_owned())),
        ("reason", reason),
        ("created", at(run.created)),
        ("started", at(run.started)),
        ("ended", at(run.ended)),
    ];
    let pods = pods.iter().map(|RunPod { name, phase, node }| {
        let node = node.as_ref().map_or_else(String::new, |node| format!(" on node {node}"));
        ("pod", Some(format!("{name} {phase}{node}")))
    });
    let ways = [
        ("follow it", Some(back.follow.clone()).filter(|_| !is_over)),
        ("stop it", Some(back.stop.clone()).filter(|_| !is_over)),
        ("logs", Some(back.logs.clone()).filter(|_| is_over)),
        ("remove it", Some(back.remove.clone()).filter(|_| is_over)),
    ];
    let rows = rows.into_iter().chain(pods).chain(ways);
    let rows = rows.filter_map(|(name, value)| Some([name.to_owned(), value?]));
    let rows: Vec<[String; 2]> = rows.collect();
    let rows: Vec<&[String]> = rows.iter().map(|row| &row[..]).collect();
    aligned(&rows).join("\n")
}

/// A run and its Pods as JSON.
pub fn json(run: &Run, pods: &[RunPod]) -> Value {
    let mut value = json!(run);
    value["pods"] = json!(pods);
    value
}

/// An age as kubectl writes it: in its largest unit, or in two while it is young.
fn age(time: Timestamp, now: Timestamp) -> String {
    let seconds = now.duration_since(time).as_secs().max(0);
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match seconds {
        0..120 => format!("{seconds}s"),
        120..600 if seconds % 60 > 0 => format!("{minutes}m{}s", seconds % 60),
        120..7_200 => format!("{minutes}m"),
        7_200..28_800 if minutes % 60 > 0 => format!("{hours}h{}m", minutes % 60),
        7_200..172_800 => format!("{hours}h"),
        _ => format!("{days}d"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_those_of_kubectl() {
        let rows = [
            (-5, "0s"),
            (0, "0s"),
            (119, "119s"),
            (120, "2m"),
            (200, "3m20s"),
            (3_599, "59m"),
            (7_199, "119m"),
            (7_200, "2h"),
            (9_000, "2h30m"),
            (100_000, "27h"),
            (200_000, "2d"),
        ];
        for (seconds, expected) in rows {
            let time = Timestamp::from_second(1_000_000_000).expect("a time");
            let now = Timestamp::from_second(1_000_000_000 + seconds).expect("a time");
            assert_eq!(age(time, now), expected, "{seconds}");
        }
    }
}
