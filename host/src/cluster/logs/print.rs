//! The logs of a run as they are now.

use super::pieces::Pieces;
use super::{Followers, Logs};
use crate::cluster::words;
use crate::cluster::{Cluster, ClusterError, Submitted, facts};
use crate::event::{ContainerRun, Event, Gap};
use futures::{AsyncBufRead, AsyncBufReadExt};
use k8s_openapi::api::core::v1::Pod;
use kube::Api;
use kube::api::LogParams;
use std::pin::pin;
use std::sync::Arc;

impl Cluster {
    /// Emit what the containers of a Job have written so far, one after the other.
    pub async fn print_logs(
        &self,
        job: &Submitted,
        mut emit: impl FnMut(Event),
    ) -> Result<(), ClusterError> {
        let api: Api<Pod> = Api::namespaced(self.client_for_logs()?, job.namespace());
        let (mut known, _) = Followers::new(api.clone(), Logs::default(), job.is_one_pod());
        for pod in &self.pods_of(job).await? {
            for facts::Seen { container, restart, .. } in facts::runs(pod) {
                let kept = facts::kept(pod, &container);
                let previous = kept.is_some_and(|(kept, _)| kept.run(false) != Some(restart));
                let run = known.run(pod, container, restart);
                let container = Some(run.container.clone());
                let params = LogParams { container, previous, ..LogParams::default() };
                match api.log_stream(&run.pod, &params).await {
                    Ok(stream) => print(stream, &run, &mut emit).await,
                    // The kubelet does not have it.
                    Err(kube::Error::Api(status)) if matches!(status.code, 400 | 404) => {
                        emit(gap(&run, status.message.clone()));
                    }
                    Err(error) => return Err(self.error("read the logs", error)),
                }
            }
        }
        Ok(())
    }
}

async fn print(stream: impl AsyncBufRead, run: &Arc<ContainerRun>, emit: &mut impl FnMut(Event)) {
    let mut stream = pin!(stream);
    let mut pieces = Pieces::default();
    let mut tell = |piece| emit(Event::Log { run: Arc::clone(run), piece });
    let failure = loop {
        match stream.fill_buf().await {
            Ok([]) => break None,
            Ok(bytes) => {
                let count = bytes.len();
                pieces.room().bytes.extend_from_slice(bytes);
                stream.consume_unpin(count);
                while let Some(piece) = pieces.lines() {
                    tell(piece);
                }
            }
            Err(error) => break Some(words::why(&error)),
        }
    };
    pieces.all().into_iter().for_each(tell);
    failure.into_iter().for_each(|why| emit(gap(run, why)));
}

fn gap(run: &Arc<ContainerRun>, why: String) -> Event {
    let gap = Gap { after: None, before: None, lasting: None, why };
    Event::LogGap { run: Arc::clone(run), gap }
}
