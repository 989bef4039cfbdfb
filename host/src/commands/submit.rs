//! Submitting admitted Jobs, and watching them to their end.

use super::claims;
use super::data::Carrier;
use super::notebook::Notebook;
use super::plan::heed;
use super::watch::Watch;
use crate::cluster::{Cluster, ClusterError, RemovalOrder, Submission, Submitted};
use crate::console::Console;
use crate::cube::BoundTask;
use crate::error::Error;
use crate::event::{Event, History, JobRef};
use crate::exit::Ending;
use crate::job::{Admitted, MissingClaims, Origin};
use crate::journal::{Entry, Stage};
use crate::outcome::Outcome;
use crate::plan::After;

/// What is to be done.
pub struct Work<'a> {
    /// What becomes of the Jobs.
    pub after: After,
    /// The tasks.
    pub tasks: &'a [BoundTask],
    /// Their Jobs.
    pub jobs: &'a [Admitted],
    /// What becomes of claims that are missing.
    pub missing: &'a MissingClaims,
    /// What carries their data, if it is carried.
    pub carrier: Option<Carrier<'a>>,
}

/// Bring the inputs, submit the Jobs one after the other, watch each to its end, and bring the
/// outputs back. The first that does not succeed stops the rest, and so does a signal.
pub async fn submit(
    watch: &Watch<'_>,
    work: &Work<'_>,
    notebook: &mut Notebook,
    console: &mut Console,
) -> Result<Ending, Error> {
    let Work { after, tasks, jobs, missing, carrier } = work;
    let patience = &watch.patience;
    heed(patience.within(watch.cluster.preflight(jobs, missing)).await?, console)?;
    if let Some(carrier) = carrier {
        patience.within(carrier.cluster.check_carrying()).await?;
    }
    patience.interrupts.hold();
    patience.check()?;
    // After a signal the first Job is not submitted either.
    let are_there =
        claims::create(watch.cluster, missing, jobs, patience.interrupts, console).await?;
    if let Some(carrier) = carrier
        && are_there
        && let Some(ending) = carrier.stage(tasks, jobs, console).await?
    {
        return Ok(ending);
    }
    let mut over = Vec::new();
    for (index, admitted) in jobs.iter().enumerate() {
        if let Some(ending) = interrupted(watch, &jobs[index..], console) {
            return Ok(ending);
        }
        patience.check()?;
        let Some((submitted, job, entry)) = one(watch, admitted, notebook, console).await? else {
            let ending = interrupted(watch, &jobs[index..], console);
            return Ok(ending.unwrap_or(Ending::Ran(Outcome::Detached)));
        };
        if after.detach {
            let (outcome, history) = (Outcome::Detached, History::default());
            console.emit(Event::Finished { job, outcome, gaps: 0, history });
            return Ok(Ending::Done);
        }
        let outcome =
            watch.to_the_end(&submitted, job.clone(), Some(entry), notebook, console).await?;
        if outcome == Outcome::Detached {
            interrupted(watch, &jobs[index + 1..], console);
        }
        if outcome != Outcome::Succeeded {
            tell_of_outputs(&over, console);
            return Ok(watch.ending(outcome));
        }
        if watch.brings {
            over.push((submitted, job));
        } else if after.remove {
            remove(watch.cluster, &submitted, job, console).await;
        }
    }
    if let Some(carrier) = carrier {
        let jobs: Vec<_> = jobs.iter().map(Admitted::job).collect();
        let fetched = carrier.fetch(&jobs, console).await;
        if !matches!(fetched, Ok(None)) {
            tell_of_outputs(&over, console);
        }
        if let Some(ending) = fetched? {
            return Ok(ending);
        }
    }
    for (submitted, job) in over.into_iter().filter(|_| after.remove) {
        remove(watch.cluster, &submitted, job, console).await;
    }
    Ok(Ending::Ran(Outcome::Succeeded))
}

