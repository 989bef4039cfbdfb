//! What keeps a Job from getting on, as lines for people and as JSON.

use super::paint::{Paint, Tone};
use crate::diagnosis::{Diagnosis, Outlook};
use serde_json::{Value, json};

/// The cause, the cluster's own words, and what to do.
pub fn diagnosed(diagnosis: &Diagnosis, paint: Paint) -> Vec<String> {
    let (word, tone) = match diagnosis.cause.outlook() {
        Outlook::Waits => ("waiting", Tone::Warning),
        Outlook::Retries => ("trouble", Tone::Warning),
        Outlook::Stuck => ("stuck", Tone::Removed),
    };
    let first = format!("{} {}", paint.paint(tone, &format!("{word:<9}")), diagnosis.summary);
    let more = |text: String| format!("{:<9} {text}", "");
    let evidence = diagnosis.evidence();
    let evidence = (!evidence.is_empty()).then(|| more(format!("cluster: {evidence}")));
    let mut lines = vec![first];
    lines.extend(evidence);
    lines.push(more(format!("hint: {}", diagnosis.remedy)));
    lines.extend(diagnosis.command.iter().map(|command| more(format!("      {command}"))));
    lines
}

/// The event as JSON.
pub fn object(diagnosis: &Diagnosis) -> Value {
    let Diagnosis { cause, summary, fact, remedy, command } = diagnosis;
    json!({
        "event": "diagnosis", "cause": cause.as_str(), "outlook": cause.outlook(),
        "summary": summary, "object": fact.about,
        "evidence": {"reason": fact.reason, "message": fact.message},
        "remedy": remedy, "command": command,
    })
}
