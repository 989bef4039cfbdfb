//! What a run took, and where its outputs are, for people and for programs.

use super::finished::detail;
use super::phases::{Phase, Summary, spoken};
use crate::job::Place;
use serde_json::{Map, Value, json};

/// The lines at the end of a run, with the command that brings its outputs, if they need it.
pub fn lines(summary: Option<&Summary>, outputs: &[Place], fetch: Option<&str>) -> Vec<String> {
    let Some(Summary { total, phases, tries }) = summary.filter(|summary| summary.tries > 0) else {
        return Vec::new();
    };
    let phases = phases.iter().map(|(phase, time)| format!("{} {}", phase.done(), spoken(*time)));
    let phases = phases.collect::<Vec<_>>().join(", ");
    let tries = if *tries == 1 { String::new() } else { format!("; {tries} tries") };
    let time = format!("{:<9} {}: {phases}{tries}", "time", spoken(*total));
    let fetch = fetch.filter(|_| !outputs.is_empty()).map(|command| detail("fetch it", command));
    let outputs = outputs.iter().map(|Place { parameter, claim, path }| {
        let path = if path.is_empty() { "the whole of it".into() } else { format!("`{path}`") };
        format!("{:<9} {parameter}: {path} on claim `{claim}`", "output")
    });
    std::iter::once(time).chain(outputs).chain(fetch).collect()
}

/// The same as fields of an event.
pub fn fields(summary: &Summary) -> Value {
    let Summary { total, phases, tries } = summary;
    let seconds = |(phase, time): &(Phase, _)| {
        let time: &std::time::Duration = time;
        (phase.done().to_owned(), json!(time.as_secs_f64()))
    };
    let phases: Map<String, Value> = phases.iter().map(seconds).collect();
    json!({"seconds": total.as_secs_f64(), "phases": phases, "tries": tries})
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn the_end_says_what_it_took_and_where_it_is() {
        let phases = vec![
            (Phase::Scheduled, Duration::from_millis(200)),
            (Phase::Ran, Duration::from_secs(75)),
        ];
        let summary = Summary { total: Duration::from_secs(80), phases, tries: 2 };
        let output = |path: &str| Place {
            parameter: "model".into(),
            claim: "results".into(),
            path: path.into(),
        };
        let told = [
            "time      1 min 20 s: scheduled 0.2 s, ran 1 min 15 s; 2 tries",
            "output    model: `team/model` on claim `results`",
            "output    model: the whole of it on claim `results`",
            "          fetch it:  mlcube-k8s fetch j",
        ];
        let fetch = Some("mlcube-k8s fetch j");
        assert_eq!(lines(Some(&summary), &[output("team/model"), output("")], fetch), told);
        assert_eq!(lines(Some(&summary), &[output("team/model"), output("")], None), told[..3]);
        assert_eq!(lines(Some(&summary), &[], fetch), told[..1]);
        let untried = Summary { tries: 0, ..summary.clone() };
        assert_eq!(lines(Some(&untried), &[output("")], fetch), [""; 0]);
        assert_eq!(lines(None, &[output("")], fetch), [""; 0]);
        let fields = fields(&summary);
        let expected = json!({
            "seconds": 80.0, "phases": {"scheduled": 0.2, "ran": 75.0}, "tries": 2,
        });
        assert_eq!(fields, expected);
    }
}
