//! The logs when the Job is over: every line that can still be had.

use super::Observer;
use crate::cluster::Submitted;
use crate::cluster::watches::pods_of;
use crate::event::{Event, Gap};
use crate::outcome::Observation;
use k8s_openapi::api::core::v1::Pod;
use kube::Api;
use kube::api::ListParams;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout, timeout_at};

/// The time without a line after which the logs of containers are given up once the Job is over: of
/// those that ended, and of those that run on.
const LAST_LINES: [Duration; 2] = [Duration::from_secs(120), Duration::from_secs(10)];
/// Pods of a deleted Job may take their grace period to end: that is not waited for.
const AFTER_DELETION: Duration = Duration::from_millis(500);
/// The longest time in which lines of a deleted Job are told.
const LONGEST_AFTER_DELETION: Duration = Duration::from_secs(3);
/// The attempts to list the Pods of a Job that is over, and the pause after the first.
const LISTINGS: u32 = 6;
const LISTING: Duration = Duration::from_millis(200);

impl<F: FnMut(Event)> Observer<'_, F> {
    /// Emit the lines that are still in flight, also of Pods that ended before they were seen.
    pub(super) async fn last_lines(
        &mut self,
        submitted: &Submitted,
        received: &mut mpsc::Receiver<Event>,
        is_deleted: bool,
    ) {
        self.list_pods(submitted).await;
        let end = is_deleted.then(|| Instant::now() + LONGEST_AFTER_DELETION);
        loop {
            let is_owed = self.followers.unfinished().any(|(_, is_over)| is_over);
            let quiet = LAST_LINES[usize::from(!is_owed)];
            let quiet = Instant::now() + if is_deleted { AFTER_DELETION } else { quiet };
            tokio::select! {
                biased;
                line = timeout_at(end.map_or(quiet, |end| quiet.min(end)), received.recv()) => match line {
                    Ok(Some(line)) => self.line(line),
                    Ok(None) | Err(_) => break,
                },
                is_more = self.followers.join_next() => if !is_more { break },
            }
        }
        while let Ok(line) = received.try_recv() {
            self.line(line);
        }
        let unfinished: Vec<_> =
            self.followers.unfinished().map(|(run, is_over)| (Arc::clone(run), is_over)).collect();
        for (run, is_over) in unfinished {
            let why = match is_over {
                true => "it did not come in time",
                false => "the container runs on after the end of the Job",
            };
            let gap = Gap { after: None, before: None, lasting: None, why: why.into() };
            self.line(Event::LogGap { run, gap });
        }
    }

    /// Look at all Pods once more: a Pod may be quicker than any watch.
    async fn list_pods(&mut self, submitted: &Submitted) {
        let api: Api<Pod> = Api::namespaced(self.client.clone(), submitted.namespace());
        let params = ListParams::default().labels(&pods_of(submitted));
        for attempt in 0..LISTINGS {
            if let Ok(Ok(pods)) = timeout(LAST_LINES[1], api.list(&params)).await {
                let name = |pod: &Pod| pod.metadata.name.clone().unwrap_or_default();
                let mut gone: Vec<_> =
                    self.followers.unfinished().map(|(run, _)| run.pod.clone()).collect();
                gone.retain(|gone| !pods.items.iter().any(|pod| name(pod) == *gone));
                gone.iter().for_each(|pod| self.end_pod(pod));
                for pod in &pods.items {
                    let facts = self.pod(pod);
                    self.judge.observe(Observation::Pod(facts));
                }
                return;
            }
            sleep(LISTING * 2u32.pow(attempt)).await;
        }
        (self.emit)(Event::Warning(
            "the Pods of the Job cannot be listed: lines of Pods that were never seen are missing"
                .into(),
        ));
    }
}
