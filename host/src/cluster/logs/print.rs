//! The logs of a run as they are now. One that breaks off is taken up where it ended, and none is
//! taken for whole before a second request gives no more.

use super::pieces::Pieces;
use super::source::Source;
use super::stitch::Stitcher;
use super::{Followers, Logs};
use crate::cluster::requests::Requests;
use crate::cluster::runs::LIST_PODS;
use crate::cluster::words;
use crate::cluster::{Cluster, ClusterError, Submitted, facts};
use crate::event::{ContainerRun, Event, Gap};
use futures::{AsyncBufRead, AsyncBufReadExt};
use jiff::Timestamp;
use k8s_openapi::api::core::v1::Pod;
use kube::Api;
use kube::api::LogParams;
use std::pin::pin;
use std::sync::Arc;

const LOST: &str = "the kubelet no longer keeps it";
/// How often a response may end before it comes to what was told.
const UNJOINED: u32 = 5;

impl Cluster {
    /// Emit what the containers of a Job have written so far, one after the other.
    pub async fn print_logs(
        &self,
        job: &Submitted,
        emit: impl FnMut(Event),
    ) -> Result<(), ClusterError> {
        let pods: Api<Pod> = Api::namespaced(self.client_for_logs()?, job.namespace());
        let (mut known, _) = Followers::new(pods.clone(), Logs::default(), job.is_one_pod());
        let mut requests = Requests::new(self, job, emit);
        for pod in &requests.answer(LIST_PODS, async || self.pods_of(job).await).await? {
            for facts::Seen { container, restart, .. } in facts::runs(pod) {
                let may_restart = facts::may_restart(pod, &container);
                let kept = facts::kept(pod, &container);
                let previous = kept.is_some_and(|(kept, _)| kept.run(false) != Some(restart));
                let run = known.run(pod, container, restart);
                let source = Source { pods: pods.clone(), run, may_restart };
                Reader::new(source, previous).print(&mut requests).await?;
            }
        }
        Ok(())
    }
}

/// The log of one run of a container, while it is read.
struct Reader {
    source: Source,
    previous: bool,
    stitcher: Stitcher,
    pieces: Pieces,
}

impl Reader {
    fn new(source: Source, previous: bool) -> Self {
        Self { source, previous, stitcher: Stitcher::new(false), pieces: Pieces::default() }
    }

    /// Emit what is there. A container that writes on is not waited for: two responses that end by
    /// themselves are enough.
    async fn print<F: FnMut(Event)>(
        mut self,
        requests: &mut Requests<'_, F>,
    ) -> Result<(), ClusterError> {
        let (mut ends, mut unjoined) = (0, 0);
        let why = loop {
            let (told, since) = (self.stitcher.told(), self.stitcher.since());
            let opened = requests.ask("read the logs", async || {
                let part = LogParams { since_time: since, ..LogParams::default() };
                match self.source.get(part, self.previous).await {
                    // The kubelet does not have it.
                    Err(kube::Error::Api(status)) if matches!(status.code, 400 | 404) => {
                        Ok(Err(status.message.clone()))
                    }
                    stream => stream.map(Ok),
                }
            });
            let stream = match opened.await? {
                Ok(stream) => stream,
                Err(why) => break Some(why),
            };
            let read = self.read(stream, requests).await;
            let is_new = self.stitcher.told() > told;
            if is_new {
                requests.works();
            }
            match read {
                Err(why) => requests.fails(why).await?,
                Ok(()) if self.stitcher.message().is_some() => break self.stitcher.message(),
                // It may have been cut before it came to what was told.
                Ok(()) if !self.stitcher.is_joined() && unjoined < UNJOINED => {
                    unjoined += 1;
                    requests.fails(LOST.into()).await?;
                }
                Ok(()) if !self.stitcher.is_joined() => break Some(LOST.into()),
                Ok(()) => {
                    ends += 1;
                    if ends > 1 || !is_new {
                        break None;
                    }
                }
            }
        };
        requests.works();
        self.tell(requests);
        let last = self.stitcher.last();
        why.into_iter().for_each(|why| requests.emit(gap(&self.source.run, last, None, why)));
        Ok(())
    }

    /// Emit what is new in a response. The error is why it broke off.
    async fn read<F: FnMut(Event)>(
        &mut self,
        stream: impl AsyncBufRead,
        requests: &mut Requests<'_, F>,
    ) -> Result<(), String> {
        let mut stream = pin!(stream);
        self.stitcher.begin();
        loop {
            let bytes = stream.fill_buf().await.map_err(|error| words::why(&error))?;
            if bytes.is_empty() {
                return Ok(());
            }
            let (count, mut rest) = (bytes.len(), bytes);
            while let Some(between) = self.stitcher.push(&mut rest, self.pieces.room()) {
                if between.is_lost {
                    let (after, before) = (Some(between.after), Some(between.before));
                    if let Some(piece) = self.pieces.all() {
                        let run = Arc::clone(&self.source.run);
                        requests.emit(Event::Log { run, piece });
                    }
                    requests.emit(gap(&self.source.run, after, before, LOST.into()));
                }
            }
            stream.consume_unpin(count);
            while let Some(piece) = self.pieces.lines() {
                requests.emit(Event::Log { run: Arc::clone(&self.source.run), piece });
            }
        }
    }

    /// Emit what is left.
    fn tell<F: FnMut(Event)>(&mut self, requests: &mut Requests<'_, F>) {
        if let Some(piece) = self.pieces.all() {
            requests.emit(Event::Log { run: Arc::clone(&self.source.run), piece });
        }
    }
}

fn gap(
    run: &Arc<ContainerRun>,
    after: Option<Timestamp>,
    before: Option<Timestamp>,
    why: String,
) -> Event {
    let gap = Gap {
        after: after.map(|time| time.to_string()),
        before: before.map(|time| time.to_string()),
        lasting: after.zip(before).map(|(a, b)| b.duration_since(a).unsigned_abs()),
        why,
    };
    Event::LogGap { run: Arc::clone(run), gap }
}
