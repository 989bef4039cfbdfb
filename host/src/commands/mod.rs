//! The commands of the program: a file for each group. Each tells a story in the words of the rooms
//! before it.

mod claims;
mod cube;
mod data;
mod jobs;
mod notebook;
mod plan;
mod policy;
mod render;
mod reviewers;
mod run;
mod runs;
mod submit;
mod watch;

use crate::cluster::Interrupts;
use crate::console::{Console, SCHEMA};
use crate::error::Error;
use crate::event::Event;
use crate::exit::Ending;
use crate::plan::Plan;
use crate::policy::{Cache, Compiler, Limits, PolicyError, PolicyHost};
use std::path::PathBuf;

/// Execute a plan.
pub async fn execute(plan: Plan, console: &mut Console) -> Result<Ending, Error> {
    match plan {
        Plan::Run(plan) => {
            let run = async |interrupts, console: &mut Console| {
                run::run(*plan, interrupts, console).await
            };
            heeding(Some(Vec::new()), console, run).await
        }
        Plan::Runs(plan) => {
            let execute = async |interrupts, console: &mut Console| {
                runs::execute(*plan, interrupts, console).await
            };
            heeding(None, console, execute).await
        }
        Plan::Stage(plan) => {
            let stage = async |interrupts, console: &mut Console| {
                data::stage(*plan, interrupts, console).await
            };
            heeding(None, console, stage).await
        }
        Plan::Fetch(plan) => {
            let fetch = async |interrupts, console: &mut Console| {
                data::fetch(*plan, interrupts, console).await
            };
            heeding(None, console, fetch).await
        }
        Plan::Preflight(plan) => plan::plan(*plan, console).await,
        Plan::Render(plan) => render::render(*plan, console).await,
        Plan::Cube(plan) => Ok(cube::show(&plan, console)),
        Plan::Policy(plan) => policy::execute(*plan, console),
        Plan::Schema => {
            console.text(SCHEMA);
            Ok(Ending::Done)
        }
        Plan::Text(text) => {
            console.text(&text);
            Ok(Ending::Done)
        }
    }
}

/// A command that listens to signals, and its ending by one after which nothing more is waited for.
async fn heeding(
    not_submitted: Option<Vec<String>>,
    console: &mut Console,
    command: impl AsyncFnOnce(Interrupts, &mut Console) -> Result<Ending, Error>,
) -> Result<Ending, Error> {
    let interrupts = Interrupts::listen();
    let signal = tokio::select! {
        biased;
        signal = interrupts.abandoned() => signal,
        ended = command(interrupts, console) => return ended,
    };
    let left = console.open_job();
    console.emit(Event::Interrupted { signal: signal.name(), left, not_submitted });
    Ok(Ending::Interrupted(signal))
}

/// The cache in a folder. Where it cannot be used, that is told, and the command goes on.
fn cache(folder: Option<PathBuf>, console: &mut Console) -> Option<Cache> {
    let cache = Cache::open(folder?);
    cache.inspect_err(|why| console.emit(why.event())).ok()
}

/// The host of a command's policies: what it compiles, it compiles in a process of its own.
fn policy_host(limits: Limits, cache: Option<Cache>) -> Result<PolicyHost, PolicyError> {
    Ok(PolicyHost::new(limits, cache)?.with_compiler(Compiler::of_this_program()))
}
