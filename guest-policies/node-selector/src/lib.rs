//! Sends the Pods of a task to nodes with the labels that the platform team set for it.

use mlcube_policy::{
    Description, Policy, Rejection, Verdict, escape, job, scheduling, setting_for_task, settings,
    task,
};

struct NodeSelector;

impl Policy for NodeSelector {
    fn describe() -> Description {
        Description {
            name: "node-selector",
            version: env!("CARGO_PKG_VERSION"),
            summary: "Sends each task to nodes with the labels set for it.",
            settings_schema: include_str!("../settings.schema.json"),
        }
    }

    fn review() -> Result<Verdict, Rejection> {
        let Some(pointer) = setting_for_task("/tasks") else { return Ok(Verdict::Admit) };
        for label in settings::keys(&pointer) {
            let wanted =
                settings::text(&format!("{pointer}/{}", escape(&label))).unwrap_or_default();
            if let Some(asked) = job::node_label(&label).filter(|asked| *asked != wanted) {
                match settings::text("/on-conflict").as_deref() {
                    Some("keep") => continue,
                    Some("replace") => {}
                    _ => return Err(conflict(&label, &asked, &wanted)),
                }
            }
            scheduling::require_node_label(&label, &wanted, &reason())?;
        }
        Ok(Verdict::Admit)
    }
}

fn reason() -> String {
    format!("task `{}` belongs on these nodes", task::name())
}

fn conflict(label: &str, asked: &str, wanted: &str) -> Rejection {
    Rejection::new(format!(
        "the Job asks for nodes with `{label}={asked}`, its task belongs on `{label}={wanted}`"
    ))
    .remedy(format!("remove `{label}` from the Job's node selector"))
}

mlcube_policy::export!(NodeSelector);
