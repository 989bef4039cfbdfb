//! What `plan` prints: every check of a run before it is submitted, as a table or as JSON.

use crate::cluster::{Check, CheckResult, Preflight};
use serde_json::{Value, json};

/// A line for each check; what may go wrong has its remedy below.
pub fn table(report: &Preflight) -> String {
    let mut lines = format!("namespace `{}`\n", report.namespace);
    for check in &report.checks {
        let (word, message, hint, command) = parts(check);
        let task = check.task.as_ref().map(|task| format!("task `{task}`: ")).unwrap_or_default();
        lines.push_str(&format!("{word:<9} {:<10} {task}{message}\n", check.name));
        let more = hint.map(|hint| format!("hint: {hint}")).into_iter().chain(command);
        more.for_each(|more| lines.push_str(&format!("{:<20} {more}\n", "")));
    }
    let verdict = if report.is_passed() { "it can be submitted" } else { "it would be refused" };
    lines.push_str(verdict);
    lines.push('\n');
    lines
}

/// The same as one object.
pub fn json(report: &Preflight) -> Value {
    let check = |check: &Check| {
        let (result, message, hint, command) = parts(check);
        json!({
            "check": check.name, "task": check.task, "result": result, "message": message,
            "hint": hint, "command": command,
        })
    };
    json!({
        "namespace": report.namespace,
        "result": if report.is_passed() { "ok" } else { "refused" },
        "checks": report.checks.iter().map(check).collect::<Vec<_>>(),
    })
}

/// The result in a word, its sentence, the remedy and a command.
fn parts(check: &Check) -> (&'static str, String, Option<String>, Option<String>) {
    match &check.result {
        CheckResult::Fine(what) => ("ok", what.clone(), None, None),
        CheckResult::Planned(claim) => {
            let what = format!("`{}` would be created: {}", claim.name, claim.details());
            ("ok", what, None, None)
        }
        CheckResult::Open(what) => ("unknown", what.clone(), None, None),
        CheckResult::Warning { message, hint, command } => {
            ("warning", message.clone(), Some(hint.clone()), command.clone())
        }
        CheckResult::Refused(error) => {
            ("refused", error.to_string(), error.remedy(), error.command())
        }
    }
}
