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

use crate::cluster::{Interrupts, Signal};
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
            let interrupts = Interrupts::listen();
            let signal = tokio::select! {
                biased;
                signal = interrupts.abandoned() => signal,
                ended = run::run(*plan, interrupts, console) => return ended,
            };
            Ok(abandoned(signal, Some(Vec::new()), console))
        }
        Plan::Runs(plan) => {
            let interrupts = Interrupts::listen();
            let signal = tokio::select! {
                biased;
                signal = interrupts.abandoned() => signal,
                ended = runs::execute(*plan, interrupts, console) => return ended,
            };
            Ok(abandoned(signal, None, console))
        }
        Plan::Stage(plan) => {
            let interrupts = Interrupts::listen();
            let signal = tokio::select! {
                biased;
                signal = interrupts.abandoned() => signal,
                ended = data::stage(*plan, interrupts, console) => return ended,
            };
            Ok(abandoned(signal, None, console))
        }
        Plan::Fetch(plan) => {
            let interrupts = Interrupts::listen();
            let signal = tokio::select! {
                biased;
                signal = interrupts.abandoned() => signal,
                ended = data::fetch(*plan, interrupts, console) => return ended,
            };
            Ok(abandoned(signal, None, console))
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

/// The ending by a signal after which nothing more is waited for.
fn abandoned(signal: Signal, not_submitted: Option<Vec<String>>, console: &mut Console) -> Ending {
    let left = console.open_job();
    console.emit(Event::Interrupted { signal: signal.name(), left, not_submitted });
    Ending::Interrupted(signal)
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
