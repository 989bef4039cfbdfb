//! Times in which the Job cannot be watched: told while they last, once, in the same words whatever
//! the cause, and ended by a request that works, because a watch that works again may be silent.

use super::watches::pods_of;
use super::{Cluster, ClusterError, Submitted};
use crate::event::Event;
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::Pod;
use kube::api::WatchParams;
use kube::runtime::watcher;
use kube::{Api, Client};
use std::time::Duration;
use tokio::time::{Instant, sleep_until, timeout};

/// The longest outage: then the run gives up.
pub const LONGEST: Duration = Duration::from_secs(300);
/// The time after which an outage is told: most are over before.
const TOLD: Duration = Duration::from_secs(2);
/// The pause before the first probe; it doubles up to the longest.
const PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// The longest wait for the answer to a probe, or to a request that is taken up.
pub const ANSWER: Duration = Duration::from_secs(10);

/// The time in which watches fail, if they do.
#[derive(Debug)]
pub struct Outage {
    longest: Duration,
    now: Option<Failing>,
}

#[derive(Clone, Copy, Debug)]
struct Failing {
    since: Instant,
    is_told: bool,
    probe: Instant,
    pause: Duration,
}

/// What follows from a failure.
#[derive(Debug, PartialEq)]
pub enum Verdict {
    /// Nothing yet.
    Wait,
    /// It is to be told, with the time that is left until the run gives up.
    Tell(Duration),
    /// It has lasted too long.
    GiveUp(Duration),
}

impl Outage {
    /// None yet; one may last so long.
    pub fn new(longest: Duration) -> Self {
        Self { longest, now: None }
    }

    /// A watch or a probe failed.
    pub fn fails(&mut self, now: Instant) -> Verdict {
        let next = |pause| Failing { since: now, is_told: false, probe: now + pause, pause };
        let failing = self.now.get_or_insert_with(|| next(PAUSE));
        if failing.probe <= now {
            failing.pause = (failing.pause * 2).min(LONGEST_PAUSE);
            failing.probe = now + failing.pause;
        }
        let lasted = now - failing.since;
        if lasted >= self.longest {
            return Verdict::GiveUp(lasted);
        }
        if failing.is_told || lasted < TOLD.min(self.longest / 2) {
            return Verdict::Wait;
        }
        failing.is_told = true;
        Verdict::Tell(self.longest - lasted)
    }

    /// When it is to be tried again.
    pub fn next_probe(&self) -> Option<Instant> {
        self.now.map(|failing| failing.probe)
    }

    /// A probe worked: gives how long the outage was, if it was told.
    pub fn ends(&mut self, now: Instant) -> Option<Duration> {
        self.now.take().filter(|failing| failing.is_told).map(|failing| now - failing.since)
    }

    /// During an outage: asks for what the watches ask for, when it is time.
    pub fn probe(
        &self,
        client: &Client,
        submitted: &Submitted,
    ) -> Option<impl Future<Output = Result<(), String>> + use<>> {
        let at = self.now?.probe;
        let (client, submitted) = (client.clone(), submitted.clone());
        Some(async move {
            sleep_until(at).await;
            let answer = timeout(ANSWER, ask(&client, &submitted)).await;
            let answer = answer.map_err(|_| silence())?;
            answer.map_err(|error| super::words::why(&error))
        })
    }
}

/// What is told of an answer that did not come.
pub fn silence() -> String {
    format!("no answer within {} s", ANSWER.as_secs())
}

async fn ask(client: &Client, submitted: &Submitted) -> kube::Result<()> {
    let jobs: Api<Job> = Api::namespaced(client.clone(), submitted.namespace());
    let pods: Api<Pod> = Api::namespaced(client.clone(), submitted.namespace());
    let name = format!("metadata.name={}", submitted.name());
    let brief = WatchParams::default().timeout(1);
    drop(jobs.watch(&brief.clone().fields(&name), "0").await?);
    drop(pods.watch(&brief.labels(&pods_of(submitted)), "0").await?);
    Ok(())
}

/// The cause in the error of a watch; none where the watch only begins anew.
pub fn cause(error: watcher::Error) -> Option<String> {
    match error {
        watcher::Error::InitialListFailed(error)
        | watcher::Error::WatchStartFailed(error)
        | watcher::Error::WatchFailed(error) => Some(super::words::why(&error)),
        _ => None,
    }
}

impl Cluster {
    /// What is told of an outage, or the error that ends the run.
    pub(super) fn outage(
        &self,
        verdict: Verdict,
        submitted: &Submitted,
        why: String,
    ) -> Result<Option<Event>, ClusterError> {
        match verdict {
            Verdict::Wait => Ok(None),
            Verdict::Tell(left) => Ok(Some(Event::Outage { why, gives_up_after: left })),
            Verdict::GiveUp(lasted) => Err(ClusterError::Lost {
                name: submitted.name().to_owned(),
                seconds: lasted.as_secs(),
                why,
                back: self.way_back(submitted.name()).into(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outage_is_told_once_and_bounded() {
        let start = Instant::now();
        let at = |seconds: f64| start + Duration::from_secs_f64(seconds);
        let mut outage = Outage::new(Duration::from_secs(10));
        assert_eq!(outage.fails(at(0.0)), Verdict::Wait);
        assert_eq!(outage.fails(at(0.1)), Verdict::Wait);
        assert_eq!(outage.ends(at(1.0)), None, "too short to be told");
        assert_eq!(outage.fails(at(5.0)), Verdict::Wait, "another outage");
        assert_eq!(outage.fails(at(7.0)), Verdict::Tell(Duration::from_secs(8)));
        assert_eq!(outage.fails(at(8.0)), Verdict::Wait, "told already");
        assert_eq!(outage.ends(at(9.0)), Some(Duration::from_secs(4)));
        assert_eq!(outage.ends(at(9.0)), None);
        assert_eq!(outage.fails(at(20.0)), Verdict::Wait);
        assert_eq!(outage.fails(at(30.0)), Verdict::GiveUp(Duration::from_secs(10)));
    }

    #[test]
    fn probes_come_seldom_and_go_on() {
        let start = Instant::now();
        let mut outage = Outage::new(LONGEST);
        let mut now = start;
        let mut pauses = Vec::new();
        for _ in 0..6 {
            outage.fails(now);
            // A watch that fails meanwhile does not put off the probe.
            outage.fails(now + Duration::from_millis(1));
            let probe = outage.now.expect("it fails").probe;
            pauses.push((probe - now).as_millis());
            now = probe;
        }
        assert_eq!(pauses, [500, 1000, 2000, 4000, 5000, 5000]);
    }
}
