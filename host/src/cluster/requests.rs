//! Requests about a Job that are sent until they are answered: what fails in passing is told and taken
//! up like an outage of a watch, in the same words and within the same bounds.

use super::outage::{self, Outage};
use super::words::{self, of_credentials};
use super::{Cluster, ClusterError, Submitted};
use crate::event::Event;
use tokio::time::{Instant, sleep_until, timeout};

/// Requests about one Job.
pub struct Requests<'a, F> {
    cluster: &'a Cluster,
    job: &'a Submitted,
    outage: Outage,
    emit: F,
}

impl<'a, F: FnMut(Event)> Requests<'a, F> {
    /// None yet.
    pub fn new(cluster: &'a Cluster, job: &'a Submitted, emit: F) -> Self {
        Self { cluster, job, outage: Outage::new(outage::LONGEST), emit }
    }

    /// The answer to a request, and the end of an outage.
    pub async fn answer<T>(
        &mut self,
        action: &str,
        request: impl AsyncFn() -> kube::Result<T>,
    ) -> Result<T, ClusterError> {
        let answer = self.ask(action, request).await?;
        self.works();
        Ok(answer)
    }

    /// The answer to a request: what follows may yet fail.
    pub async fn ask<T>(
        &mut self,
        action: &str,
        request: impl AsyncFn() -> kube::Result<T>,
    ) -> Result<T, ClusterError> {
        loop {
            let why = match timeout(outage::ANSWER, request()).await {
                Ok(Ok(answer)) => return Ok(answer),
                Ok(Err(error)) if may_pass(&error) => words::why(&error),
                Ok(Err(error)) => return Err(self.cluster.error(action, error)),
                Err(_) => outage::silence(),
            };
            self.fails(why).await?;
        }
    }

    /// Something failed: tell it when it has lasted, and wait for the time to try again.
    pub async fn fails(&mut self, why: String) -> Result<(), ClusterError> {
        let verdict = self.outage.fails(Instant::now());
        let told = self.cluster.outage(verdict, self.job, why)?;
        told.into_iter().for_each(&mut self.emit);
        if let Some(next) = self.outage.next_probe() {
            sleep_until(next).await;
        }
        Ok(())
    }

    /// Something worked.
    pub fn works(&mut self) {
        if let Some(lasted) = self.outage.ends(Instant::now()) {
            self.emit(Event::OutageOver { lasted });
        }
    }

    /// Tell something.
    pub fn emit(&mut self, event: Event) {
        (self.emit)(event);
    }
}

/// Whether a request may be answered otherwise the next time: it was not answered, or not by what
/// decides.
fn may_pass(error: &kube::Error) -> bool {
    match error {
        kube::Error::Api(status) => matches!(status.code, 408 | 425 | 429 | 500..),
        error if of_credentials(error).is_some() => false,
        kube::Error::Service(_)
        | kube::Error::HyperError(_)
        | kube::Error::SerdeError(_)
        | kube::Error::FromUtf8(_)
        | kube::Error::ReadEvents(_) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;

    #[test]
    fn what_may_pass_is_told_from_what_is_decided() {
        let status = |code| {
            let status = kube::core::Status { code, ..kube::core::Status::default() };
            kube::Error::Api(Box::new(status))
        };
        let lost = kube::Error::Service(io::Error::from(io::ErrorKind::ConnectionReset).into());
        let cut = serde_json::from_str::<u8>("").expect_err("nothing");
        let rows = [
            (lost, true),
            (kube::Error::SerdeError(cut), true),
            (status(500), true),
            (status(502), true),
            (status(503), true),
            (status(429), true),
            (status(400), false),
            (status(401), false),
            (status(403), false),
            (status(404), false),
            (status(409), false),
        ];
        for (error, expected) in rows {
            assert_eq!(may_pass(&error), expected, "{error:?}");
        }
    }
}
