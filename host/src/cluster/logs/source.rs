//! The log of one run of a container, as the API server gives it.

use super::super::facts;
use crate::event::ContainerRun;
use futures::AsyncBufRead;
use jiff::Timestamp;
use k8s_openapi::api::core::v1::Pod;
use kube::Api;
use kube::api::{ListParams, LogParams};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::sleep;

/// The time in which a Pod's status follows its kubelet.
const LAG: Duration = Duration::from_millis(100);

/// Where the log of a run comes from.
pub struct Source {
    pub pods: Api<Pod>,
    pub run: Arc<ContainerRun>,
    /// Whether the container may have other runs in its Pod: their logs must be told apart.
    pub may_restart: bool,
}

/// A response with a log.
pub struct Opened {
    pub stream: Pin<Box<dyn AsyncBufRead + Send>>,
    /// Whether it is the previous log of its container.
    pub previous: bool,
}

/// The cause for which a response did not begin or broke off.
pub enum Failure {
    /// It may be otherwise the next time.
    Passing(String),
    /// The kubelet does not have the log: not yet, or no longer.
    Unready(String),
    /// The Pod is gone.
    Deleted,
    /// The container was restarted again since, and the kubelet keeps the log of one run before.
    Replaced,
    /// The log cannot be had.
    Final(String),
    /// Nobody listens any more.
    Unheard,
}

impl Source {
    /// Ask for a part of the log.
    pub async fn get(
        &self,
        part: LogParams,
        previous: bool,
    ) -> kube::Result<impl AsyncBufRead + use<>> {
        let container = Some(self.run.container.clone());
        let params = LogParams { container, previous, timestamps: true, ..part };
        self.pods.log_stream(&self.run.pod, &params).await
    }

    /// Ask for the log from a time on.
    pub async fn open(
        &self,
        since_time: Option<Timestamp>,
        follow: bool,
    ) -> Result<Opened, Failure> {
        let previous = if self.may_restart { self.is_previous().await? } else { false };
        let part = LogParams { follow, since_time, ..LogParams::default() };
        let stream = match self.get(part, previous).await {
            Ok(stream) => stream,
            // The Pod, or only the kubelet's knowledge of it.
            Err(kube::Error::Api(status)) if status.code == 404 => {
                self.pod().await?;
                return Err(Failure::Unready(status.message.clone()));
            }
            Err(error) => return Err(error.into()),
        };
        if self.may_restart && self.is_previous().await? != previous {
            return Err(Failure::Passing("the container was restarted".into()));
        }
        Ok(Opened { stream: Box::pin(stream), previous })
    }

    /// Whether the log of this run is the previous one of its container.
    async fn is_previous(&self) -> Result<bool, Failure> {
        let unknown = || Failure::Unready("the container has no status".into());
        let own = Some(self.run.restart);
        let kept = |pod: &Pod| facts::kept(pod, &self.run.container).ok_or_else(unknown);
        let (mut now, is_changing) = kept(&self.pod().await?)?;
        if is_changing {
            sleep(LAG).await;
            (now, _) = kept(&self.pod().await?)?;
        }
        match (now.run(true), now.run(false)) {
            (previous, _) if previous == own => Ok(true),
            (_, current) if current == own => Ok(false),
            (_, current) if current > own => Err(Failure::Replaced),
            _ => Err(unknown()),
        }
    }

    /// The Pod as it is. Whoever may watch Pods may list them too.
    async fn pod(&self) -> Result<Pod, Failure> {
        let name = ListParams::default().fields(&format!("metadata.name={}", self.run.pod));
        let found = self.pods.list(&name).await?.items.pop();
        found.ok_or(Failure::Deleted)
    }
}

impl From<kube::Error> for Failure {
    fn from(error: kube::Error) -> Self {
        let why = super::super::words::why(&error);
        match error {
            kube::Error::Api(status) if status.code == 400 => Self::Unready(why),
            kube::Error::Api(status) if status.code == 403 => Self::Final(why),
            _ => Self::Passing(why),
        }
    }
}
