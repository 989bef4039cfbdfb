//! The commands for runs that are under way or over.

use super::notebook::Notebook;
use super::watch::{Watch, cancel};
use crate::cluster::{Cluster, Interrupts, Patience, RemovalOrder, Run};
use crate::console::Console;
use crate::error::Error;
use crate::event::Event;
use crate::exit::Ending;
use crate::journal::{Entry, Stage};
use crate::plan::{OneAction, RunsAction, RunsPlan};
use std::path::PathBuf;

/// Execute a plan.
pub async fn execute(
    plan: RunsPlan,
    interrupts: Interrupts,
    console: &mut Console,
) -> Result<Ending, Error> {
    let RunsPlan { warnings, target, journal, action, .. } = plan;
    console.warn_all(warnings);
    let mut notebook = Notebook::read(journal);
    let cluster = Cluster::connect(&target).await?;
    let (name, action) = match action {
        RunsAction::List(format) => {
            console.runs(&cluster.runs().await?, format);
            return Ok(Ending::Done);
        }
        RunsAction::One(name, action) => (name, action),
    };
    let run = find(&cluster, &notebook, name).await?;
    let (submitted, job) = (run.submitted.clone(), cluster.reference_of(&run));
    match action {
        OneAction::Status(format) => {
            let pods = cluster.run_pods(&submitted).await?;
            console.status(&run, &pods, &job.back, format);
        }
        OneAction::Attach { patience, logs, on_interrupt } => {
            interrupts.hold();
            console.emit(Event::Attached(job.clone()));
            let patience = Patience { interrupts, ..patience };
            let entry = notebook.runs(&cluster).into_iter().find(|entry| entry.job == run.job);
            let watch = Watch { cluster: &cluster, patience, logs, on_interrupt, brings: false };
            let outcome = watch.to_the_end(&submitted, job, entry, &mut notebook, console).await?;
            return Ok(watch.ending(outcome));
        }
        OneAction::Logs => cluster.print_logs(&submitted, |event| console.emit(event)).await?,
        OneAction::Cancel if run.state.is_over() => {
            console.emit(Event::AlreadyOver { job, state: run.state.name() });
        }
        OneAction::Cancel => cancel(&cluster, &submitted, job, console).await?,
        OneAction::Delete if !run.state.is_over() => {
            return Err(Error::Usage {
                what: format!("Job `{}` still goes on", run.job),
                hint: format!("`{}` stops and removes it", job.back.stop),
            });
        }
        OneAction::Delete => {
            cluster
                .remove(&submitted, RemovalOrder::PodsAfter, |event| console.emit(event))
                .await?;
            cluster.gone(&submitted, |event| console.emit(event)).await?;
            console.emit(Event::Removed(job));
        }
    }
    Ok(Ending::Done)
}

/// The run of a name, or the last of a journal.
pub async fn find_in(
    cluster: &Cluster,
    journal: Option<PathBuf>,
    name: Option<String>,
) -> Result<Run, Error> {
    find(cluster, &Notebook::read(journal), name).await
}

/// The run of a name, or the last that was started here in the cluster's namespace.
async fn find(cluster: &Cluster, notebook: &Notebook, name: Option<String>) -> Result<Run, Error> {
    if let Some(name) = name {
        return Ok(cluster.run(&name).await?);
    }
    let was_created = |entry: &Entry| entry.stage != Stage::Over || entry.uid.is_some();
    if let Some(last) = notebook.runs(cluster).into_iter().find(was_created) {
        if let Some(run) = cluster.find_run(&last.job).await? {
            return Ok(run);
        }
        let what = match last.uid {
            Some(_) => format!("the last run from here, `{}`, is no longer there", last.job),
            None => format!("no Job of the last run from here, `{}`, is there", last.job),
        };
        return Err(cluster.no_such_run(what).await.into());
    }
    let elsewhere = notebook.all(cluster).into_iter().next();
    let what = elsewhere.map(|last| {
        let namespace = &last.namespace;
        format!("the last run from here is in another namespace, `--namespace {namespace}`")
    });
    let what = what.unwrap_or_else(|| "no run was started from here".into());
    Err(cluster.no_such_run(what).await.into())
}
