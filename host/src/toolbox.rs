//! The commands for those who write and ship policies. They touch no cluster and make no Job.

use crate::console::Console;
use crate::error::Error;
use crate::event::Event;
use crate::outcome::Outcome;
use crate::plan::{DescribeFormat, Explain, Policies, Tool};
use crate::policy::{Cache, Limits, Lock, PolicyChain, PolicyHost, PolicySource, Replay};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Do what was asked for.
pub fn work(tool: Tool, console: &mut Console) -> Result<Outcome, Error> {
    match tool {
        Tool::Inspect { source, format } => inspect(*source, format, console)?,
        Tool::Lock { policies, path } => lock(policies, &path, console)?,
        Tool::Precompile { policies, cache } => precompile(policies, cache, console)?,
        Tool::Replay { replay, path, cache, explain, format } => {
            let manifests = again(*replay, &path, cache, console)?;
            if explain != Explain::Json {
                console.manifests(manifests, format);
            }
        }
    }
    Ok(Outcome::Succeeded)
}

fn inspect(source: PolicySource, format: DescribeFormat, console: &mut Console) -> Result<(), Error> {
    let inspection = PolicyHost::new(Limits::default(), None)?.inspect(source)?;
    console.policy(&inspection, format);
    Ok(())
}

fn lock(policies: Policies, path: &Path, console: &mut Console) -> Result<(), Error> {
    let Policies { sources, limits, .. } = policies;
    let host = PolicyHost::new(limits, None)?;
    let chain = PolicyChain::new(host.load_all(sources.clone(), |event| console.tell(event))?)?;
    chain.policies().iter().for_each(|policy| console.tell(policy.introduce()));
    let lock = Lock::of(&sources, &chain);
    std::fs::write(path, lock.to_string()).map_err(|error| Error::Unwritable {
        what: "the lock file",
        path: path.to_owned(),
        why: error.to_string(),
    })?;
    console.tell(Event::Locked { path: path.display().to_string(), count: sources.len() });
    Ok(())
}

fn precompile(policies: Policies, cache: PathBuf, console: &mut Console) -> Result<(), Error> {
    let Policies { sources, limits, .. } = policies;
    let folder = cache.display().to_string();
    let cache = Cache::open(cache).ok_or_else(|| Error::Usage {
        what: format!("compiled policies cannot be kept in `{folder}`"),
        hint: "the folder must belong to you, with mode 0700".into(),
    })?;
    let host = PolicyHost::new(limits, Some(cache))?;
    for source in sources {
        let path = source.path.display().to_string();
        host.precompile(&source)?;
        console.tell(Event::Precompiled { path, folder: folder.clone() });
    }
    Ok(())
}

/// Review every Job of a recording again. It ends as the review did; where anything is not as it was recorded, with that.
fn again(mut replay: Replay, path: &Path, cache: Option<PathBuf>, console: &mut Console) -> Result<Vec<Value>, Error> {
    let host = PolicyHost::new(replay.limits.clone(), cache.and_then(Cache::open))?;
    let chain = PolicyChain::new(host.load_all(std::mem::take(&mut replay.sources), |event| console.tell(event))?)?;
    chain.policies().iter().for_each(|policy| console.tell(policy.introduce()));
    let deviates = |deviation| Error::Deviates {
        path: path.to_owned(),
        program: replay.program().to_owned(),
        deviation: Box::new(deviation),
    };
    if let Some(deviation) = replay.deviation() {
        return Err(deviates(deviation));
    }
    let mut manifests = Vec::new();
    for replayed in replay.review(&chain) {
        replayed.reviewed.told().for_each(|event| console.tell(event));
        if let Some(deviation) = replayed.deviation {
            return Err(deviates(deviation));
        }
        manifests.push(replayed.reviewed.result?.manifest(false));
    }
    Ok(manifests)
}
