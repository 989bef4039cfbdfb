//! A policy that asks the cluster what its settings list: `{"ask": [["text", "v1", "ConfigMap",
//! "team", "rules", "/data/pool"]]}`: the function, the version, the kind, the namespace (empty for
//! none), then a name and a pointer, or a label selector. Each answer becomes a log line, a warning
//! with `{"log": "warn"}`; with `{"label": true}` it becomes a label of the Job too, so that the
//! Job depends on the cluster; with `{"insist": true}` a refusal becomes a rejection.

use mlcube_policy::{
    Description, Policy, Refusal, Rejection, Verdict, cluster, log, metadata, settings,
};

struct Looker;

impl Policy for Looker {
    fn describe() -> Description {
        Description {
            name: "looker",
            version: "0.1.0",
            summary: "Asks the cluster what its settings list.",
            settings_schema: r#"{"type": "object", "required": ["ask"]}"#,
        }
    }

    fn validate_settings() -> Result<(), String> {
        match settings::flag("/ask-too-early") {
            Some(true) => {
                answer(0).map(|_| ()).map_err(|Refusal { what, why }| format!("{what}: {why}"))
            }
            _ => Ok(()),
        }
    }

    fn review() -> Result<Verdict, Rejection> {
        let level =
            if settings::text("/log").is_some() { log::Level::Warn } else { log::Level::Info };
        for question in 0..settings::length("/ask") {
            let answer = match answer(question) {
                Ok(answer) => answer,
                Err(Refusal { what, why }) if settings::flag("/insist") != Some(true) => {
                    format!("refused: {what}: {why}")
                }
                Err(refusal) => return Err(refusal.into()),
            };
            log::write(level, &answer);
            if settings::flag("/label") == Some(true) {
                metadata::set_label(&format!("answer-{question}"), &answer, "the cluster says so")?;
            }
        }
        Ok(Verdict::Admit)
    }
}

fn answer(question: u32) -> Result<String, Refusal> {
    let argument =
        |index: u32| settings::text(&format!("/ask/{question}/{index}")).unwrap_or_default();
    let (api_version, kind, last) = (argument(1), argument(2), argument(4));
    let namespace = Some(argument(3)).filter(|name| !name.is_empty());
    let (function, pointer) = (argument(0), argument(5));
    if matches!(function.as_str(), "read" | "text") {
        let object = cluster::ObjectRef { api_version, kind, namespace, name: last };
        let read = if function == "read" { cluster::read } else { cluster::text };
        return Ok(read(&object, &pointer)?.unwrap_or("none".into()));
    }
    let query = cluster::Query { api_version, kind, namespace, labels: last };
    let list = if function == "names" { cluster::names } else { cluster::objects };
    Ok(list(&query)?.join(" "))
}

mlcube_policy::export!(Looker);
