//! When a run went from one phase to the next, as the objects of the cluster tell it: they know it of
//! the time before anybody watched, too.

use crate::cluster::facts::{self, Seen};
use crate::event::{History, Moment};
use crate::outcome::Part;
use jiff::Timestamp;
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::Pod;

/// What a Job tells: its creation, the last change of its suspension, its end.
pub fn of_job(history: &mut History, job: &Job) {
    let created = job.metadata.creation_timestamp.as_ref().map(|time| time.0);
    history.created = created.or(history.created);
    let conditions = job.status.iter().flat_map(|status| status.conditions.iter().flatten());
    for condition in conditions {
        let Some(at) = condition.last_transition_time.as_ref().map(|time| time.0) else { continue };
        match (condition.type_.as_str(), condition.status == "True") {
            ("Complete" | "Failed", true) => history.ended = Some(at),
            ("Suspended", true) => add(history, at, Moment::Suspended),
            ("Suspended", false) => {
                let is_known = history.moments.iter().any(|(_, one)| *one == Moment::Suspended);
                // Nothing tells since when it was: most are created so.
                if let Some(created) = history.created.filter(|_| !is_known) {
                    add(history, created, Moment::Suspended);
                }
                add(history, at, Moment::Resumed);
            }
            _ => {}
        }
    }
}

/// What a Pod tells: when it got its node, and the last two runs of its main container.
pub fn of_pod(history: &mut History, pod: &Pod) {
    let status = pod.status.as_ref();
    let conditions = status.and_then(|status| status.conditions.as_ref()).into_iter().flatten();
    let scheduled = conditions
        .filter(|one| one.type_ == "PodScheduled" && one.status == "True")
        .filter_map(|one| one.last_transition_time.as_ref());
    scheduled.for_each(|at| add(history, at.0, Moment::Scheduled));
    let name = pod.metadata.name.clone().unwrap_or_default();
    let is_main = |seen: &Seen| facts::part(pod, &seen.container) == Part::Main;
    for Seen { container, restart, started, ended, .. } in
        facts::runs(pod).into_iter().filter(is_main)
    {
        let (pod, again) = (name.clone(), container.clone());
        // One that could not be started has a time of its end alone.
        let started = started.filter(|time| *time > Timestamp::UNIX_EPOCH).or(ended);
        if let Some(at) = started {
            add(history, at, Moment::Started { pod: pod.clone(), container, restart });
        }
        if let Some(at) = ended {
            add(history, at, Moment::Ended { pod, container: again });
        }
    }
}

fn add(history: &mut History, at: Timestamp, moment: Moment) {
    history.moments.insert((at, moment));
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn at(second: u32) -> String {
        format!("2026-01-01T00:00:{second:02}Z")
    }

    /// What is known, each by its second.
    fn told(history: &History) -> Vec<String> {
        let second = |time: &Timestamp| time.to_string()[17..19].to_owned();
        let moments = history.moments.iter().map(|(time, moment)| {
            let what = match moment {
                Moment::Suspended => "suspended".into(),
                Moment::Resumed => "resumed".into(),
                Moment::Scheduled => "scheduled".into(),
                Moment::Started { container, restart, .. } => format!("{container} {restart}"),
                Moment::Ended { container, .. } => format!("{container} ended"),
            };
            format!("{} {what}", second(time))
        });
        moments.chain(history.ended.iter().map(|time| format!("{} over", second(time)))).collect()
    }

    #[test]
    fn a_job_tells_its_queue_and_its_end() {
        let condition = |kind: &str, status: &str, second| json!({"type": kind, "status": status, "lastTransitionTime": at(second)});
        let rows = [
            (vec![], vec![]),
            (vec![condition("Suspended", "True", 2)], vec!["02 suspended"]),
            (vec![condition("Suspended", "False", 9)], vec!["01 suspended", "09 resumed"]),
            (
                vec![condition("SuccessCriteriaMet", "True", 8), condition("Complete", "True", 9)],
                vec!["09 over"],
            ),
            (vec![condition("Failed", "False", 7)], vec![]),
            (vec![condition("Failed", "True", 7)], vec!["07 over"]),
        ];
        for (conditions, expected) in rows {
            let json = json!({
                "metadata": {"creationTimestamp": at(1)}, "status": {"conditions": conditions},
            });
            let job = serde_json::from_value(json).expect("a Job");
            let mut history = History::default();
            of_job(&mut history, &job);
            of_job(&mut history, &job);
            assert_eq!(told(&history), expected);
        }
    }

    /// A Pod whose main container was restarted, and one that could not be started.
    #[test]
    fn a_pod_tells_its_node_and_the_runs_of_its_task() {
        let end = |started: &str, ended| json!({"terminated": {"exitCode": 1, "startedAt": started, "finishedAt": at(ended)}});
        let rows = [
            (
                1,
                json!({"running": {"startedAt": at(30)}}),
                end(&at(3), 20),
                vec!["02 scheduled", "03 main 0", "20 main ended", "30 main 1"],
            ),
            (
                0,
                end("1970-01-01T00:00:00Z", 4),
                json!({}),
                vec!["02 scheduled", "04 main 0", "04 main ended"],
            ),
            (
                0,
                json!({"waiting": {"reason": "ImagePullBackOff"}}),
                json!({}),
                vec!["02 scheduled"],
            ),
        ];
        for (count, state, last, expected) in rows {
            let status = |name: &str, state: &_, last: &_| json!({"name": name, "image": "", "imageID": "", "ready": false, "restartCount": count, "state": state, "lastState": last});
            let json = json!({
                "metadata": {"name": "p"},
                "spec": {"containers": [{"name": "main"}, {"name": "beside"}]},
                "status": {
                    "conditions": [{"type": "PodScheduled", "status": "True", "lastTransitionTime": at(2)}],
                    "containerStatuses": [status("main", &state, &last), status("beside", &end(&at(5), 6), &json!({}))],
                },
            });
            let pod = serde_json::from_value(json).expect("a Pod");
            let mut history = History::default();
            of_pod(&mut history, &pod);
            assert_eq!(told(&history), expected);
        }
    }
}
