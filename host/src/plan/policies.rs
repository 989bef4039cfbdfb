//! The policies to use and their settings: first the platform team's list, then those of the
//! command line, then the settings of the command line on top.

use super::files::{self, document};
use super::in_force::{self, PoliciesFrom};
use super::lock::{self, LockFile};
use super::path;
use super::policies_file;
use super::set::Set;
use super::source::source;
use super::typed::{parts, refused};
use crate::cli::PolicyArgs;
use crate::error::Error;
use crate::job::Mode;
use crate::policy::{Grants, Limits, PolicySource};
use serde_json::json;
use std::path::{Path, PathBuf};

/// The policies to use, with their limits, lock and cache.
pub struct Policies {
    /// The policies in their order.
    pub sources: Vec<PolicySource>,
    /// The limits of each.
    pub limits: Limits,
    /// The policies file, if one is in force.
    pub from: Option<PoliciesFrom>,
    /// The file to record the reviews in.
    pub record: Option<PathBuf>,
    /// The lock to check them against, if there is one.
    pub lock: Option<LockFile>,
    /// The folder of compiled policies, if they are kept.
    pub cache: Option<PathBuf>,
}

/// Read every policy to use, with the lock to check them against.
pub fn read_with_lock(args: &PolicyArgs) -> Result<Policies, Error> {
    let policies = read(args)?;
    let path = policies.from.as_ref().map(|from| from.path.as_path());
    let lock = lock::read(path, args.locked)?;
    Ok(Policies { lock, ..policies })
}

/// Read every policy to use.
pub fn read(args: &PolicyArgs) -> Result<Policies, Error> {
    let from = in_force::find(args.policies.as_deref().map(Path::new))?;
    let (mut sources, mut limits) = match &from {
        Some(from) => policies_file::read(&from.path)?,
        None => Default::default(),
    };
    for typed in &args.policy {
        let (name, path) = path::named(typed);
        sources.push(source(name, &path::path(path, "the policy")?, "`--policy`")?);
    }
    for typed in &args.settings {
        let (name, path) = parts(typed, "--settings", "NAME=FILE")?;
        let path = path::path(Path::new(path), "the settings")?;
        // A file of comments alone sets nothing.
        let settings = Some(document("the settings", &path)?.to_json());
        let settings = settings.filter(|it| !it.is_null()).unwrap_or_else(|| json!({}));
        policy(&mut sources, name, "--settings")?.settings = settings;
    }
    set(&mut sources, &args.set)?;
    for typed in &args.grant {
        let (name, capabilities) = parts(typed, "--grant", "NAME=CAPABILITY,…")?;
        let names: Vec<_> =
            capabilities.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect();
        policy(&mut sources, name, "--grant")?.grants =
            Grants::new(Some(&names), &[]).map_err(|error| refused(typed, "--grant", error))?;
    }
    for name in &args.audit {
        match name.as_str() {
            "" => sources.iter_mut().for_each(|source| source.mode = Mode::Audit),
            name => policy(&mut sources, name, "--audit")?.mode = Mode::Audit,
        }
    }
    for typed in &args.limit {
        let (key, value) = parts(typed, "--limit", "LIMIT=VALUE")?;
        limits.set(key, value).map_err(|why| refused(typed, "--limit", why))?;
    }
    let record = args.record.as_deref().map(|file| path::path(file, "the recording"));
    let record = record.transpose()?;
    let cache = files::cache().filter(|_| !args.no_cache);
    Ok(Policies { sources, limits, from, record, lock: None, cache })
}

/// Apply settings of the command line.
pub fn set(sources: &mut [PolicySource], typed: &[String]) -> Result<(), Error> {
    typed.iter().try_for_each(|typed| {
        let set = Set::parse(typed)?;
        set.apply(&mut policy(sources, set.policy(), "--set")?.settings)
    })
}

fn policy<'a>(
    sources: &'a mut [PolicySource],
    name: &str,
    flag: &str,
) -> Result<&'a mut PolicySource, Error> {
    let known =
        sources.iter().map(|source| format!("`{}`", source.name)).collect::<Vec<_>>().join(", ");
    let found = sources.iter_mut().find(|source| source.name.as_str() == name);
    found.ok_or_else(|| Error::Usage {
        what: format!("`{flag}`: policy `{name}` is not configured"),
        hint: if known.is_empty() {
            "add its file with `--policy`".into()
        } else {
            format!("expected one of {known}")
        },
    })
}
