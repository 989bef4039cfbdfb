//! How long a command waits: one clock for all that it does, and one for the start of each task.

use super::{ClusterError, Interrupts};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// Ten years.
const FOR_EVER: Duration = Duration::from_secs(10 * 365 * 24 * 3600);

/// The time to wait.
#[derive(Clone, Copy, Debug, Default)]
pub struct Patience {
    /// `--timeout`, for the whole command; none waits for ever.
    pub timeout: Option<Duration>,
    /// `--start-timeout`, from the creation of a Job to the start of its task.
    pub start_timeout: Option<Duration>,
    /// The longest time in which a Job cannot be watched; none is five minutes.
    pub longest_outage: Option<Duration>,
    /// The signals of the command: the first ends the wait.
    pub interrupts: Interrupts,
    /// When the clock of the command was started; none starts it when a Job is watched.
    pub since: Option<Instant>,
}

impl Patience {
    /// Start the clock of the command.
    pub fn start(self) -> Self {
        Self { since: Some(Instant::now()), ..self }
    }

    /// When it is over.
    pub(super) fn end(&self) -> Instant {
        self.since.unwrap_or_else(Instant::now) + self.timeout.unwrap_or(FOR_EVER)
    }

    /// Do what comes before a Job is created, if there is time for it.
    pub async fn within<T>(
        &self,
        work: impl Future<Output = Result<T, ClusterError>>,
    ) -> Result<T, ClusterError> {
        timeout_at(self.end(), work).await.unwrap_or_else(|_| Err(self.over()))
    }

    /// Whether there is time to create a Job. That itself is never cut short: nobody would know
    /// whether the Job is there.
    pub fn check(&self) -> Result<(), ClusterError> {
        if Instant::now() < self.end() { Ok(()) } else { Err(self.over()) }
    }

    fn over(&self) -> ClusterError {
        ClusterError::TimeOver { after: self.timeout.unwrap_or(FOR_EVER) }
    }
}
