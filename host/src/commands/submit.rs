//! Submitting admitted Jobs, and watching them to their end.

use super::plan::heed;
use crate::cluster::{Cluster, Interrupts, Logs, Observed, Patience, Submission};
use crate::console::Console;
use crate::error::Error;
use crate::event::{Event, JobRef};
use crate::exit::Ending;
use crate::job::{Admitted, Origin};
use crate::outcome::Outcome;

/// Submit the Jobs one after the other, and watch each to its end. The first that does not succeed
/// stops the rest, and so does a signal.
pub async fn submit(
    cluster: &Cluster,
    patience: Patience,
    logs: Logs,
    jobs: &[Admitted],
    console: &mut Console,
) -> Result<Ending, Error> {
    heed(patience.within(cluster.preflight(jobs)).await?, console)?;
    patience.interrupts.hold();
    for (index, admitted) in jobs.iter().enumerate() {
        if let Some(ending) = interrupted(patience.interrupts, &jobs[index..], console) {
            return Ok(ending);
        }
        patience.check()?;
        let submission = Submission::new(admitted);
        let job = cluster.reference(&submission);
        console.emit(Event::Submitting(job.clone()));
        let submitted =
            cluster.submit(&submission, patience.interrupts, |event| console.emit(event)).await;
        console.warn_all(cluster.take_warnings());
        let Some(submitted) = submitted? else {
            let ending = interrupted(patience.interrupts, &jobs[index..], console);
            return Ok(ending.unwrap_or(Ending::Ran(Outcome::Detached)));
        };
        let job = JobRef { uid: submitted.uid().to_owned(), ..job };
        console.emit(Event::Submitted(job.clone()));
        let observed =
            cluster.observe(&submitted, patience, logs, |event| console.emit(event)).await;
        let Observed { outcome, gaps } = observed?;
        console.emit(Event::Finished { job, outcome: outcome.clone(), gaps });
        if outcome == Outcome::Detached {
            let ending = interrupted(patience.interrupts, &jobs[index + 1..], console);
            return Ok(ending.unwrap_or(Ending::Ran(outcome)));
        }
        if outcome != Outcome::Succeeded {
            return Ok(Ending::Ran(outcome));
        }
    }
    Ok(Ending::Ran(Outcome::Succeeded))
}

/// The ending by a signal, if there was one; the Jobs that are left are not submitted.
fn interrupted(interrupts: Interrupts, left: &[Admitted], console: &mut Console) -> Option<Ending> {
    let signal = interrupts.signal()?;
    let not_submitted: Vec<_> = left.iter().map(|job| Origin::task_of(job.job())).collect();
    if !not_submitted.is_empty() {
        console.emit(Event::Interrupted { signal: signal.name(), left: None, not_submitted });
    }
    Some(Ending::Interrupted(signal))
}