/// The outputs of Jobs that succeeded were not brought: no other run is needed for that.
fn tell_of_outputs(over: &[(Submitted, JobRef)], console: &mut Console) {
    for (_, JobRef { name, task, outputs, back, .. }) in over {
        if outputs.is_empty() {
            continue;
        }
        let how = match &back.fetch {
            Some(command) => format!("`{command}` fetches them"),
            None => format!("`fetch {name}` fetches them, with the same cube and policies"),
        };
        console.emit(Event::Warning(format!(
            "task `{task}` has succeeded, and its outputs are not here; without another run {how}"
        )));
    }
}

/// Submit one Job, which is noted before anything is sent; none if a signal came before.
async fn one(
    Watch { cluster, patience, .. }: &Watch<'_>,
    admitted: &Admitted,
    notebook: &mut Notebook,
    console: &mut Console,
) -> Result<Option<(Submitted, JobRef, Entry)>, Error> {
    let submission = Submission::new(admitted);
    let namespace = cluster.namespace().as_str();
    let entry = Entry::new(submission.job(), namespace, &cluster.url());
    tell_of_the_last(cluster, &entry, notebook, console).await;
    notebook.write(&entry, console);
    let job = cluster.reference(&submission);
    console.emit(Event::Submitting(job.clone()));
    let interrupts = patience.interrupts;
    let submitted = cluster.submit(&submission, interrupts, |event| console.emit(event)).await;
    console.warn_all(cluster.take_warnings());
    let stage = match &submitted {
        Ok(Some(_)) => Stage::Created,
        Err(ClusterError::Uncertain { .. }) => Stage::Sent,
        Ok(None) | Err(_) => Stage::Over,
    };
    let uid = submitted.iter().flatten().map(|job| job.uid().to_owned()).next();
    let entry = Entry { stage, uid: uid.clone(), ..entry };
    notebook.write(&entry, console);
    let Some(submitted) = submitted? else { return Ok(None) };
    let job = JobRef { uid: uid.unwrap_or_default(), ..job };
    console.emit(Event::Submitted(job.clone()));
    Ok(Some((submitted, job, entry)))
}

/// The same command may still go on: then it is told how to come back to it.
async fn tell_of_the_last(
    cluster: &Cluster,
    entry: &Entry,
    notebook: &mut Notebook,
    console: &mut Console,
) {
    let runs = notebook.runs(cluster);
    let last = runs.into_iter().find(|run| run.same == entry.same && run.stage != Stage::Over);
    let Some(last) = last else { return };
    match cluster.find_run(&last.job).await {
        Ok(Some(run)) if !run.state.is_over() => {
            let back = cluster.reference_of(&run).back;
            let Entry { task, job, .. } = &last;
            console.emit(Event::Warning(format!(
                "task `{task}` of this cube still goes on as {job}: `{}` comes back to it",
                back.follow
            )));
        }
        // It is only noted here, so a cluster that does not answer is found out by what follows.
        Err(_) => {}
        Ok(_) => notebook.write(&Entry { stage: Stage::Over, ..last }, console),
    }
}

/// Remove a Job that succeeded. That it stays is no failure of the task.
async fn remove(cluster: &Cluster, submitted: &Submitted, mut job: JobRef, console: &mut Console) {
    job.back.fetch = None;
    let removed =
        cluster.remove(submitted, RemovalOrder::PodsAfter, |event| console.emit(event)).await;
    let kept = match removed {
        Ok(()) => cluster.keepers(submitted).await,
        Err(error) => Err(error),
    };
    match kept.as_deref() {
        Ok([]) => console.emit(Event::Removed(job)),
        Ok([first, ..]) => console.emit(Event::Warning(format!(
            "Job `{}` is being removed, and stays until its finalizer `{first}` is taken away",
            job.name
        ))),
        Err(error) => console.emit(Event::Warning(error.to_string())),
    }
}

/// The ending by a signal, if there was one; the Jobs that are left are not submitted.
fn interrupted(watch: &Watch<'_>, left: &[Admitted], console: &mut Console) -> Option<Ending> {
    let signal = watch.patience.interrupts.signal()?;
    let tasks: Vec<_> = left.iter().map(|job| Origin::task_of(job.job())).collect();
    if !tasks.is_empty() {
        let not_submitted = Some(tasks);
        console.emit(Event::Interrupted { signal: signal.name(), left: None, not_submitted });
    }
    Some(Ending::Interrupted(signal))
}
