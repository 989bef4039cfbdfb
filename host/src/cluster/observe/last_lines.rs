//! The logs when the Job is over: every line that can still be had.

use super::Observer;
use crate::cluster::watches::pods_of;
use crate::cluster::{Interrupts, Submitted};
use crate::event::{Event, Gap};
use crate::outcome::Observation;
use k8s_openapi::api::core::v1::Pod;
use kube::Api;
use kube::api::ListParams;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until, timeout};

/// The time without a line after which the logs of containers that ended are given up once the Job
/// is over.
const OWED: Duration = Duration::from_secs(120);
/// The time in which containers that run on after the end of the Job are heard, whatever they write.
const RUNNING_ON: Duration = Duration::from_secs(10);
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
        interrupts: Interrupts,
    ) {
        let mut interrupted = pin!(interrupts.first());
        tokio::select! {
            () = self.list_pods(submitted) => {}
            _ = &mut interrupted => {}
        }
        let start = Instant::now();
        // The last line of a container that has ended, and the last time when one was owed.
        let (mut told, mut owed) = (start, start);
        loop {
            let now = Instant::now();
            let is_owed = self.followers.unfinished().any(|(_, is_over)| is_over);
            if is_owed {
                owed = now;
            }
            let end = match (is_deleted, is_owed) {
                (true, _) => (start + LONGEST_AFTER_DELETION).min(now + AFTER_DELETION),
                (false, true) => told + OWED,
                (false, false) => owed + RUNNING_ON,
            };
            tokio::select! {
                biased;
                _ = &mut interrupted => break,
                () = sleep_until(end) => break,
                Some(line) = received.recv() => {
                    if self.is_owed(&line) {
                        told = now;
                    }
                    self.line(line);
                }
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
                true if interrupts.signal().is_some() => "it was not waited for",
                true => "it did not come in time",
                false => "the container runs on after the end of the Job",
            };
            let gap = Gap { after: None, before: None, lasting: None, why: why.into() };
            self.line(Event::LogGap { run, gap });
        }
    }

    /// Whether a line is of a container that has ended.
    fn is_owed(&self, line: &Event) -> bool {
        let (Event::Log { run, .. } | Event::LogGap { run, .. }) = line else { return false };
        self.followers.unfinished().any(|(unfinished, is_over)| is_over && unfinished == run)
    }

    /// Look at all Pods once more: a Pod may be quicker than any watch.
    async fn list_pods(&mut self, submitted: &Submitted) {
        let api: Api<Pod> = Api::namespaced(self.client.clone(), submitted.namespace());
        let params = ListParams::default().labels(&pods_of(submitted));
        for attempt in 0..LISTINGS {
            if let Ok(Ok(pods)) = timeout(RUNNING_ON, api.list(&params)).await {
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
