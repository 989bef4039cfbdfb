//! The commands for those who write and ship policies. They touch no cluster.

use super::policy_host;
use crate::console::Console;
use crate::error::Error;
use crate::event::Event;
use crate::exit::Ending;
use crate::plan::{DescribeFormat, Explain, Policies, PolicyPlan, ReplayPlan};
use crate::policy::{
    Cache, CacheError, Lock, PolicyChain, PolicyError, PolicyHost, PolicySource, Replay,
};
use std::path::{Path, PathBuf};

/// Execute a plan.
pub fn execute(plan: PolicyPlan, console: &mut Console) -> Result<Ending, Error> {
    match plan {
        PolicyPlan::Inspect { source, limits, cache, format } => {
            let cache = super::cache(cache, console);
            inspect(*source, policy_host(limits, cache)?, format, console)?
        }
        PolicyPlan::Lock { policies, path } => lock(policies, &path, console)?,
        PolicyPlan::Precompile { policies, cache } => precompile(policies, cache, console)?,
        PolicyPlan::Replay(plan) => replay(*plan, console)?,
    }
    Ok(Ending::Done)
}

fn inspect(
    source: PolicySource,
    host: PolicyHost,
    format: DescribeFormat,
    console: &mut Console,
) -> Result<(), Error> {
    let inspection = host.inspect(source, |event| console.emit(event))?;
    console.policy(&inspection, format);
    Ok(())
}

fn lock(policies: Policies, path: &Path, console: &mut Console) -> Result<(), Error> {
    let Policies { sources, limits, .. } = policies;
    let host = policy_host(limits.clone(), None)?;
    let opened = sources.into_iter().map(|source| host.open(source));
    let opened = opened.collect::<Result<Vec<_>, _>>()?;
    let chain = PolicyChain::new(host.load_all(opened.clone(), |event| console.emit(event))?)?;
    chain.policies().iter().for_each(|policy| console.emit(policy.loaded()));
    let lock = Lock::of(&opened, &chain, &limits);
    lock.write(path).map_err(|source| Error::Unwritable {
        what: "the lock file",
        path: path.to_owned(),
        source,
    })?;
    console.emit(Event::Locked { path: path.display().to_string(), count: opened.len() });
    Ok(())
}

fn precompile(policies: Policies, cache: PathBuf, console: &mut Console) -> Result<(), Error> {
    let Policies { sources, limits, .. } = policies;
    let folder = cache.display().to_string();
    let cache = Cache::open(cache).map_err(|why| not_kept(&why))?;
    let host = policy_host(limits, Some(cache))?;
    for source in sources {
        let path = source.path().display().to_string();
        host.precompile(source, |event| console.emit(event))?;
        if let Some(why) = host.cache_trouble() {
            return Err(not_kept(why));
        }
        console.emit(Event::Precompiled { path, folder: folder.clone() });
    }
    Ok(())
}

fn not_kept(why: &CacheError) -> Error {
    Error::Usage { what: why.to_string(), hint: why.hint() }
}

/// Review every Job of a recording again. It ends as the review did, or with the first deviation
/// from what was recorded.
fn replay(plan: ReplayPlan, console: &mut Console) -> Result<(), Error> {
    let ReplayPlan { replay, path, cache, explain, format } = plan;
    let host = policy_host(replay.limits.clone(), super::cache(cache, console))?;
    let chain = recorded_chain(&host, &replay, console)?;
    let deviates = |deviation| Error::Deviates {
        path: path.clone(),
        program: replay.program().to_owned(),
        deviation: Box::new(deviation),
    };
    if let Some(deviation) = replay.deviation() {
        return Err(deviates(deviation));
    }
    let mut manifests = Vec::new();
    for replayed in replay.review(&chain) {
        replayed.reviewed.events().for_each(|event| console.emit(event));
        if let Some(deviation) = replayed.deviation {
            return Err(deviates(deviation));
        }
        manifests.push(replayed.reviewed.result?.manifest(false));
    }
    if explain != Explain::Json {
        console.manifests(manifests, format);
    }
    Ok(())
}

fn recorded_chain(
    host: &PolicyHost,
    replay: &Replay,
    console: &mut Console,
) -> Result<PolicyChain, PolicyError> {
    let opened = replay.sources.iter().map(|source| host.open(source.clone()));
    let opened = opened.collect::<Result<Vec<_>, _>>()?;
    let chain = PolicyChain::new(host.load_all(opened, |event| console.emit(event))?)?;
    chain.policies().iter().for_each(|policy| console.emit(policy.loaded()));
    Ok(chain)
}
