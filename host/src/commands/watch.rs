//! Watching a Job to its end, whoever submitted it.

use super::notebook::Notebook;
use crate::cluster::{Cluster, Logs, Observed, Patience, RemovalOrder, Submitted};
use crate::console::Console;
use crate::error::Error;
use crate::event::{Event, JobRef};
use crate::exit::Ending;
use crate::journal::Entry;
use crate::outcome::Outcome;
use crate::plan::On;

/// How Jobs are watched.
pub struct Watch<'a> {
    /// Where they are.
    pub cluster: &'a Cluster,
    /// What ends the wait.
    pub patience: Patience,
    /// Whose logs are told.
    pub logs: Logs,
    /// What a signal does with the Job.
    pub on_interrupt: On,
    /// Whether this command brings the outputs of what has succeeded.
    pub brings: bool,
}

impl Watch<'_> {
    /// Watch a Job to its end, and note that.
    pub async fn to_the_end(
        &self,
        submitted: &Submitted,
        mut job: JobRef,
        entry: Option<Entry>,
        notebook: &mut Notebook,
        console: &mut Console,
    ) -> Result<Outcome, Error> {
        let observed = self
            .cluster
            .observe(submitted, self.patience, self.logs, |event| console.emit(event))
            .await;
        let Observed { outcome, gaps, history } = observed?;
        if outcome == Outcome::Detached && self.on_interrupt == On::Cancel {
            cancel(self.cluster, submitted, job, console).await?;
            notebook.ended(entry, &Outcome::Deleted, console);
            return Ok(outcome);
        }
        notebook.ended(entry, &outcome, console);
        if self.brings && outcome == Outcome::Succeeded {
            job.back.fetch = None;
        }
        console.emit(Event::Finished { job, outcome: outcome.clone(), gaps, history });
        Ok(outcome)
    }

    /// The ending of the command after this outcome.
    pub fn ending(&self, outcome: Outcome) -> Ending {
        match self.patience.interrupts.signal() {
            Some(signal) if outcome == Outcome::Detached => Ending::Interrupted(signal),
            _ => Ending::Ran(outcome),
        }
    }
}

/// Stop a Job: its Pods are ended, and then it is removed.
pub async fn cancel(
    cluster: &Cluster,
    submitted: &Submitted,
    job: JobRef,
    console: &mut Console,
) -> Result<(), Error> {
    console.emit(Event::Cancelling(job.clone()));
    cluster.remove(submitted, RemovalOrder::PodsFirst, |event| console.emit(event)).await?;
    cluster.gone(submitted, |event| console.emit(event)).await?;
    console.emit(Event::Cancelled(job));
    Ok(())
}
